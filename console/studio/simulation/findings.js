// @ts-check
/** What a simulation found, for people: how many and at what cost, then the waterfall. */

import { el } from "../../demo/element.js";
import { figure, momentWords, numberWords } from "../../demo/words.js";
import { waterfall } from "./waterfall.js";

/**
 * @typedef {{value?: number, low?: number, high?: number, text: string}} Figure what is not told is absent
 * @typedef {{reads: number, writes: number}} Operations
 */

/**
 * @param {any} data docs/explain.md, «A draft is tried»
 * @returns {HTMLElement[]}
 */
export function findings(data) {
  const { sample, cost } = data;
  const facts = el(
    "dl",
    { class: "figures" },
    fact("Would see it", numberWords(data.wouldSee), boundWords(data.wouldSee) ?? `of ${numberWords(sample.population)}`),
    fact("On the first day", numberWords(data.firstDay), boundWords(data.firstDay) ?? "by how often they come"),
    fact("First day costs", ...operations(cost.firstDay)),
    fact("Everybody costs", ...operations(cost.everybody)),
  );
  const basis = el("p", { class: "hint basis" }, `As of ${momentWords(data.at)}, over version ${data.basedOnVersion}. `, sampleWords(sample), cost.simulation ? ` This try cost ${figure(cost.simulation.reads)} reads.` : "", ` A message costs ${cost.perMessage.reads} reads and ${cost.perMessage.writes} writes, from decision to acknowledgement.`);
  return [facts, waterfall({ rows: data.waterfall, all: sample.population, rest: data.wouldSee }), examples(data.examples), basis].filter((node) => node !== null);
}

/** @param {string} name @param {string} value @param {string} note */
const fact = (name, value, note) => el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), el("span", {}, note)));

/** @param {Figure} found */
function boundWords({ value, low, high }) {
  if (value === undefined || high === undefined) return null;
  return low === undefined ? `at most ${figure(high)} (95 %)` : `${figure(low)} to ${figure(high)} (95 %)`;
}

/** @param {Operations | undefined} cost @returns {[string, string]} */
const operations = (cost) => (cost ? [figure(cost.reads + cost.writes), `${figure(cost.reads)} reads, ${figure(cost.writes)} writes`] : ["–", "not told: too few people"]);

/** @param {any} sample */
const sampleWords = ({ exact, profiles, population, confidence }) =>
  exact ? `All ${numberWords(population)} profiles were read.` : `${numberWords(profiles)} of ${numberWords(population)} profiles were read; the bounds hold with ${figure(confidence * 100)} % (Wilson).`;

/** @param {string[]} keys */
const examples = (keys) => (keys.length ? el("p", { class: "examples" }, "Among them ", el("span", { class: "chips" }, ...keys.map((key) => el("code", { class: "chip" }, key)))) : null);
