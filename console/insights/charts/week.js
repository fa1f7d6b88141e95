// @ts-check
/** The 168 hours of a week as a heat map: each cell has its number, so that it reads without colour. */

import { figure } from "../../demo/words.js";
import { asOfWords } from "../words.js";
import { chart } from "./chart.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/** A social day begins at six. */
const FIRST = 6;
const HOURS = Array.from({ length: 24 }, (_, at) => (FIRST + at) % 24);
const ROW = 44;
const NARROW_ROW = 25;
const ROOM = 64;

/** @typedef {{weekday: number, hour: number, logins: number, occurrences: number, mean: number}} Cell */

/** @param {number} hour */
const clock = (hour) => `${String(hour).padStart(2, "0")}:00`;

/** @param {{cells: Cell[], asOf: string, firstDay: string, lastDay: string}} data */
export function week({ cells, asOf, firstDay, lastDay }) {
  const at = new Map(cells.map((cell) => [`${cell.weekday} ${cell.hour}`, cell]));
  const of = (/** @type {number} */ weekday, /** @type {number} */ hour) => /** @type {Cell} */ (at.get(`${weekday} ${hour}`) ?? { weekday, hour, logins: 0, occurrences: 0, mean: 0 });
  const top = cells.reduce((best, cell) => (cell.mean > best.mean ? cell : best), of(0, 0));
  return chart({
    title: "An average week",
    words: top.logins ? `Most come on ${DAYS[top.weekday]} at ${clock(top.hour)}: ${short(top.mean)} logins on an average one.` : "Nobody logged in.",
    height: (narrow) => (narrow ? 24 * NARROW_ROW : 7 * ROW) + ROOM,
    draw: (colours, narrow) => map(of, top.mean, colours, narrow),
    table: {
      caption: "Logins in an average hour, by weekday",
      head: ["Day", ...HOURS.map(clock)],
      rows: DAYS.map((name, weekday) => [name, ...HOURS.map((hour) => short(of(weekday, hour).mean))]),
    },
    notes: [`Logins from ${firstDay} to ${lastDay}, divided by how often each hour occurred. `, asOfWords(asOf)],
  });
}

/** @param {number} mean */
const short = (mean) => (mean === 0 ? "0" : mean < 9.95 ? mean.toFixed(1) : figure(Math.round(mean)));

/**
 * @param {(weekday: number, hour: number) => Cell} of
 * @param {number} most
 * @param {import("./palette.js").Palette} colours
 * @param {boolean} narrow hours go down then, and days across
 */
function map(of, most, colours, narrow) {
  const level = (/** @type {number} */ mean) => (mean === 0 || most === 0 ? 0 : Math.max(1, Math.ceil((mean / most) * (colours.steps.length - 1))));
  const data = DAYS.flatMap((_, weekday) =>
    HOURS.map((hour, place) => {
      const { mean } = of(weekday, hour);
      const step = level(mean);
      return { value: narrow ? [weekday, place, mean] : [place, weekday, mean], itemStyle: { color: colours.steps[step] }, label: { color: colours.on[step] } };
    }),
  );
  const across = (/** @type {object} */ more) => ({ type: "category", axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: colours["ink-soft"], fontSize: 12.5, interval: 0 }, ...more });
  const hours = HOURS.map((hour) => String(hour).padStart(2, "0"));
  return {
    aria: { enabled: true, decal: { show: false } },
    grid: { left: narrow ? 34 : 48, right: 4, top: 30, bottom: 8 },
    xAxis: across({ position: "top", data: narrow ? DAYS : hours }),
    yAxis: across({ inverse: true, data: narrow ? hours : DAYS }),
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colours.sheet,
      borderColor: colours.line,
      textStyle: { color: colours.ink },
      formatter: (/** @type {any} */ { value }) => {
        const [weekday, place] = narrow ? value : [value[1], value[0]];
        const cell = of(weekday, HOURS[place]);
        return `${DAYS[weekday]} ${clock(cell.hour)}\n${short(cell.mean)} on average\n${figure(cell.logins)} in ${figure(cell.occurrences)} weeks`;
      },
    },
    series: [
      {
        type: "heatmap",
        data,
        label: { show: true, fontSize: narrow ? 11 : 12, formatter: (/** @type {any} */ { value }) => (value[2] ? short(value[2]) : "") },
        itemStyle: { borderColor: colours.sheet, borderWidth: 2 },
        emphasis: { itemStyle: { borderColor: colours.ink, borderWidth: 2 } },
      },
    ],
    visualMap: { show: false, type: "continuous", min: 0, max: Math.max(most, 1), inRange: { opacity: [1, 1] } },
  };
}
