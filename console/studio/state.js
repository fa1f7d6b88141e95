// @ts-check
/** A campaign's state as a chip: told by sign and word, not by colour alone. */

import { el } from "../demo/element.js";

/** @type {Record<string, string>} */
const SIGNS = { draft: "○", active: "●", paused: "◐", archived: "▪" };

/** @param {string} status */
export const stateChip = (status) => el("span", { class: `state ${status}` }, el("span", { "aria-hidden": "true" }, SIGNS[status] ?? "·"), ` ${status}`);
