// @ts-check
/** How far campaigns and broadcasts got: all of them side by side, or the report of one. */

import { el } from "../../demo/element.js";
import { momentWords, numberWords } from "../../demo/words.js";
import { pathOf } from "../../studio/saving.js";
import { broadcasts } from "../campaigns/broadcasts.js";
import { hidden, known, shareWords } from "../campaigns/counts.js";
import { impressions } from "../campaigns/impressions.js";
import { report } from "../campaigns/report.js";
import { choice } from "../controls.js";
import { several } from "../words.js";

/** @typedef {import("../../studio/session.js").Session} Session */

export const BROADCASTS = "/api/messages/broadcasts";
const STATES = ["delivered", "seen", "clicked", "dismissed", "acknowledged"];

/** @type {import("../app.js").Page} */
export const campaigns = {
  id: "campaigns",
  name: "Campaigns",
  title: "Campaigns and broadcasts",
  lead: "Each campaign’s message counts once, where it got to: left in the tray, seen, clicked, acknowledged or waved away. Broadcasts count people who ever did so.",
  async open({ session, signal, id = "", say }) {
    const [running, sent] = await Promise.all([shownOf(session, signal), sentOf(session, signal)]);
    const names = [...running, ...sent].map(({ ident, title }) => /** @type {[string, string]} */ ([ident, title]));
    const select = choice("Report of", [["", "all, side by side"], ...names], id, (value) => (location.hash = `#/campaigns/${encodeURIComponent(value)}`));
    const controls = el("div", { class: "panel controls", role: "group", "aria-label": "Which report" }, select);
    const one = running.find(({ ident }) => ident === id);
    const other = sent.find(({ ident }) => ident === id);
    say(one || other ? `The report of ${(one ?? other)?.title}.` : `${several(running.length, "campaign")}, ${several(sent.length, "broadcast")}.`);
    if (one) return [controls, ofCampaign(one)];
    if (other) return [controls, ofBroadcast(other), back(other)];
    if (!names.length) return [el("p", { class: "panel" }, "Nobody was shown anything yet.")];
    const counts = [...running.flatMap((each) => STATES.map((state) => each[state])), ...sent.flatMap(({ delivered, seen, clicked }) => [delivered, seen, clicked])];
    return [controls, running.length ? impressions(running) : null, sent.length ? broadcasts(sent) : null, ...hidden(counts)].filter((node) => node !== null);
  },
};

/** Campaigns that reached somebody, with their reports. @param {Session} session @param {AbortSignal} signal @returns {Promise<any[]>} */
async function shownOf(session, signal) {
  const { data } = await session.ask("GET", "/api/messages/campaigns?limit=50", { signal });
  const running = data.items.filter((/** @type {any} */ { status }) => status !== "draft");
  const told = await reports(running, ({ id }) => `${pathOf(id)}/report`, session, signal);
  return told.map(([{ id, name }, each]) => ({ ...each, ident: id, title: name, name })).filter(({ shown, delivered }) => shown.value !== 0 || delivered.value !== 0);
}

/** Broadcasts that went out, with their reports. @param {Session} session @param {AbortSignal} signal @returns {Promise<any[]>} */
async function sentOf(session, signal) {
  const { data } = await session.ask("GET", `${BROADCASTS}?limit=20`, { signal });
  const begun = data.items.filter((/** @type {any} */ { beganAt }) => beganAt);
  const told = await reports(begun, ({ id }) => `${BROADCASTS}/${encodeURIComponent(id)}/report`, session, signal);
  return told.map(([{ id, content, beganAt, organizerId }, each]) => ({ ...each, ident: id, title: content.title, day: momentWords(beganAt), beganAt, organizerId }));
}

/** @param {any[]} items @param {(item: any) => string} path @param {Session} session @param {AbortSignal} signal @returns {Promise<[any, any][]>} */
async function reports(items, path, session, signal) {
  /** @type {[any, any][]} */
  const told = [];
  for (const item of items) told.push([item, (await session.ask("GET", path(item), { signal })).data]);
  return told;
}

/** @param {any} told */
function ofCampaign(told) {
  const { title, shown, clicked, acknowledged, dismissed, delivered, at } = told;
  const reached = known(shown) && known(delivered) ? { value: shown.value + delivered.value, text: "" } : shown;
  return report(
    title,
    `It reached ${numberWords(reached)} people: ${numberWords(shown)} impressions, acknowledged ${numberWords(acknowledged)} times (${shareWords(acknowledged, shown)}).`,
    [["Reached", reached], ["Seen", shown], ["Clicked last", clicked], ["Acknowledged", acknowledged], ["Waved away", dismissed]],
    at,
  );
}

/** @param {any} told */
function ofBroadcast(told) {
  const { title, day, delivered, seen, clicked, acknowledged, unsubscribed, replies, asOf } = told;
  return report(
    title,
    `Sent ${day} to ${numberWords(delivered)} people; ${shareWords(seen, delivered)} saw it, ${shareWords(clicked, delivered)} clicked.`,
    [["Delivered", delivered], ["Seen", seen], ["Clicked", clicked], ["Acknowledged", acknowledged], ["Replied", replies], ["Left afterwards", unsubscribed]],
    asOf,
  );
}

/** @param {any} told */
const back = ({ ident }) => el("p", { class: "card-actions" }, el("a", { class: "button small quiet", href: `#/reactivation/${encodeURIComponent(ident)}` }, "Who came back after it"));
