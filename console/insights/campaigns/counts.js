// @ts-check
/** Numbers of people as they are told: those under 20 are not, and none is made of them. */

import { el } from "../../demo/element.js";
import { percent } from "../words.js";

/** @typedef {{value?: number, text: string}} Count */

/** @param {Count | undefined} count */
export const known = (count) => typeof count?.value === "number";

/** How many of others, in percent. @param {Count} part @param {Count} whole */
export const shareWords = (part, whole) => (known(part) && whole.value ? percent(Math.min(1, (part.value ?? 0) / whole.value)) : "–");

/** What to say where a number is not told. @param {(Count | undefined)[]} counts @returns {Node[]} */
export const hidden = (counts) => (counts.every(known) ? [] : [el("p", { class: "fine" }, "Numbers under 20 are not told, and not drawn: nobody is to be known by them.")]);
