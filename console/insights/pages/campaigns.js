// @ts-check
/** How far campaigns got: what was shown, and what became of it. */

import { el } from "../../demo/element.js";
import { figure, numberWords } from "../../demo/words.js";
import { pathOf } from "../../studio/saving.js";
import { axis, chart } from "../charts/chart.js";
import { asOfWords, clipped, percent } from "../words.js";

const ROW = 46;
const ROOM = 90;
/** The legend takes three lines on a phone. */
const NARROW_ROOM = 150;
/** How a message can stand, and what its part of a bar is called. */
const STATES = /** @type {const} */ ([
  ["acknowledged", "Acknowledged"],
  ["clicked", "Clicked"],
  ["dismissed", "Dismissed"],
  ["seen", "Seen only"],
  ["delivered", "Not seen yet"],
]);

/** @type {import("../app.js").Page} */
export const campaigns = {
  id: "campaigns",
  name: "Campaigns",
  title: "Campaigns",
  lead: "Each message counts once, where it got to: left in the tray, seen, clicked, acknowledged or waved away.",
  async open({ session, signal, say }) {
    const { data } = await session.ask("GET", "/api/messages/campaigns?limit=50", { signal });
    const running = data.items.filter((/** @type {any} */ { status }) => status !== "draft");
    /** @type {any[]} */
    const reports = [];
    for (const { id, name } of running) reports.push({ name, ...(await session.ask("GET", `${pathOf(id)}/report`, { signal })).data });
    const told = reports.filter(({ shown, delivered }) => shown.value !== 0 || delivered.value !== 0);
    say(`${told.length} campaigns.`);
    return told.length ? [picture(told), ...hidden(told)] : [el("p", { class: "panel" }, "Nobody was shown anything yet.")];
  },
};

/** @param {any[]} reports */
function picture(reports) {
  const drawn = [...reports].sort((one, other) => (other.shown.value ?? 0) - (one.shown.value ?? 0));
  const best = drawn[0];
  return chart({
    title: "Impressions and what came of them",
    words: `${drawn.length} campaigns, the most shown first: ${best.name}, shown ${numberWords(best.shown)} times, acknowledged ${numberWords(best.acknowledged)} times.`,
    height: (narrow) => drawn.length * (narrow ? ROW + 14 : ROW) + (narrow ? NARROW_ROOM : ROOM),
    draw: (colours, narrow) => bars(drawn, colours, narrow),
    table: {
      caption: "Campaigns and how far their messages got",
      head: ["Campaign", "Shown", ...STATES.map(([, name]) => name), "Acknowledged of shown"],
      rows: drawn.map((report) => [report.name, numberWords(report.shown), ...STATES.map(([state]) => numberWords(report[state])), rate(report)]),
      open: true,
    },
    notes: [asOfWords(best.at)],
  });
}

/** @param {any} report */
const rate = ({ acknowledged, shown }) => (shown.value && acknowledged.value !== null && acknowledged.value !== undefined ? percent(acknowledged.value / shown.value) : "–");

/** @param {any[]} reports @param {import("../charts/chart.js").Palette} colours @param {boolean} narrow */
function bars(reports, colours, narrow) {
  const shades = [colours.wine, colours.brass, colours.critical, colours.info, colours.line];
  return {
    grid: { left: narrow ? 8 : 190, right: 24, top: narrow ? 110 : 44, bottom: 30 },
    legend: { show: true, top: 0, left: 0, itemGap: 16, textStyle: { color: colours.ink, fontSize: 13 } },
    tooltip: { renderMode: "richText", trigger: "axis", axisPointer: { type: "shadow" }, backgroundColor: colours.sheet, borderColor: colours.line, textStyle: { color: colours.ink }, confine: true },
    xAxis: axis(colours, { type: "value", minInterval: 1 }),
    yAxis: axis(colours, {
      type: "category",
      inverse: true,
      data: reports.map(({ name }) => name),
      axisLabel: narrow
        ? { inside: true, verticalAlign: "bottom", padding: [0, 0, 12, -6], color: colours.ink, fontSize: 13, formatter: (/** @type {string} */ name) => clipped(name, 34) }
        : { color: colours.ink, fontSize: 13, formatter: (/** @type {string} */ name) => clipped(name, 26) },
      z: 5,
    }),
    series: STATES.map(([state, name], at) => ({
      name,
      type: "bar",
      stack: "all",
      barWidth: narrow ? 16 : 22,
      itemStyle: { color: shades[at], borderColor: colours.sheet, borderWidth: 1 },
      label: { show: true, color: colours.ink, fontSize: 12, textBorderColor: colours.sheet, textBorderWidth: 3, formatter: ({ value }) => (value > 0 ? figure(value) : "") },
      labelLayout: { hideOverlap: true },
      data: reports.map((report) => report[state].value ?? 0),
    })),
  };
}

/** @param {any[]} reports */
function hidden(reports) {
  const some = reports.some((report) => STATES.some(([state]) => report[state].value === null || report[state].value === undefined));
  return some ? [el("p", { class: "fine" }, "Numbers under 20 are not told, and not drawn: nobody is to be known by them.")] : [];
}
