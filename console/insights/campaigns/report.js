// @ts-check
/** One campaign or broadcast: how many it reached, and what they did. */

import { numberWords } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { asOfWords } from "../words.js";
import { shareWords } from "./counts.js";

const ROW = 48;
const ROOM = 34;

/** @typedef {import("./counts.js").Count} Count */

/**
 * @param {string} title
 * @param {string} words what it says in a sentence
 * @param {[string, Count][]} rows the first is the whole
 * @param {string} moment as of when
 */
export function report(title, words, rows, moment) {
  const whole = rows[0][1];
  return chart({
    title,
    words,
    height: () => rows.length * ROW + ROOM,
    draw: (colours, narrow) => ({
      grid: { left: narrow ? 116 : 180, right: narrow ? 66 : 150, top: 4, bottom: 30 },
      xAxis: axis(colours, { type: "value", minInterval: 1, min: 0 }),
      yAxis: axis(colours, { type: "category", inverse: true, data: rows.map(([name]) => name), axisLabel: { color: colours.ink, fontSize: 13.5 } }),
      series: [
        {
          type: "bar",
          barWidth: 26,
          itemStyle: { color: colours.wine },
          data: rows.map(([, { value }]) => value ?? 0),
          label: { show: true, position: "right", color: colours.ink, fontSize: 13.5, fontWeight: "bold", formatter: (/** @type {any} */ { dataIndex }) => label(rows[dataIndex][1], whole, dataIndex, narrow) },
        },
      ],
    }),
    table: {
      caption: "What became of it",
      head: ["People", "How many", "Share"],
      rows: rows.map(([name, count]) => [name, numberWords(count), shareWords(count, whole)]),
      open: true,
    },
    notes: [asOfWords(moment)],
  });
}

/** @param {Count} count @param {Count} whole @param {number} at @param {boolean} narrow */
function label(count, whole, at, narrow) {
  const share = shareWords(count, whole);
  return at && share !== "–" && !narrow ? `${numberWords(count)}  (${share})` : numberWords(count);
}
