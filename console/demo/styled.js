// @ts-check
/** Styles that are loaded with what they are for. */

import { el } from "./element.js";

/**
 * Wait until a sheet of `styles/` is there; one that cannot be loaded is done without.
 * @param {string} name
 * @returns {Promise<void>}
 */
export function styled(name) {
  const id = `styles-${name}`;
  if (document.getElementById(id)) return Promise.resolve();
  const href = new URL(`../styles/${name}.css`, import.meta.url).href;
  return new Promise((resolve) => document.head.append(el("link", { id, rel: "stylesheet", href, onload: () => resolve(), onerror: () => resolve() })));
}
