// @ts-check
/** Why each campaign was shown or not: every check in its order, with the values it compared. */

import { el } from "../element.js";
import { askWords, attributeWords, capital, momentWords, valueWords } from "../words.js";
import { judged, told } from "./checks.js";

/**
 * @typedef {import("./checks.js").Check} Check
 * @typedef {{campaignId: string, campaignVersion: number, shown: boolean, channel?: string | null, check: string, reason: string, until?: string | null, checks?: Check[]}} Row
 */

/**
 * @param {Row[]} rows in the order of their urgency
 * @param {(campaignId: string) => string} nameOf
 * @returns {HTMLElement}
 */
export const explanation = (rows, nameOf) =>
  rows.length
    ? el("ol", { class: "why" }, ...rows.map((row) => el("li", { "data-campaign": row.campaignId, "data-shown": String(row.shown) }, campaign(row, nameOf(row.campaignId)))))
    : el("p", { class: "fine" }, "There is no campaign that you may be told of.");

/** @param {Row} row @param {string} name */
function campaign(row, name) {
  const { shown, until, checks = [] } = row;
  return el(
    "details",
    {},
    el(
      "summary",
      {},
      sign(shown),
      el("span", { class: "why-name" }, el("b", {}, name), el("span", { class: "fine" }, verdict(row)), !shown && until ? el("span", { class: "turns" }, `Could show ${spoken(until)}`) : null),
    ),
    el("ol", { class: "checks" }, ...checks.map(checkLine)),
    el("p", { class: "fine" }, el("code", {}, row.campaignId), ` version ${row.campaignVersion}`),
  );
}

/** @param {Row} row */
function verdict({ shown, channel, check, reason, checks = [] }) {
  if (shown) return channel ? `Shown as a ${channel}.` : "Shown.";
  const failed = checks.find((one) => one.check === check) ?? { check, passed: false, reason };
  const { name, words } = told(failed);
  const culprit = failed.comparisons?.map(judged).find(({ good }) => !good);
  return culprit ? `Only if ${comparisonWords(culprit)}; ${found(culprit)}.` : `${name}: ${words}`;
}

/** @param {Check} check */
function checkLine(check) {
  const { name, words } = told(check);
  return el(
    "li",
    { "data-check": check.check, "data-passed": String(check.passed) },
    sign(check.passed),
    el(
      "div",
      {},
      el("b", {}, name),
      " ",
      el("span", {}, words),
      check.comparisons?.length ? el("ul", {}, ...check.comparisons.map(comparisonLine)) : null,
      !check.passed && check.until ? el("p", { class: "turns" }, `May turn ${spoken(check.until)}`) : null,
    ),
  );
}

/** @typedef {ReturnType<typeof judged>} Judged */

/** @param {import("./checks.js").Comparison} comparison */
function comparisonLine(comparison) {
  const one = judged(comparison);
  return el("li", { "data-holds": String(one.holds) }, sign(one.good), el("span", {}, `${capital(comparisonWords(one))} `, el("span", { class: "fine" }, `– ${found(one)}`)));
}

/** @param {Judged} one */
const comparisonWords = ({ attribute, op, wanted, negated }) => `${negated ? "not: " : ""}${attributeWords(attribute)} ${askWords(op, wanted)}`;

/** @param {Judged} one */
const found = ({ reason, actual }) => (reason === "unknown" || actual === null || actual === undefined ? "it is unknown" : `it is ${valueWords(actual)}`);

/** «Yes» or «no» by shape, and in words for those who do not see it. @param {boolean} yes */
const sign = (yes) => el("span", { class: yes ? "sign yes" : "sign no" }, el("span", { class: "hidden" }, yes ? "Yes: " : "No: "));

/** @param {string} until */
const spoken = (until) => {
  const words = momentWords(until);
  return /^\d/.test(words) ? `at ${words}` : `on ${words}`;
};
