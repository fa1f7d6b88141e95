// @ts-check
/** Whether messages bring back who stayed away: those whom one reached beside those without, with what may be chance. */

import { el } from "../../demo/element.js";
import { numberWords } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { hidden } from "../campaigns/counts.js";
import { choice, day, dayField } from "../controls.js";
import { asOfWords, percent } from "../words.js";
import { BROADCASTS } from "./campaigns.js";

const PATH = "/api/analytics/reactivation";
const HEIGHT = 210;
/** Whom messages reached is known no longer. */
const KNOWN_DAYS = 89;
/** @type {[string, string][]} */
const WITHIN = [["7", "7 days"], ["14", "14 days"], ["30", "30 days"]];
/** @type {[string, string][]} */
const WAYS = [["", "any way"], ["inbox", "to the inbox"], ["push", "to their device"]];

/** @typedef {{value: number, low: number, high: number}} Rate */

/** @type {import("../app.js").Page} */
export const reactivation = {
  id: "reactivation",
  name: "Coming back",
  title: "Who came back",
  lead: "People who had stayed away for 30 days: those whom a broadcast reached then, and those whom none did, each with as many days to come back in.",
  async open({ session, signal, id = "", say }) {
    const { data: list } = await session.ask("GET", `${BROADCASTS}?limit=20`, { signal });
    const sent = list.items.filter((/** @type {any} */ { beganAt }) => beganAt > day(-KNOWN_DAYS));
    const one = sent.find((/** @type {any} */ each) => each.id === id);
    const begun = one?.beganAt.slice(0, 10) ?? "";
    const owner = one?.organizerId ?? (session.isAdmin ? "" : session.organizerIds[0]);
    /** @type {Record<string, string>} */
    const asked = { organizationId: owner, campaignId: one?.id ?? "", channel: "", withinDays: "14", from: begun, to: begun };
    const answer = el("div", { class: "answer" });
    const controls = el("div", { class: "panel controls", role: "group", "aria-label": "Which messages" });
    const show = async () => {
      const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
      const { data } = await session.ask("GET", `${PATH}?${query}`, { signal });
      answer.replaceChildren(picture(data), ...hidden([data.reached.dormant, data.reached.returned, data.comparison.dormant, data.comparison.returned]));
      say(words(data));
      return data;
    };
    const set = (/** @type {string} */ name) => (/** @type {string} */ value) => {
      asked[name] = value;
      return show();
    };
    const { firstDay, lastDay } = await show();
    controls.append(
      choice("Broadcast", [["", "all of them"], ...sent.map((/** @type {any} */ { id: ident, content }) => [ident, content.title])], one?.id ?? "", (value) => (location.hash = `#/reactivation/${encodeURIComponent(value)}`)),
      choice("Back within", WITHIN, asked.withinDays, set("withinDays")),
      choice("Sent", WAYS, asked.channel, set("channel")),
      dayField("Sent from", firstDay, set("from")),
      dayField("Until", lastDay, set("to")),
    );
    return [controls, answer];
  },
};

/** @param {any} data */
function picture(data) {
  const groups = /** @type {[string, any][]} */ ([["Written to", data.reached], ["No message", data.comparison]]);
  return chart({
    title: `Back within ${data.withinDays} days`,
    words: words(data),
    height: () => HEIGHT,
    draw: (colours, narrow) => bars(groups, colours, narrow),
    table: {
      caption: "Dormant people and how many came back",
      head: ["People", "Had stayed away", "Came back", "Share", "But for chance between"],
      rows: groups.map(([name, { dormant, returned, rate }]) => [name, numberWords(dormant), numberWords(returned), percent(rate?.value), spanWords(rate)]),
      open: true,
    },
    notes: [
      verdict(data.difference),
      " Nobody was left out by lot: who was written to may differ in more than the message, so this is a hint and no proof. ",
      data.complete ? "" : "Some still have days left to come back in. ",
      data.exact ? "Everybody was counted. " : data.bound ? `Numbers are rounded; off by ${data.bound} at most. ` : "Drawn from a sample. ",
      `Messages from ${data.firstDay} to ${data.lastDay}. `,
      asOfWords(data.asOf),
    ],
  });
}

