// @ts-check
/** Numbers as a table, behind a summary: the same that a chart shows. */

import { el } from "../../demo/element.js";

/** @typedef {{caption: string, head: string[], rows: (string | number)[][], open?: boolean, summary?: string}} Numbers the first cell of a row names it */

/** @param {Numbers} table @returns {HTMLElement} */
export function numbers({ caption, head, rows, open = false, summary = "The same in numbers" }) {
  return el(
    "details",
    { class: "numbers", open },
    el("summary", {}, summary),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
      el(
        "table",
        {},
        el("caption", { class: "hidden" }, caption),
        el("thead", {}, el("tr", {}, ...head.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", {}, ...rows.map(([name, ...cells]) => el("tr", {}, el("th", { scope: "row" }, String(name)), ...cells.map((cell) => el("td", {}, String(cell)))))),
      ),
    ),
  );
}
