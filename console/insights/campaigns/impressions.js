// @ts-check
/** Impressions of campaigns against what came of them: a bar for each, in parts that differ in pattern. */

import { figure, numberWords } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { asOfWords, clipped, several } from "../words.js";
import { shareWords } from "./counts.js";

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

/** @param {any[]} reports */
export function impressions(reports) {
  const drawn = [...reports].sort((one, other) => (other.shown.value ?? 0) - (one.shown.value ?? 0));
  const best = drawn[0];
  return chart({
    title: "Impressions and what came of them",
    words: `${several(drawn.length, "campaign")}, the most shown first: ${best.name}, shown ${numberWords(best.shown)} times, acknowledged ${numberWords(best.acknowledged)} times.`,
    height: (narrow) => drawn.length * (narrow ? ROW + 14 : ROW) + (narrow ? NARROW_ROOM : ROOM),
    draw: (colours, narrow) => bars(drawn, colours, narrow),
    table: {
      caption: "Campaigns and how far their messages got",
      head: ["Campaign", "Shown", ...STATES.map(([, name]) => name), "Acknowledged of shown"],
      rows: drawn.map((report) => [report.name, numberWords(report.shown), ...STATES.map(([state]) => numberWords(report[state])), shareWords(report.acknowledged, report.shown)]),
      open: true,
    },
    notes: [asOfWords(best.at)],
  });
}

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
