// @ts-check
/**
 * The waterfall: each check in order, how many it loses of those the checks before had left. One table, whose second
 * column is its picture: solid is left, hatched is lost, so that it reads without colour.
 */

import { checkName } from "../../demo/explanation/checks.js";
import { el } from "../../demo/element.js";
import { capital, figure, numberWords, spaced } from "../../demo/words.js";

/** @typedef {import("./findings.js").Figure} Figure */

/** What a hidden number is drawn as: the server tells no more than «under 20». */
const HIDDEN = 20;

/**
 * @param {{rows: {check: string, lost: Figure, left: Figure, reasons?: {reason: string, lost: Figure}[]}[], all: Figure, rest: Figure}} steps
 * @param {{caption: string, first: string, all: string, rest: string}} [words]
 * @returns {HTMLElement}
 */
export function waterfall({ rows, all, rest }, words = { caption: "Check by check", first: "Check", all: "Everybody there is", rest: "Would see it" }) {
  const whole = Math.max(all.value ?? HIDDEN, 1);
  const head = [words.first, null, "Lost", "Left"].map((name) => (name ? el("th", { scope: "col" }, name) : el("td", { "aria-hidden": "true" })));
  return el(
    "table",
    { class: "waterfall" },
    el("caption", {}, words.caption),
    el("thead", {}, el("tr", {}, ...head)),
    el(
      "tbody",
      {},
      row({ name: words.all, left: all, whole, style: "whole" }),
      ...rows.map(({ check, lost, left, reasons }) => row({ name: checkName(check), check, lost, left, reasons, whole, style: lost.value === 0 ? "none" : "" })),
      row({ name: words.rest, left: rest, whole, style: "result" }),
    ),
  );
}

/**
 * @param {object} options
 * @param {string} options.name
 * @param {string} [options.check]
 * @param {Figure} [options.lost]
 * @param {Figure} options.left
 * @param {{reason: string, lost: Figure}[]} [options.reasons]
 * @param {number} options.whole
 * @param {string} options.style
 */
function row({ name, check, lost, left, reasons = [], whole, style }) {
  const told = reasons.filter(({ reason }) => reason !== check);
  return el(
    "tr",
    { class: style, "data-check": check },
    el("th", { scope: "row" }, name, told.length ? el("span", { class: "fine" }, told.map(({ reason, lost: some }) => `${capital(spaced(reason))}: ${numberWords(some)}`).join(" · ")) : null),
    el("td", { "aria-hidden": "true", class: "picture" }, bar(left, lost, whole)),
    el("td", { "data-label": "Lost", class: "lost" }, lost ? (lost.value === undefined ? lost.text : lost.value ? `− ${figure(lost.value)}` : "0") : ""),
    el("td", { "data-label": "Left", class: "left" }, numberWords(left)),
  );
}

/** @param {Figure} left @param {Figure | undefined} lost @param {number} whole */
function bar(left, lost, whole) {
  const part = (/** @type {string} */ style, /** @type {number} */ from, /** @type {number} */ to) => {
    const node = el("i", { class: style });
    node.style.left = `${Math.min(from / whole, 1) * 100}%`;
    node.style.width = `${Math.max(Math.min(to / whole, 1) - from / whole, 0) * 100}%`;
    return node;
  };
  const kept = left.value ?? Math.min(HIDDEN, whole);
  const bounded = left.high !== undefined && !lost;
  return el(
    "span",
    { class: "bar" },
    part(left.value === undefined ? "hidden-part" : "kept", 0, kept),
    lost?.value ? part("gone", kept, kept + lost.value) : null,
    bounded ? part("bound", left.low ?? 0, left.high ?? 0) : null,
  );
}
