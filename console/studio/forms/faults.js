// @ts-check
/** What the API found wrong, told at the fields concerned and in a list that leads there. */

import { el } from "../../demo/element.js";
import { capital, spaced } from "../../demo/words.js";

/** @typedef {import("../../demo/api.js").Fault} Fault */

/** Kinder words for what the API says to programs; everything else is said as it comes. @type {Record<string, string>} */
const KINDER = {
  missing: "Please fill this in.",
  string_too_short: "Please fill this in.",
  too_short: "Please choose at least one.",
  float_parsing: "Please give a number.",
  "link string_pattern_mismatch": "An address that begins with https://, or a page of the site such as /events.",
  "url string_pattern_mismatch": "An address that begins with https://, or a path of the site such as /art/floor.jpg.",
  string_pattern_mismatch: "Letters, digits, dot, dash and underscore only, and no spaces.",
};
const CONTROLS = "input, select, textarea, button";

/** @param {Fault} fault */
const words = ({ pointer, code, detail }) => KINDER[`${pointer.split("/").at(-1)} ${code}`] ?? KINDER[code] ?? detail;

/**
 * Tell the faults of a form; those told before are taken back.
 * @param {HTMLElement} form
 * @param {Fault[]} faults
 * @returns {HTMLElement | null} the list, for where it should stand
 */
export function tell(form, faults) {
  clear(form);
  const told = faults.map((fault) => ({ fault, place: nearest(form, fault.pointer) }));
  for (const { fault, place } of told) if (place) mark(place, words(fault));
  if (!faults.length) return null;
  const items = told.map(({ fault, place }) =>
    el("li", {}, place ? el("button", { type: "button", class: "link", onclick: () => go(place) }, nameOf(place)) : el("b", {}, pointerWords(fault.pointer)), ` – ${words(fault)}`),
  );
  return el("ul", {}, ...items);
}

/** Take back what was told. @param {HTMLElement} within */
export function clear(within) {
  for (const place of [within, ...within.querySelectorAll("[data-pointer]")]) {
    const line = place.querySelector(":scope > .fault");
    if (!line?.textContent) continue;
    line.textContent = "";
    for (const control of controls(place)) control.removeAttribute("aria-invalid");
  }
}

/**
 * The field whose pointer is the fault's, or the closest around it.
 * @param {HTMLElement} form
 * @param {string} pointer
 */
function nearest(form, pointer) {
  const fields = /** @type {HTMLElement[]} */ ([...form.querySelectorAll("[data-pointer]")]);
  const around = fields.filter(({ dataset: { pointer: own } }) => own !== undefined && (own === pointer || pointer.startsWith(`${own}/`)));
  return around.sort((one, other) => (other.dataset.pointer ?? "").length - (one.dataset.pointer ?? "").length)[0];
}

/** @param {HTMLElement} place @param {string} text */
function mark(place, text) {
  const line = place.querySelector(":scope > .fault");
  if (line) line.textContent = [line.textContent, text].filter(Boolean).join(" ");
  for (const control of controls(place)) control.setAttribute("aria-invalid", "true");
}

/** A place's own controls: not those of places inside it, and of a place without its own none. @param {Element} place */
const controls = (place) => [...place.querySelectorAll(CONTROLS)].filter((control) => control.tagName !== "BUTTON" && control.closest("[data-pointer]") === place);

/** @param {HTMLElement} place */
function go(place) {
  place.closest("details")?.setAttribute("open", "");
  const control = controls(place)[0] ?? place.querySelector(CONTROLS);
  if (control instanceof HTMLElement) control.focus();
}

/** @param {HTMLElement} place */
const nameOf = (place) => place.dataset.name ?? place.querySelector("label, legend")?.textContent ?? pointerWords(place.dataset.pointer ?? "");

/** "/content/steps/0/title" → "Content, steps, 1, title". @param {string} pointer */
const pointerWords = (pointer) =>
  capital(pointer.split("/").slice(1).map((step) => (/^\d+$/.test(step) ? String(Number(step) + 1) : spaced(step))).join(", ")) || "The campaign";
