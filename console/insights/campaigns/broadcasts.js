// @ts-check
/** Broadcasts side by side: of those who got each, how many saw it, clicked, acknowledged. */

import { numberWords } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { asOfWords, clipped, several } from "../words.js";
import { known, shareWords } from "./counts.js";

const ROW = 92;
const NARROW_ROW = 108;
const ROOM = 84;
const DEEDS = /** @type {const} */ ([["seen", "Seen"], ["clicked", "Clicked"], ["acknowledged", "Acknowledged"]]);

/** @param {any[]} reports newest first, each with its `title` and `day` */
export function broadcasts(reports) {
  const best = reports.filter(share).sort((one, other) => share(other) - share(one))[0];
  return chart({
    title: "Broadcasts, newest first",
    words: `${several(reports.length, "broadcast")}${best ? `; most seen: «${best.title}», by ${shareWords(best.seen, best.delivered)} of ${numberWords(best.delivered)} people` : ""}.`,
    height: (narrow) => reports.length * (narrow ? NARROW_ROW : ROW) + ROOM,
    draw: (colours, narrow) => bars(reports, colours, narrow),
    table: {
      caption: "Broadcasts and what readers did",
      head: ["Broadcast", "Sent", "Delivered", ...DEEDS.map(([, name]) => name), "Seen of delivered", "Clicked of delivered", "Left afterwards", "Replies"],
      rows: reports.map((each) => [each.title, each.day, numberWords(each.delivered), ...DEEDS.map(([deed]) => numberWords(each[deed])), shareWords(each.seen, each.delivered), shareWords(each.clicked, each.delivered), numberWords(each.unsubscribed), numberWords(each.replies)]),
      open: true,
    },
    notes: ["Shares of those it was delivered to. Each number counts people who ever did so. ", asOfWords(reports[0].asOf)],
  });
}

/** @param {any} report */
const share = ({ seen, delivered }) => (known(seen) && delivered.value ? seen.value / delivered.value : 0);

/** @param {any[]} reports @param {import("../charts/chart.js").Palette} colours @param {boolean} narrow */
function bars(reports, colours, narrow) {
  const part = (/** @type {any} */ report, /** @type {string} */ deed) => (known(report[deed]) && report.delivered.value ? Math.round((1000 * report[deed].value) / report.delivered.value) / 10 : 0);
  return {
    grid: { left: narrow ? 8 : 230, right: narrow ? 50 : 70, top: 44, bottom: 30 },
    legend: { show: true, top: 0, left: 0, itemGap: 16, textStyle: { color: colours.ink, fontSize: 13 } },
    xAxis: axis(colours, { type: "value", min: 0, max: 100, axisLabel: { formatter: "{value} %", color: colours["ink-soft"], fontSize: 12.5 } }),
    yAxis: axis(colours, {
      type: "category",
      inverse: true,
      data: reports.map(({ title }) => title),
      axisLabel: narrow
        ? { inside: true, verticalAlign: "bottom", padding: [0, 0, 38, -6], color: colours.ink, fontSize: 13, formatter: (/** @type {string} */ name) => clipped(name, 38) }
        : { color: colours.ink, fontSize: 13, formatter: (/** @type {string} */ name) => clipped(name, 30) },
      z: 5,
    }),
    series: DEEDS.map(([deed, name], at) => ({
      name,
      type: "bar",
      barWidth: narrow ? 14 : 18,
      barGap: "20%",
      color: [colours.info, colours.brass, colours.wine][at],
      label: { show: true, position: "right", color: colours.ink, fontSize: 12, formatter: (/** @type {any} */ { dataIndex }) => (known(reports[dataIndex][deed]) ? shareWords(reports[dataIndex][deed], reports[dataIndex].delivered) : reports[dataIndex][deed].text) },
      data: reports.map((report) => part(report, deed)),
    })),
  };
}
