// @ts-check
/** A control for a wanted value, made from the value's JSON Schema: texts, numbers, choices, lists, shapes. */

import { el } from "../../demo/element.js";
import { capital, spaced } from "../../demo/words.js";
import { firstValue } from "../contract.js";
import { local, uid, utc } from "../forms/fields.js";

/**
 * @typedef {import("../contract.js").Schema} Schema
 * @typedef {(value: any) => void} Changed undefined: there is none
 */

/**
 * @param {Schema} schema
 * @param {any} value
 * @param {Changed} changed
 * @param {string} label
 * @returns {HTMLElement}
 */
export function valueControl(schema, value, changed, label) {
  const real = schema.anyOf?.filter((/** @type {Schema} */ one) => one.type !== "null");
  if (real?.length === 1) return valueControl(real[0], value, changed, label);
  if (real) return oneOf(real, value, changed, label);
  if (schema.enum) return select(schema.enum, value, changed, label);
  if (schema.type === "boolean") return select([true, false], value, changed, label);
  if (schema.type === "array") return schema.items?.enum ? picks(schema.items.enum, value, changed, label) : many(schema.items ?? {}, value, changed, label);
  if (schema.type === "object") return shape(schema, value, changed, label);
  return single(schema, value, changed, label);
}

/** @param {Schema} schema @param {any} value @param {Changed} changed @param {string} label */
function single(schema, value, changed, label) {
  const type = typeOf(schema);
  const oninput = (/** @type {Event} */ event) => {
    const control = /** @type {HTMLInputElement} */ (event.target);
    if (type === "number") changed(Number.isNaN(control.valueAsNumber) ? undefined : control.valueAsNumber);
    else changed((type === "datetime-local" ? utc(control.value) : control.value) || undefined);
  };
  const shown = type === "datetime-local" ? local(typeof value === "string" ? value : undefined) : (value ?? "");
  return el("input", { type, value: shown, oninput, "aria-label": label, step: type === "number" ? "any" : undefined, autocomplete: "off", spellcheck: "false" });
}

/** @param {Schema} schema */
function typeOf({ type, format, pattern }) {
  if (type === "number" || type === "integer") return "number";
  if (format === "date-time") return "datetime-local";
  return pattern && new RegExp(pattern).test("22:00") ? "time" : "text";
}

/** @param {any[]} choices @param {any} value @param {Changed} changed @param {string} label */
function select(choices, value, changed, label) {
  const all = choices.includes(value) || value === undefined ? choices : [...choices, value];
  const onchange = (/** @type {Event} */ event) => changed(all[/** @type {HTMLSelectElement} */ (event.target).selectedIndex]);
  return el("select", { "aria-label": label, onchange }, ...all.map((choice) => el("option", { selected: choice === value }, choice === true ? "yes" : choice === false ? "no" : String(choice))));
}

/** @param {string[]} choices @param {any} value @param {Changed} changed @param {string} label */
function picks(choices, value, changed, label) {
  const chosen = new Set(Array.isArray(value) ? value : []);
  const toggle = (/** @type {string} */ choice) => {
    if (!chosen.delete(choice)) chosen.add(choice);
    changed(choices.filter((each) => chosen.has(each)));
  };
  return el(
    "div",
    { class: "picks", role: "group", "aria-label": label },
    ...choices.map((choice) => el("label", { class: "pick" }, el("input", { type: "checkbox", checked: chosen.has(choice), onchange: () => toggle(choice) }), el("span", {}, choice))),
  );
}

/** A list of texts or numbers: written one by one, Enter adds. @param {Schema} schema @param {any} value @param {Changed} changed @param {string} label */
function many(schema, value, changed, label) {
  const values = Array.isArray(value) ? [...value] : [];
  const chips = el("span", { class: "chips" });
  const numeric = typeOf(schema) === "number";
  const input = /** @type {HTMLInputElement} */ (
    el("input", { type: numeric ? "number" : "text", step: "any", "aria-label": `${label}: add a value`, placeholder: "Add, then Enter", autocomplete: "off", spellcheck: "false", onkeydown: typed, onchange: add })
  );

  function typed(/** @type {KeyboardEvent} */ event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    add();
  }

  function add() {
    const text = input.value.trim();
    if (!text) return;
    const one = numeric ? Number(text) : text;
    if (!values.includes(one)) values.push(one);
    input.value = "";
    tell();
  }

  function tell() {
    changed([...values]);
    draw();
  }

  function draw() {
    chips.replaceChildren(...values.map((each, at) => el("button", { type: "button", class: "chip-button", "aria-label": `Remove ${each}`, onclick: () => (values.splice(at, 1), tell(), input.focus()) }, String(each))));
  }

  draw();
  return el("div", { class: "many", role: "group", "aria-label": label }, chips, input);
}

/** An object: each property with its name; one left open is left out. @param {Schema} schema @param {any} value @param {Changed} changed @param {string} label */
function shape(schema, value, changed, label) {
  const now = value && typeof value === "object" && !Array.isArray(value) ? { ...value } : {};
  const part = (/** @type {string} */ name, /** @type {Schema} */ property) => {
    const set = (/** @type {any} */ one) => {
      if (one === undefined || (Array.isArray(one) && !one.length)) delete now[name];
      else now[name] = one;
      changed({ ...now });
    };
    return el("span", { class: "part" }, el("span", { class: "part-name", "aria-hidden": "true" }, spaced(name)), valueControl(property, now[name], set, `${label}, ${spaced(name)}`));
  };
  return el("div", { class: "shape", role: "group", "aria-label": label }, ...Object.entries(schema.properties).map(([name, property]) => part(name, property)));
}

/** One of several forms. @param {Schema[]} forms @param {any} value @param {Changed} changed @param {string} label */
function oneOf(forms, value, changed, label) {
  const id = uid();
  let at = Math.max(0, forms.findIndex((form) => fits(form, value)));
  const place = el("span", { id });
  const draw = (/** @type {any} */ now) => place.replaceChildren(valueControl(forms[at], now, changed, label));
  const onchange = (/** @type {Event} */ event) => {
    at = /** @type {HTMLSelectElement} */ (event.target).selectedIndex;
    const fresh = firstValue(forms[at]);
    changed(fresh);
    draw(fresh);
  };
  draw(value);
  return el("div", { class: "one-of" }, el("select", { "aria-label": `${label}: how it is given`, "aria-controls": id, onchange }, ...forms.map((form, number) => el("option", { selected: number === at }, nameOf(form)))), place);
}

/** @param {Schema} form @param {any} value */
const fits = (form, value) => (form.type === "object" ? Boolean(value) && typeof value === "object" && Object.keys(value).every((name) => name in form.properties) : typeof value === form.type);

/** @param {Schema} form */
const nameOf = (form) => capital(form.type === "object" ? Object.keys(form.properties).map(spaced).join(", ") : form.format === "date-time" ? "a date" : form.type);
