// @ts-check
/** What a dry run found: whom it would reach, what it would cost, who is lost and why. */

import { el } from "../demo/element.js";
import { figure, momentWords, numberWords } from "../demo/words.js";
import { waterfall } from "../studio/simulation/waterfall.js";

/** @typedef {import("../studio/simulation/findings.js").Figure} Figure */

const WORDS = { caption: "Who is lost, and why", first: "Reason", all: "The audience", rest: "Would get it" };

/** @param {any} found docs/broadcasts.md @returns {HTMLElement[]} */
export function dryRun({ people, losses, recipients, credits, available, prices, operations, seconds, startsAt, exact, tier, drift }) {
  const channels = Object.entries(recipients);
  const most = /** @type {Figure} */ (channels.map(([, count]) => count).sort((one, other) => (other.value ?? 0) - (one.value ?? 0))[0]);
  const price = Object.entries(prices).map(([channel, each]) => `${figure(each)} each by ${channel}`).join(", ");
  return [
    el(
      "dl",
      { class: "figures" },
      ...channels.map(([channel, count]) => fact(`Reached by ${channel}`, numberWords(count), `of ${numberWords(people)}`)),
      fact("Price, at most", figure(credits), `of ${figure(available)} credits`),
      fact("Store operations", figure(operations.reads + operations.writes), `${figure(operations.reads)} reads, ${figure(operations.writes)} writes`),
      fact("Takes", durationWords(seconds), `from ${momentWords(startsAt)}`),
    ),
    ...(drift ? [driftNote(drift)] : []),
    waterfall({ rows: rows(people, losses), all: people, rest: most }, WORDS),
    el("p", { class: "hint basis" }, `Tier ${tier}: ${price}. ${drift ? "Numbers of a segment are kept vague, so that they tell nothing of one person." : exact ? "Everybody was asked." : "Estimated from a sample."} Numbers of people are rounded, and none under 20 is told.`),
  ];
}

/** How a segment has changed since its version was made. @param {any} drift */
const driftNote = ({ then, now, joined, left, alarming }) =>
  el(
    "p",
    { class: alarming ? "drift alarming" : "drift" },
    el("b", {}, alarming ? "This segment has changed a lot" : "This segment is much as it was"),
    ` since its version was made: ${numberWords(then)} then, ${numberWords(now)} now; ${numberWords(joined)} joined, ${numberWords(left)} left.`,
  );

/**
 * Losses one after the other; how many are left is told as long as every number before is.
 * @param {Figure} people
 * @param {{reason: string, people: Figure}[]} losses
 */
function rows(people, losses) {
  let left = people.value;
  return losses.map(({ reason, people: lost }) => {
    left = left === undefined || lost.value === undefined ? undefined : Math.max(left - lost.value, 0);
    return { check: reason, lost, left: left === undefined ? { text: "not told" } : { value: left, text: String(left) } };
  });
}

/** @param {string} name @param {string} value @param {string} note */
const fact = (name, value, note) => el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value), el("span", {}, note)));

/** @param {number} seconds */
const durationWords = (seconds) => (seconds < 90 ? `${figure(seconds)} s` : seconds < 5400 ? `${figure(Math.round(seconds / 60))} min` : `${figure(Math.round(seconds / 3600))} h`);
