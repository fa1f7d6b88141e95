// @ts-check
/** One comparison of an audience: attribute, operator, value. */

import { el } from "../../demo/element.js";
import { attributeWords, capital, operatorWords, spaced } from "../../demo/words.js";
import { firstValue } from "../contract.js";
import { clear } from "../forms/faults.js";
import { uid } from "../forms/fields.js";
import { valueControl } from "./value.js";

/**
 * @typedef {{attribute: string, op: string, value?: any}} Leaf changed in place
 * @typedef {import("../contract.js").Contract} Contract
 */

/**
 * A comparison to begin with: the attribute's example.
 * @param {Contract} contract
 * @param {string} name
 * @returns {Leaf}
 */
export function freshLeaf({ attributes }, name) {
  const attribute = attributes.get(name);
  const op = attribute?.example?.op ?? [...(attribute?.ops.keys() ?? [])][0];
  return { attribute: name, op, value: valueFor(attribute, op, attribute?.example?.value) };
}

/**
 * @param {object} options
 * @param {Leaf} options.leaf
 * @param {string} options.pointer
 * @param {Contract} options.contract
 * @param {() => void} options.changed
 * @param {() => void} options.remove
 */
export function leafRow({ leaf, pointer, contract, changed, remove }) {
  const id = uid();
  const operator = el("span", { class: "leaf-op" });
  const value = el("span", { class: "leaf-value" });
  const hint = el("p", { class: "hint", id: `${id}-hint` });
  const attribute = el("select", { "aria-label": "Attribute", "aria-describedby": `${id}-hint ${id}-fault`, class: "leaf-attribute", onchange: choose }, ...options(contract, leaf.attribute));
  const row = el(
    "div",
    { class: "leaf", "data-pointer": pointer, "data-name": capital(attributeWords(leaf.attribute)) },
    attribute,
    operator,
    value,
    el("button", { type: "button", class: "tool remove", "aria-label": removeWords(), onclick: remove }, "Remove"),
    hint,
    el("p", { class: "fault", id: `${id}-fault` }),
  );

  function removeWords() {
    return `Remove the condition on ${attributeWords(leaf.attribute)}`;
  }

  function choose(/** @type {Event} */ event) {
    Object.assign(leaf, freshLeaf(contract, /** @type {HTMLSelectElement} */ (event.target).value));
    told();
    row.dataset.name = capital(attributeWords(leaf.attribute));
    row.querySelector(".remove")?.setAttribute("aria-label", removeWords());
  }

  function told() {
    clear(row);
    draw();
    changed();
  }

  function draw() {
    const known = contract.attributes.get(leaf.attribute);
    const ops = [...(known?.ops.keys() ?? [leaf.op])];
    const onchange = (/** @type {Event} */ event) => {
      leaf.op = /** @type {HTMLSelectElement} */ (event.target).value;
      leaf.value = valueFor(known, leaf.op, leaf.value);
      told();
      operator.querySelector("select")?.focus();
    };
    operator.replaceChildren(el("select", { "aria-label": "Operator", onchange }, ...ops.map((op) => el("option", { value: op, selected: op === leaf.op }, op === "exists" ? "is known" : operatorWords(op)))));
    const set = (/** @type {any} */ wanted) => {
      leaf.value = wanted;
      clear(row);
      changed();
    };
    const schema = known?.ops.get(leaf.op) ?? {};
    value.replaceChildren(valueControl(schema, leaf.value, set, `${capital(attributeWords(leaf.attribute))}, value`));
    hint.textContent = [known?.description, known?.displayOnly && "The page’s word only: not for paid campaigns."].filter(Boolean).join(" ").replaceAll("`", "");
  }

  draw();
  return row;
}

/** @param {Contract} contract @param {string} chosen */
function options({ attributes }, chosen) {
  /** @type {Map<string, HTMLElement>} */
  const groups = new Map();
  for (const name of attributes.has(chosen) ? attributes.keys() : [...attributes.keys(), chosen]) {
    const [area] = name.split(".");
    const group = groups.get(area) ?? el("optgroup", { label: capital(spaced(area)) });
    group.append(el("option", { value: name, selected: name === chosen }, capital(attributeWords(name))));
    groups.set(area, group);
  }
  return groups.values();
}

/**
 * What a value becomes under another operator: kept where it fits, wrapped or unwrapped, else a fresh one.
 * @param {import("../contract.js").Attribute | undefined} attribute
 * @param {string} op
 * @param {any} value
 */
function valueFor(attribute, op, value) {
  const schema = attribute?.ops.get(op);
  if (!schema) return value;
  if (schema.type === "array") return Array.isArray(value) ? value : value === undefined || typeof value === "boolean" ? firstValue(schema) : [value];
  const one = Array.isArray(value) ? value[0] : value;
  const fits = schema.enum ? schema.enum.includes(one) : schema.type ? typeof one === schema.type : one !== undefined && typeof one !== "boolean";
  return fits && one !== undefined ? structuredClone(one) : firstValue(schema);
}
