// @ts-check
/** What the tabs share. */

import { Problem } from "../api.js";
import { el } from "../element.js";

/** @param {string} label @param {() => unknown} onclick @param {Record<string, unknown>} [more] */
export const tool = (label, onclick, more = {}) => el("button", { type: "button", class: "tool", onclick, ...more }, label);

/** What went wrong, in words. @param {unknown} error */
export const trouble = (error) => (error instanceof Problem && !error.passing ? error.message : "The server cannot be reached just now.");

/** What a row said when it was made. @type {WeakMap<HTMLElement, string>} */
const saying = new WeakMap();

/**
 * Fill a list anew, keeping nodes that say the same, and the focus where it was or on what took its place.
 * @param {HTMLElement} list
 * @param {{key: string, says: unknown, make: () => HTMLElement}[]} rows
 */
export function refill(list, rows) {
  const before = new Map([...list.children].map((node) => [node.getAttribute("data-key"), /** @type {HTMLElement} */ (node)]));
  const held = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-key]"));
  const at = held && list.contains(held) ? [...list.children].indexOf(held) : -1;
  const action = document.activeElement?.getAttribute("data-act");
  const nodes = rows.map(({ key, says, make }) => {
    const known = before.get(key);
    const text = JSON.stringify(says);
    if (known && saying.get(known) === text) return known;
    const node = make();
    node.dataset.key = key;
    saying.set(node, text);
    if (known instanceof HTMLElement && known.querySelector("details")?.open) node.querySelector("details")?.setAttribute("open", "");
    return node;
  });
  list.replaceChildren(...nodes);
  if (at < 0) return;
  const goal = nodes.find((node) => node.dataset.key === held?.dataset.key) ?? nodes[Math.min(at, nodes.length - 1)];
  const tab = list.closest("[role=tabpanel]");
  const control = (action && goal?.querySelector(`[data-act="${action}"]`)) || goal?.querySelector("summary, button");
  if (control instanceof HTMLElement) control.focus();
  else if (tab instanceof HTMLElement) tab.focus();
}
