// @ts-check
/** What was sent, and what there is to send with: broadcasts, tier, credits and their statement. */

import { el } from "../demo/element.js";
import { capital, figure, momentWords, numberWords, spaced } from "../demo/words.js";
import { audienceWords, stateChip } from "./state.js";

/** @typedef {import("../studio/session.js").Session} Session */

/** @param {Session} session */
export async function home(session) {
  const [organizerId] = session.organizerIds;
  const path = `/api/premium/organizers/${encodeURIComponent(organizerId)}`;
  const [sent, credits, statement] = await Promise.all([
    session.ask("GET", "/api/messages/broadcasts?limit=50"),
    session.ask("GET", `${path}/credits`),
    session.ask("GET", `${path}/statement?limit=20`),
  ]);
  const node = el(
    "div",
    { class: "desk" },
    el("div", { class: "list" }, el("div", { class: "list-head" }, el("p", { class: "fine" }, session.nameOf(organizerId)), el("a", { class: "button small", href: "#/new" }, "New message")), broadcasts(sent.data.items)),
    el("div", { class: "purse" }, balance(credits.data), operations(statement.data.items)),
  );
  return { node };
}

/** @param {any[]} items */
function broadcasts(items) {
  if (!items.length) return el("div", { class: "panel table" }, el("p", { class: "empty" }, "Nothing sent yet. Your followers are listening."));
  const heads = ["Message", "State", "Delivered", "Credits", "When"].map((name) => el("th", { scope: "col" }, name));
  return el("div", { class: "panel table" }, el("table", {}, el("caption", { class: "hidden" }, "Messages to many, newest first"), el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...items.map(row))));
}

/** @param {any} broadcast */
function row({ id, content, state, channels, progress, credits, startsAt, audienceType }) {
  const cell = (/** @type {string} */ label, /** @type {(Node | string | null)[]} */ ...children) => el("td", { "data-label": label }, ...children);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("a", { href: `#/${encodeURIComponent(id)}` }, content.title), el("span", { class: "fine" }, `${audienceWords(audienceType)} · ${channels.join(", ")}`)),
    cell("State", stateChip(state)),
    cell("Delivered", channels.map((/** @type {string} */ channel) => numberWords(progress.delivered[channel])).join(" + ")),
    cell("Credits", figure(credits)),
    cell("When", momentWords(startsAt)),
  );
}

/** @param {any} credits */
const balance = ({ tier, available, reserved, spent }) =>
  el(
    "section",
    { class: "panel", "aria-labelledby": "purse-title" },
    el("h2", { id: "purse-title" }, "Credits"),
    el("dl", { class: "figures" }, fact("To spend", available), fact("On hold", reserved), fact("Spent", spent)),
    el("p", { class: "hint" }, "Tier ", el("b", {}, tier), ". Messages to followers’ inboxes are free."),
  );

/** @param {string} name @param {number} value */
const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, figure(value))));

/** What each kind of operation does to what can be spent. @type {Record<string, number>} */
const SIGNS = { granted: 1, purchased: 1, refunded: 1, reserved: -1 };

/** @param {any[]} items */
function operations(items) {
  const line = (/** @type {any} */ { kind, amount, at, reason, reference, available }) => {
    const sign = SIGNS[kind] ?? 0;
    const note = [reason && capital(spaced(reason)), reference].filter(Boolean).join(": ");
    return el("tr", {}, el("th", { scope: "row" }, capital(kind), el("span", { class: "fine" }, `${momentWords(at)}${note ? ` · ${note}` : ""}`)), el("td", { "data-label": "Amount" }, `${sign > 0 ? "+ " : sign < 0 ? "− " : ""}${figure(amount)}`), el("td", { "data-label": "Left to spend" }, figure(available)));
  };
  const heads = ["Operation", "Amount", "Left to spend"].map((name) => el("th", { scope: "col" }, name));
  return el(
    "section",
    { class: "panel table statement", "aria-labelledby": "statement-title" },
    el("h2", { id: "statement-title" }, "Statement"),
    items.length ? el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...items.map(line))) : el("p", { class: "empty" }, "No movement yet."),
  );
}
