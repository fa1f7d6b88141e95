// @ts-check
/** Sending a draft to the API: created once, changed over the version it was read at. */

/**
 * @typedef {import("./draft.js").Draft} Draft
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("../demo/api.js").Answer} Answer
 */

const CAMPAIGNS = "/api/messages/campaigns";

/** @param {string} id */
export const pathOf = (id) => `${CAMPAIGNS}/${encodeURIComponent(id)}`;

/** The last body that was sent and its key: sending the same once more makes no second one. */
let attempt = { body: "", key: "" };

/**
 * The key of a body: the same for a repeat, a new one for anything else.
 * @param {unknown} body with whatever else makes it another one
 */
export function keyFor(body) {
  const text = JSON.stringify(body);
  if (attempt.body !== text) attempt = { body: text, key: randomKey() };
  return attempt.key;
}

/**
 * Store a new campaign. Throws Problem.
 * @param {Session} session
 * @param {Draft} draft
 * @returns {Promise<Answer>}
 */
export function create(session, draft) {
  const body = draft.body();
  return session.ask("POST", CAMPAIGNS, { body, key: keyFor([session.person.id, body]) });
}

/**
 * Store what was changed, and more. Throws Problem: 412 when somebody else was faster.
 * @param {Session} session
 * @param {Draft} draft
 * @param {Record<string, unknown>} [more]
 * @returns {Promise<Answer>}
 */
export const change = (session, draft, more = {}) =>
  session.ask("PATCH", pathOf(draft.stored?.id), { body: { ...draft.changes(), ...more }, ifMatch: draft.etag });

/** @returns {string} 128 random bits */
const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
