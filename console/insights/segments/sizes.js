// @ts-check
/** The segments there are, by how many people they had when they were counted last. */

import { axis, chart } from "../charts/chart.js";
import { clipped, sizeWords } from "../words.js";

const ROW = 40;
const ROOM = 50;

/** @param {any[]} segments @returns {HTMLElement[]} none when nothing was counted */
export function sizes(segments) {
  const told = segments.filter(({ size_estimate, size_under }) => size_estimate !== undefined || size_under !== undefined);
  if (!told.length) return [];
  const drawn = [...told].sort((one, other) => (other.size_estimate ?? 0) - (one.size_estimate ?? 0));
  const words = (/** @type {any} */ { size_estimate, size_under }) => sizeWords({ count: size_estimate, under: size_under });
  return [
    chart({
      title: "Segments by size",
      words: `${drawn.length} segments; the largest is «${drawn[0].segment_name}» with ${words(drawn[0])} people.`,
      height: () => drawn.length * ROW + ROOM,
      draw: (colours, narrow) => ({
        grid: { left: narrow ? 130 : 300, right: 60, top: 8, bottom: 30 },
        xAxis: axis(colours, { type: "value", minInterval: 1 }),
        yAxis: axis(colours, { type: "category", inverse: true, data: drawn.map(({ segment_name }) => segment_name), axisLabel: { color: colours.ink, formatter: (/** @type {string} */ name) => clipped(name, narrow ? 17 : 44) } }),
        series: [{ type: "bar", barWidth: 20, data: drawn.map(({ size_estimate }) => size_estimate ?? 0), label: { show: true, position: "right", color: colours.ink, formatter: ({ dataIndex }) => words(drawn[dataIndex]) } }],
      }),
      table: { caption: "Segments", head: ["Segment", "People", "Version"], rows: drawn.map((each) => [each.segment_name, words(each), each.version]) },
    }),
  ];
}