/** @param {any} data */
const words = ({ reached, comparison, withinDays }) => `Back within ${withinDays} days: ${groupWords("whom a message reached", reached)}; ${groupWords("without one", comparison)}.`;

/** @param {string} who @param {any} group */
const groupWords = (who, { dormant, returned, rate }) => (rate ? `of ${numberWords(dormant)} people ${who} ${numberWords(returned)} (${percent(rate.value)})` : `of those ${who} too few to be told`);

/** @param {Rate | undefined} rate */
const spanWords = (rate) => (rate ? `${percent(rate.low)} and ${percent(rate.high)}` : "–");

/** @param {Rate | undefined} difference */
function verdict(difference) {
  if (!difference) return "Too few people to compare.";
  const points = (/** @type {number} */ share) => `${share > 0 ? "+" : ""}${Math.round(share * 1000) / 10}`;
  const span = `${points(difference.value)} points, but for chance between ${points(difference.low)} and ${points(difference.high)}`;
  return difference.low > 0 ? `More came back of those who were written to: ${span}.` : difference.high < 0 ? `Fewer came back of those who were written to: ${span}.` : `The difference may be chance: ${span}.`;
}

/** @param {[string, any][]} groups @param {import("../charts/chart.js").Palette} colours @param {boolean} narrow */
function bars(groups, colours, narrow) {
  const share = (/** @type {number} */ value) => Math.round(value * 1000) / 10;
  return {
    grid: { left: narrow ? 92 : 130, right: narrow ? 26 : 60, top: 10, bottom: 30 },
    xAxis: axis(colours, { type: "value", min: 0, max: 100, axisLabel: { formatter: "{value} %", color: colours["ink-soft"], fontSize: 12.5 } }),
    yAxis: axis(colours, { type: "category", inverse: true, data: groups.map(([name]) => name), axisLabel: { color: colours.ink, fontSize: 13.5 } }),
    series: [
      {
        name: "came back",
        type: "bar",
        barWidth: 34,
        data: groups.map(([, { rate }], at) => ({ value: rate ? share(rate.value) : 0, itemStyle: { color: at ? colours.brass : colours.wine } })),
        label: { show: true, position: "insideTopLeft", distance: 0, offset: [2, -18], color: colours.ink, fontSize: 13.5, fontWeight: "bold", formatter: (/** @type {any} */ { dataIndex }) => (groups[dataIndex][1].rate ? percent(groups[dataIndex][1].rate.value) : "too few to be told") },
      },
      {
        name: "but for chance between",
        type: "custom",
        data: groups.flatMap(([, { rate }], at) => (rate ? [[share(rate.low), share(rate.high), at]] : [])),
        encode: { x: [0, 1], y: 2 },
        tooltip: { show: false },
        renderItem: (/** @type {any} */ _params, /** @type {any} */ api) => whiskers(api, colours),
        z: 10,
      },
    ],
  };
}

/** A line from the least to the most, with ends, set off from the bar beneath. @param {any} api @param {import("../charts/chart.js").Palette} colours */
function whiskers(api, { ink, sheet }) {
  const [low, y] = api.coord([api.value(0), api.value(2)]);
  const [high] = api.coord([api.value(1), api.value(2)]);
  const lines = [[low, y, high, y], [low, y - 7, low, y + 7], [high, y - 7, high, y + 7]];
  const strokes = /** @type {[string, number][]} */ ([[sheet, 6], [ink, 2]]);
  return { type: "group", children: strokes.flatMap(([stroke, lineWidth]) => lines.map(([x1, y1, x2, y2]) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke, lineWidth } }))) };
}
