// @ts-check
/** A group of conditions and everything inside it; the JSON itself is changed, in place. */

import { el } from "../../demo/element.js";
import { freshLeaf, leafRow } from "./leaf.js";

/** What the groups are called. @type {Record<string, string>} */
const KINDS = { all: "All of these hold", any: "At least one of these holds", not: "None of these holds" };

/** @param {any} node @returns {string | undefined} the kind of a group, undefined for anything else */
export const kindOf = (node) => (node && typeof node === "object" ? Object.keys(KINDS).find((kind) => Array.isArray(node[kind])) : undefined);

/**
 * @param {object} options
 * @param {any} options.node a group or a comparison
 * @param {string} options.pointer
 * @param {import("../contract.js").Contract} options.contract
 * @param {() => void} options.changed
 * @param {(pointer: string) => void} options.redraw after the structure changed; where the focus goes
 * @param {() => void} options.remove
 * @returns {HTMLElement}
 */
export function conditionNode(options) {
  const kind = kindOf(options.node);
  if (kind) return group(kind, options);
  if (options.node && typeof options.node === "object" && "attribute" in options.node) return leafRow({ ...options, leaf: options.node });
  return el("div", { class: "leaf", "data-pointer": options.pointer }, el("code", {}, JSON.stringify(options.node)), el("button", { type: "button", class: "tool remove", onclick: options.remove }, "Remove"), el("p", { class: "fault" }));
}

/** @param {string} kind @param {Parameters<typeof conditionNode>[0]} options */
function group(kind, { node, pointer, contract, changed, redraw, remove }) {
  const parts = node[kind];
  const rename = (/** @type {Event} */ event) => {
    delete node[kind];
    node[/** @type {HTMLSelectElement} */ (event.target).value] = parts;
    done(pointer);
  };
  const insert = (/** @type {any} */ part) => done(`${pointer}/${kind}/${parts.push(part) - 1}`);
  const takeOut = (/** @type {number} */ at) => {
    parts.splice(at, 1);
    done(pointer);
  };
  const done = (/** @type {string} */ goal) => {
    changed();
    redraw(goal);
  };
  return el(
    "fieldset",
    { class: "group", "data-pointer": pointer, "data-kind": kind },
    el("legend", { class: "hidden" }, KINDS[kind]),
    el(
      "div",
      { class: "group-head" },
      el("select", { "aria-label": "How the conditions are joined", onchange: rename }, ...Object.entries(KINDS).map(([value, words]) => el("option", { value, selected: value === kind }, words))),
      el("button", { type: "button", class: "tool remove", onclick: remove, "aria-label": `Remove the group «${KINDS[kind]}»` }, "Remove group"),
    ),
    el("ul", {}, ...parts.map((/** @type {any} */ part, /** @type {number} */ at) => el("li", {}, conditionNode({ node: part, pointer: `${pointer}/${kind}/${at}`, contract, changed, redraw, remove: () => takeOut(at) })))),
    adders(contract, insert),
    el("p", { class: "fault" }),
  );
}

/**
 * The buttons that add a condition or a group.
 * @param {import("../contract.js").Contract} contract
 * @param {(part: any) => void} insert
 */
export function adders(contract, insert) {
  const fresh = () => freshLeaf(contract, [...contract.attributes.keys()][0]);
  return el(
    "p",
    { class: "adders" },
    el("button", { type: "button", class: "tool", onclick: () => insert(fresh()) }, "Add a condition"),
    el("button", { type: "button", class: "tool", onclick: () => insert({ any: [fresh()] }) }, "Add a group"),
  );
}
