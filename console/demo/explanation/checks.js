// @ts-check
/** What each check of a decision compared, as one sentence (docs/explain.md). Unknown checks are told by their values. */

import { capital, figure, hoursWords, momentWords, spaced, valueWords } from "../words.js";

/**
 * @typedef {Record<string, any>} Values
 * @typedef {{pointer: string, attribute: string, op: string, wanted: any, actual?: any, holds: boolean, reason: string}} Comparison
 * @typedef {{check: string, passed: boolean, reason: string, until?: string | null, wanted?: Values, actual?: Values, comparisons?: Comparison[]}} Check
 * @typedef {(wanted: Values, actual: Values, reason: string) => string} Say
 */

/** What the checks are called. @type {Record<string, string>} */
const NAMES = {
  status: "State",
  window: "Dates",
  type: "Kind",
  consent: "Consent",
  audience: "Audience",
  release: "Release",
  rollout: "Rollout",
  experiment: "Experiment",
  caps: "Its own caps",
  channel: "Place",
  slot: "Room",
  pressure: "Pressure budget",
  competition: "More urgent ones",
};

/** @param {string} check */
export const checkName = (check) => NAMES[check] ?? capital(spaced(check));

/** @type {Record<string, Say>} */
const SAY = {
  status: ({ status }) => `It is ${status}.`,
  window: ({ startAt, endAt }, { now }, reason) => {
    if (reason === "not_started") return `It starts ${momentWords(startAt)}.`;
    if (reason === "ended") return `It ended ${momentWords(endAt)}.`;
    const words = [startAt && `from ${momentWords(startAt)}`, endAt && `until ${momentWords(endAt)}`].filter(Boolean).join(" ");
    return words ? `It runs ${words}; it was ${momentWords(now)}.` : "It runs without an end.";
  },
  type: (_, __, reason) => (reason === "for_pages" ? "It may appear on pages." : "Messages between people do not appear on pages."),
  consent: ({ consent, organizerId }, { following, marketingOptIn }) => {
    if (consent === "favorite") return following === undefined ? `For followers of ${organizerId}.` : following ? `Follows ${organizerId}.` : `For followers of ${organizerId}; not one of them.`;
    if (consent === "marketing") return marketingOptIn ? "Agreed to marketing." : "Asks for the marketing opt-in, which was not given.";
    return "The site’s own messages need none.";
  },
  audience: (_, __, reason) => ({ everyone: "It is for everyone.", matched: "It is for this person.", audience: "It is not for this person." })[reason] ?? `${capital(spaced(reason))}.`,
  release: ({ releaseId }, { acknowledged }) => (releaseId ? `Release ${releaseId} is ${acknowledged ? "acknowledged already" : "not acknowledged yet"}.` : "It announces none."),
  rollout: ({ share }, { n }, reason) => (reason === "no_rollout" ? "It is for all of them." : `For the first ${percent(share)}; the person’s place is at ${percent(n)}.`),
  experiment: (_, { variant }, reason) =>
    ({
      no_experiment: "Everybody reads the same.",
      in_experiment: `Takes part${variant ? `, and reads variant ${variant}` : ""}.`,
      outside_namespace: "Its namespace leaves this person to other experiments.",
      outside_coverage: "Not among those who take part.",
    })[reason] ?? `${capital(spaced(reason))}.`,
  caps: (wanted, actual, reason) => [closed(actual, reason), seen(wanted, actual)].filter(Boolean).join(" "),
  channel: ({ channels }, actual, reason) => (reason === "no_channel" ? `It appears as ${valueWords(channels)}; the page can show ${valueWords(actual.channels)}.` : `It appears as ${valueWords(channels)}.`),
  slot: (_, { taken = [] }, reason) =>
    ({ slot_free: "The page has room for it.", enough: "More urgent messages took all places.", slot_taken: `More urgent messages took its place (${valueWords(taken)}).` })[reason] ?? `${capital(spaced(reason))}.`,
  pressure: ({ exempt }, actual, reason) => {
    if (exempt) return "It cannot wait: it passes the budget.";
    const own = actual.ofOrganizer ? ` Of this organizer ${budget(actual.ofOrganizer)}.` : "";
    return `${reason === "less_of_this" ? "Less of this organizer was asked for. " : ""}So far ${budget(actual)}.${own}`;
  },
};

/** @param {unknown} share 0..1 */
const percent = (share) => (typeof share === "number" ? `${figure(share * 100)} %` : "?");

/**
 * Name and sentence of a check.
 * @param {Check} check
 * @returns {{name: string, words: string}}
 */
export function told({ check, reason, wanted = {}, actual = {} }) {
  return { name: checkName(check), words: SAY[check]?.(wanted, actual, reason) ?? generic(reason, wanted, actual) };
}

/** @param {string} reason @param {Values} wanted @param {Values} actual */
function generic(reason, wanted, actual) {
  const sides = [["asks", wanted], ["found", actual]].filter(([, values]) => Object.keys(values).length).map(([side, values]) => `${side} ${valueWords(values)}`);
  return `${capital(spaced(reason))}${sides.length ? `: ${sides.join("; ")}` : ""}.`;
}

/** @param {Values} actual @param {string} reason */
function closed({ reservedUntil }, reason) {
  if (reason === "reserved") return `Decided and not seen yet; free again at ${momentWords(reservedUntil)}.`;
  return { acknowledged: "Acknowledged, which closes it.", dismissed: "Dismissed, which closes it." }[reason] ?? "";
}

/** @param {Values} wanted @param {Values} actual */
function seen({ maxDeliveriesPerUser: most, cooldownHours: rest }, { shown, lastAt }) {
  if (shown === undefined) return [most && `At most ${most} times.`, rest && `Rests ${hoursWords(rest)}.`].filter(Boolean).join(" ") || "No caps.";
  const times = most ? `Seen ${shown} of at most ${most} ${most === 1 ? "time" : "times"}` : `Seen ${shown} ${shown === 1 ? "time" : "times"}`;
  return [times, lastAt && `last ${momentWords(lastAt)}`, rest && `rests ${hoursWords(rest)}`].filter(Boolean).join(", ") + ".";
}

/** @param {Values} used */
const budget = ({ modals, interruptions }) =>
  [modals && `${figure(modals.used)} of ${figure(modals.limit)} modals in 24 hours`, interruptions && `${figure(interruptions.used)} of ${figure(interruptions.limit)} interruptions in 7 days`].filter(Boolean).join(", ") || "nothing";

/**
 * A comparison with how it counts: under an odd number of «not» it must not hold.
 * @param {Comparison} comparison
 * @returns {Comparison & {negated: boolean, good: boolean}}
 */
export function judged(comparison) {
  const negated = comparison.pointer.split("/").filter((step) => step === "not").length % 2 === 1;
  return { ...comparison, negated, good: comparison.holds !== negated };
}
