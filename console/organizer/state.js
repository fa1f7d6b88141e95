// @ts-check
/** A broadcast's state as a chip: told by sign and word, not by colour alone. */

import { el } from "../demo/element.js";

/** @type {Record<string, string>} */
const SIGNS = { scheduled: "○", freezing: "◔", sending: "◑", paused: "◐", cancelling: "◌", cancelled: "▪", settled: "●", failed: "!" };
/** @type {Record<string, string>} */
const WORDS = { freezing: "gathering", settled: "sent" };
/** @type {Record<string, string>} colours of the studio's chips */
const STYLES = { settled: "active", sending: "active", freezing: "active", paused: "paused", failed: "failed" };

export const ENDED = new Set(["cancelled", "settled", "failed"]);

/** @param {string} state */
export const stateWords = (state) => WORDS[state] ?? state;

/** @param {string} state */
export const stateChip = (state) => el("span", { class: `state ${STYLES[state] ?? ""}`, "data-state": state }, el("span", { "aria-hidden": "true" }, SIGNS[state] ?? "·"), ` ${stateWords(state)}`);

/** @type {Record<string, string>} */
const AUDIENCES = { favorites: "to followers", criteria: "by criteria", segment: "to a segment" };

/** @param {string} type */
export const audienceWords = (type) => AUDIENCES[type] ?? type;
