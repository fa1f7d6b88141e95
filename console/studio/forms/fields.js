// @ts-check
/** Labelled form fields, each bound to one place of the draft; faults of the API find them by its JSON pointer. */

import { el } from "../../demo/element.js";

/** @typedef {import("../tree.js").Tree} Draft */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

let made = 0;

/** An id that no other element has. */
export const uid = () => `f${++made}`;

/**
 * A label, a control, a hint and room for a fault.
 * @param {string} pointer
 * @param {string} label
 * @param {HTMLElement} control
 * @param {{hint?: string | Node, wide?: boolean}} [more]
 */
export function field(pointer, label, control, { hint, wide } = {}) {
  const id = uid();
  control.id = id;
  const described = [hint && `${id}-hint`, `${id}-fault`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  return el(
    "div",
    { class: wide ? "field wide" : "field", "data-pointer": pointer },
    el("label", { for: id }, label),
    control,
    hint ? el("p", { class: "hint", id: `${id}-hint` }, hint) : null,
    el("p", { class: "fault", id: `${id}-fault` }),
  );
}

/**
 * @param {Draft} draft
 * @param {string} pointer
 * @param {string} label
 * @param {{hint?: string, lines?: number, wide?: boolean, required?: boolean, placeholder?: string}} [more] a field that is not required leaves the draft when it is empty
 */
export function textField(draft, pointer, label, { lines, required, placeholder, ...more } = {}) {
  const value = draft.get(pointer) ?? "";
  const oninput = (/** @type {Event} */ event) => {
    const text = /** @type {Control} */ (event.target).value;
    draft.set(pointer, text || required ? text : undefined);
  };
  const control = lines
    ? el("textarea", { rows: lines, oninput, placeholder, required }, value)
    : el("input", { type: "text", value, oninput, placeholder, required, autocomplete: "off" });
  return field(pointer, label, control, more);
}

/**
 * @param {Draft} draft
 * @param {string} pointer
 * @param {string} label
 * @param {{hint?: string, scale?: number, step?: number | "any", min?: number, max?: number, unit?: string}} [more] `scale`: how often the shown number is the draft's, 100 for a share in per cent
 */
export function numberField(draft, pointer, label, { scale = 1, step = "any", min, max, unit, ...more } = {}) {
  const stored = draft.get(pointer);
  const value = typeof stored === "number" ? String(Number((stored * scale).toPrecision(12))) : "";
  const oninput = (/** @type {Event} */ event) => {
    const number = /** @type {HTMLInputElement} */ (event.target).valueAsNumber;
    draft.set(pointer, Number.isNaN(number) ? undefined : Number((number / scale).toPrecision(12)));
  };
  const control = el("input", { type: "number", value, step, min, max, oninput, inputmode: "decimal" });
  return field(pointer, unit ? `${label} (${unit})` : label, control, more);
}

/**
 * @param {Draft} draft
 * @param {string} pointer
 * @param {string} label
 * @param {string[]} choices
 * @param {{hint?: string, none?: string, words?: (choice: string) => string}} [more] `none`: what leaving it open is called
 */
export function choiceField(draft, pointer, label, choices, { none, words = (choice) => choice, ...more } = {}) {
  const at = draft.get(pointer) ?? "";
  const options = [...(none === undefined ? [] : [""]), ...choices, ...(at && !choices.includes(at) ? [at] : [])];
  const control = el(
    "select",
    { onchange: (/** @type {Event} */ event) => draft.set(pointer, /** @type {Control} */ (event.target).value || undefined) },
    ...options.map((choice) => el("option", { value: choice, selected: choice === at }, choice ? words(choice) : (none ?? ""))),
  );
  return field(pointer, label, control, more);
}

/**
 * Yes or no.
 * @param {Draft} draft
 * @param {string} pointer
 * @param {string} label
 * @param {{hint?: string}} [more]
 */
export function flagField(draft, pointer, label, { hint } = {}) {
  const id = uid();
  const onchange = (/** @type {Event} */ event) => draft.set(pointer, /** @type {HTMLInputElement} */ (event.target).checked);
  return el(
    "div",
    { class: "field wide", "data-pointer": pointer },
    el("label", { class: "switch" }, el("input", { type: "checkbox", checked: draft.get(pointer) === true, "aria-describedby": `${id}-hint ${id}-fault`, onchange }), el("span", {}, label)),
    el("p", { class: "hint", id: `${id}-hint` }, hint ?? ""),
    el("p", { class: "fault", id: `${id}-fault` }),
  );
}

/**
 * A moment, in this machine's time.
 * @param {Draft} draft
 * @param {string} pointer
 * @param {string} label
 * @param {{hint?: string}} [more]
 */
export function momentField(draft, pointer, label, more = {}) {
  const oninput = (/** @type {Event} */ event) => draft.set(pointer, utc(/** @type {Control} */ (event.target).value));
  return field(pointer, label, el("input", { type: "datetime-local", value: local(draft.get(pointer)), oninput }), more);
}

/**
 * Several choices, any of them; the draft keeps the order in which they are offered.
 * @param {Draft} draft
 * @param {string} pointer
 * @param {string} legend
 * @param {string[]} choices
 * @param {{hint?: string, words?: (choice: string) => string}} [more]
 */
export function choicesField(draft, pointer, legend, choices, { hint, words = (choice) => choice } = {}) {
  const id = uid();
  const toggle = (/** @type {string} */ choice, /** @type {boolean} */ on) => {
    const chosen = new Set(draft.get(pointer) ?? []);
    if (on) chosen.add(choice);
    else chosen.delete(choice);
    draft.set(pointer, [...choices.filter((each) => chosen.has(each))]);
  };
  const box = (/** @type {string} */ choice) =>
    el(
      "label",
      { class: "pick" },
      el("input", {
        type: "checkbox",
        checked: (draft.get(pointer) ?? []).includes(choice),
        "aria-describedby": `${id}-fault`,
        onchange: (/** @type {Event} */ event) => toggle(choice, /** @type {HTMLInputElement} */ (event.target).checked),
      }),
      el("span", {}, words(choice)),
    );
  return el(
    "fieldset",
    { class: "field wide", "data-pointer": pointer },
    el("legend", {}, legend),
    el("div", { class: "picks" }, ...choices.map(box)),
    hint ? el("p", { class: "hint" }, hint) : null,
    el("p", { class: "fault", id: `${id}-fault` }),
  );
}

/** @param {string} [moment] RFC 3339 @returns {string} for a datetime-local control */
export function local(moment) {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** @param {string} wall what a datetime-local control holds @returns {string | undefined} */
export const utc = (wall) => (wall ? new Date(wall).toISOString().replace(".000Z", "Z") : undefined);
