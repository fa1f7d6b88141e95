// @ts-check
/**
 * A chart as everybody can have it: drawn by ECharts with patterns beside its colours, described in words to those who
 * listen, and the same numbers as a table beneath.
 */

import { el } from "../../demo/element.js";
import * as echarts from "../../vendor/echarts/echarts.esm.min.js";
import { palette } from "./palette.js";
import { numbers } from "./table.js";

/** @typedef {import("./palette.js").Palette} Palette */

/** Narrower than this, a chart is drawn for a phone; in CSS pixels. */
const NARROW = 620;

// The library empties its element through innerHTML, which the page's policy lets nobody do with text.
/** @type {any} */ (globalThis).trustedTypes?.createPolicy("default", {
  createHTML(/** @type {string} */ text) {
    if (text) throw new TypeError("Text is not made into markup here.");
    return text;
  },
});

/**
 * @param {object} told
 * @param {string} told.title
 * @param {string} told.words what the picture shows, in a sentence: its description
 * @param {(palette: Palette, narrow: boolean) => any} told.draw the ECharts option
 * @param {(narrow: boolean) => number} [told.height] in CSS pixels
 * @param {import("./table.js").Numbers} told.table
 * @param {(Node | string)[]} [told.notes] what is fine to know
 * @returns {HTMLElement}
 */
export function chart({ title, words, draw, height = () => 340, table, notes = [] }) {
  const canvas = el("div", { class: "canvas" });
  redrawn(canvas, (colours, narrow) => {
    canvas.style.height = `${height(narrow)}px`;
    return { ...common(colours, words), ...draw(colours, narrow) };
  });
  return el("figure", { class: "panel chart" }, el("figcaption", {}, el("h2", {}, title), el("p", { class: "chart-words" }, words)), canvas, numbers(table), notes.length ? el("p", { class: "fine basis" }, ...notes) : null);
}

/**
 * Draw once there is room, and again when the room or the colours change.
 * @param {HTMLElement} canvas
 * @param {(palette: Palette, narrow: boolean) => any} option
 */
function redrawn(canvas, option) {
  /** @type {any} */
  let drawn = null;
  let width = 0;
  const draw = () => {
    drawn?.dispose();
    const made = option(palette(canvas), canvas.clientWidth < NARROW);
    drawn = echarts.init(canvas, null, { renderer: "canvas" });
    drawn.setOption(made);
    canvas.dataset.drawn = "";
  };
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", draw);
  const observer = new ResizeObserver(() => {
    if (!canvas.isConnected) {
      drawn?.dispose();
      scheme.removeEventListener("change", draw);
      observer.disconnect();
    } else if (canvas.clientWidth !== width) {
      width = canvas.clientWidth;
      draw();
    }
  });
  observer.observe(canvas);
}

/** @param {Palette} colours @param {string} words */
function common(colours, words) {
  return {
    animation: false,
    aria: { enabled: true, label: { description: words }, decal: { show: true } },
    color: [colours.wine, colours.brass, colours.info, colours.success, colours.critical],
    textStyle: { fontFamily: colours.font, fontSize: 13, color: colours.ink },
    tooltip: { renderMode: "richText", backgroundColor: colours.sheet, borderColor: colours.line, textStyle: { color: colours.ink, fontFamily: colours.font }, confine: true },
    legend: { show: false },
  };
}

/** How an axis looks. @param {Palette} colours @param {object} [more] */
export const axis = (colours, more = {}) => ({
  axisLabel: { color: colours["ink-soft"], fontSize: 12.5 },
  axisLine: { lineStyle: { color: colours.line } },
  axisTick: { show: false },
  splitLine: { lineStyle: { color: colours.line, type: "dotted" } },
  ...more,
});
