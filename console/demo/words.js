// @ts-check
/** Values, conditions and moments of the API in the words of people. */

/** How operators are said between an attribute and a value; one that is not here is said as it is written. @type {Record<string, string>} */
const OPERATORS = {
  eq: "is",
  in: "is one of",
  lt: "is less than",
  lte: "is at most",
  gt: "is more than",
  gte: "is at least",
  startsWith: "begins with",
  contains: "includes",
  containsAny: "includes any of",
  contains_any: "includes any of",
  before: "is before",
  after: "is after",
  within: "is within",
  during: "is between",
  exists: "is",
};
const JOINED = { all: " and ", any: " or ", not: " or " };
const DAY_MS = 24 * 3600 * 1000;
const WEEK_MS = 7 * DAY_MS;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;

/** "maxDeliveriesPerUser", "not_started" → "max deliveries per user", "not started". @param {string} name */
export const spaced = (name) => name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();

/** "visits.daysSinceLast" → "visits days since last". @param {string} name */
export const attributeWords = (name) => name.split(".").map(spaced).join(" ");

/** @param {string} op */
export const operatorWords = (op) => OPERATORS[op] ?? spaced(op);

/** @param {string} text */
export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @param {number} value */
export const figure = (value) => value.toLocaleString("en", { maximumFractionDigits: 2 });

/**
 * A number that may be told only roughly, or not at all: then `text` says what is.
 * @param {{value?: number, text: string}} number
 */
export const numberWords = ({ value, text }) => (value === undefined ? text : figure(value));

/**
 * A moment as it is said today: the time alone, "Thu 08:00" within a week, else with its date.
 * @param {string | number | Date} at
 * @param {Date} [now]
 */
export function momentWords(at, now = new Date()) {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return String(at);
  const time = moment.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (moment.toDateString() === now.toDateString()) return time;
  const far = Math.abs(moment.getTime() - now.getTime());
  if (far < WEEK_MS - DAY_MS) return `${moment.toLocaleDateString("en-GB", { weekday: "short" })} ${time}`;
  const year = moment.getFullYear() === now.getFullYear() ? undefined : /** @type {const} */ ("numeric");
  return `${moment.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year })} ${time}`;
}

/** @param {number} hours */
export const hoursWords = (hours) =>
  hours >= 48 && hours % 24 === 0 ? `${figure(hours / 24)} days` : `${figure(hours)} ${hours === 1 ? "hour" : "hours"}`;

/**
 * Any value of the API.
 * @param {any} value
 * @returns {string}
 */
export function valueWords(value) {
  if (value === null || value === undefined) return "unknown";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value === "number") return figure(value);
  if (typeof value === "string") return MOMENT.test(value) ? momentWords(value) : value;
  if (Array.isArray(value)) return value.length ? value.map(valueWords).join(", ") : "none";
  if ("days_ago" in value) return `${figure(value.days_ago)} days ago`;
  if ("daysAgo" in value) return `${figure(value.daysAgo)} days ago`;
  if ("hoursAgo" in value) return `${figure(value.hoursAgo)} hours ago`;
  if ("lat" in value) return `${value.km ? `${figure(value.km)} km of ` : ""}${figure(value.lat)}, ${figure(value.lon)}`;
  if ("now" in value) return `${clockAt(value.now, value.zone)}${value.zone ? ` in ${placeOf(value.zone)}` : ", zone unknown"}`;
  if ("from" in value)
    return [`${value.from} and ${value.to}`, value.days && `on ${value.days.map(capital).join(", ")}`, value.zone && `in ${placeOf(value.zone)}`]
      .filter(Boolean)
      .join(" ");
  return Object.entries(value).map(([name, part]) => `${spaced(name)} ${valueWords(part)}`).join(", ");
}

/**
 * What a comparison asks, without the attribute: "is at least 3".
 * @param {string} op
 * @param {unknown} value
 */
export const askWords = (op, value) =>
  op === "exists" ? (value === false ? "is unknown" : "is known") : `${operatorWords(op)} ${valueWords(value)}`;

/**
 * A whole condition as one sentence; none is everyone.
 * @param {any} condition
 * @param {boolean} [inside] whether it stands inside another one
 * @returns {string}
 */
export function conditionWords(condition, inside = false) {
  if (condition === null || condition === undefined) return "everyone";
  const kind = /** @type {const} */ (["all", "any", "not"]).find((each) => Array.isArray(condition[each]));
  if (!kind) return "attribute" in condition ? `${attributeWords(String(condition.attribute))} ${askWords(String(condition.op), condition.value)}` : "…";
  const parts = condition[kind];
  const words = parts.map((/** @type {unknown} */ part) => conditionWords(part, parts.length > 1 || kind === "not")).join(JOINED[kind]);
  if (kind === "not") return `not (${words})`;
  return inside && parts.length > 1 ? `(${words})` : words;
}

/** @param {string} at @param {string | null} zone */
const clockAt = (at, zone) =>
  new Date(at).toLocaleString("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: zone ?? "UTC" });

/** "America/New_York" → "New York". @param {string} zone */
const placeOf = (zone) => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
