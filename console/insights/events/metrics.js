// @ts-check
/** An event's days as charts: interest as lines that differ in stroke and mark, presence and sales as patterned bars. */

import { el } from "../../demo/element.js";
import { figure } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { asOfWords, percent, uniqueWords } from "../words.js";

const DAY_MS = 24 * 3600 * 1000;
const INTEREST = [["views", "Views", "solid", "circle"], ["add_to_cart", "Put in the cart", "dashed", "rect"], ["checkouts_started", "Went to pay", "dotted", "triangle"]];
const PRESENCE = [["rsvps", "Said they come"], ["checkins", "Came"], ["tickets_sold", "Tickets sold"]];

/** @param {any} metrics */
export function totals({ total }) {
  const money = Object.entries(total.revenue_by_currency).map(([currency, minor]) => (Number(minor) / 100).toLocaleString("en", { style: "currency", currency }));
  const tile = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ fine = "") => el("div", {}, el("dt", {}, name), el("dd", {}, value, fine ? el("span", {}, fine) : null));
  return el(
    "div",
    { class: "panel" },
    el("h2", {}, total.event_id),
    el(
      "dl",
      { class: "tiles" },
      tile("Views", figure(total.views), uniqueWords(total.unique_viewers)),
      tile("Tickets sold", figure(total.tickets_sold), total.refunds ? `${figure(total.refunds)} given back` : ""),
      tile("Revenue", money.join(", ") || "–"),
      tile("Buyers of viewers", percent(total.conversion_rate)),
      tile("Came", figure(total.checkins), `${figure(total.rsvps)} said so`),
      tile("Seats taken", percent(total.occupancy)),
    ),
    el("p", { class: "fine basis" }, asOfWords(total.as_of)),
  );
}

/** @param {any} metrics @param {boolean} weekly */
export function interest(metrics, weekly) {
  const spans = spansOf(metrics.items, weekly);
  return chart({
    title: "Interest",
    words: `Views, carts and payments begun, by ${weekly ? "week" : "day"}; ${figure(metrics.total.views)} views in all.`,
    height: () => 300,
    draw: (colours) => ({
      ...frame(colours, spans),
      series: INTEREST.filter(shown(spans)).map(([field, name, type, symbol], at) => ({ name, type: "line", symbol, symbolSize: 7, lineStyle: { type, width: 2.5 }, color: [colours.wine, colours.brass, colours.info][at], data: spans.map((span) => span[field]) })),
    }),
    table: tableOf("Interest", INTEREST, spans, weekly),
  });
}

/** @param {any} metrics @param {boolean} weekly */
export function presence(metrics, weekly) {
  const spans = spansOf(metrics.items, weekly);
  return chart({
    title: "Guests and tickets",
    words: `${figure(metrics.total.checkins)} guests came and ${figure(metrics.total.tickets_sold)} tickets were sold, by ${weekly ? "week" : "day"}.`,
    height: () => 300,
    draw: (colours) => ({ ...frame(colours, spans), series: PRESENCE.filter(shown(spans)).map(([field, name]) => ({ name, type: "bar", barMaxWidth: 26, data: spans.map((span) => span[field]) })) }),
    table: tableOf("Guests and tickets", PRESENCE, spans, weekly),
  });
}

/** What has any number, and always the first. @param {any[]} spans */
const shown = (spans) => (/** @type {string[]} */ [field], /** @type {number} */ at) => at === 0 || spans.some((span) => span[field]);

/** @param {string} caption @param {string[][]} columns @param {any[]} spans @param {boolean} weekly @returns {import("../charts/table.js").Numbers} */
const tableOf = (caption, columns, spans, weekly) => ({ caption, head: [weekly ? "Week from" : "Day", ...columns.map(([, name]) => name)], rows: spans.map((span) => [span.start, ...columns.map(([field]) => figure(span[field]))]) });

/** @param {import("../charts/chart.js").Palette} colours @param {any[]} spans */
const frame = (colours, spans) => ({
  grid: { left: 44, right: 16, top: 44, bottom: 30 },
  legend: { show: true, top: 0, left: 0, itemWidth: 34, itemGap: 16, textStyle: { color: colours.ink, fontSize: 13 } },
  xAxis: axis(colours, { type: "category", data: spans.map(({ start }) => start), splitLine: { show: false } }),
  yAxis: axis(colours, { type: "value", minInterval: 1 }),
  tooltip: { renderMode: "richText", trigger: "axis", confine: true, backgroundColor: colours.sheet, borderColor: colours.line, textStyle: { color: colours.ink } },
});

/** Days, or weeks from their Mondays, from the first to the last without a gap. @param {any[]} items @param {boolean} weekly @returns {any[]} */
function spansOf(items, weekly) {
  const fields = [...INTEREST, ...PRESENCE].map(([field]) => field);
  /** @type {Map<string, any>} */
  const spans = new Map();
  const starts = items.map(({ date }) => startOf(date, weekly)).sort();
  if (!starts.length) return [];
  for (let at = Date.parse(starts[0]); at <= Date.parse(/** @type {string} */ (starts.at(-1))); at += (weekly ? 7 : 1) * DAY_MS) {
    const start = new Date(at).toISOString().slice(0, 10);
    spans.set(start, { start, ...Object.fromEntries(fields.map((field) => [field, 0])) });
  }
  for (const item of items) {
    const span = spans.get(startOf(item.date, weekly));
    for (const field of fields) span[field] += item[field];
  }
  return [...spans.values()];
}

/** @param {string} date @param {boolean} weekly */
function startOf(date, weekly) {
  const at = new Date(date);
  return weekly ? new Date(at.getTime() - ((at.getUTCDay() + 6) % 7) * DAY_MS).toISOString().slice(0, 10) : date;
}
