// @ts-check
/** What figures are asked with: a choice, a day. */

import { el } from "../demo/element.js";
import { uid } from "../studio/forms/fields.js";

const DAY_MS = 24 * 3600 * 1000;

/** A day as the API writes it, so many days from today (UTC). @param {number} ahead */
export const day = (ahead) => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);

/**
 * @param {string} label
 * @param {[string, string][]} options values and names
 * @param {string} chosen
 * @param {(value: string) => void} changed
 */
export function choice(label, options, chosen, changed) {
  const id = uid();
  const select = el("select", { id, onchange: (/** @type {Event} */ event) => changed(/** @type {HTMLSelectElement} */ (event.target).value) }, ...options.map(([value, name]) => el("option", { value, selected: value === chosen }, name)));
  return el("div", { class: "field" }, el("label", { for: id }, label), select);
}

/** @param {string} label @param {string} value @param {(value: string) => void} changed */
export function dayField(label, value, changed) {
  const id = uid();
  return el("div", { class: "field short" }, el("label", { for: id }, label), el("input", { id, type: "date", value, required: true, onchange: (/** @type {Event} */ event) => changed(/** @type {HTMLInputElement} */ (event.target).value) }));
}
