// @ts-check
/** The HTTP API as the page sees it: one call, one answer with its cost, one kind of error. */

import { serverTiming } from "./timing.js";

const TIMEOUT_MS = 15_000;

/**
 * @typedef {object} Answer
 * @property {any} data the body, parsed; null without one
 * @property {boolean} unchanged `ifNoneMatch` is the present version: there is no body
 * @property {string | null} requestId
 * @property {string | null} etag the version of what was read, for `ifMatch`
 * @property {number} milliseconds from asking to the last byte
 * @property {number} bytes size of the body
 * @property {import("./timing.js").Metric[]} timing what the server said of its cost
 * @property {number} skew milliseconds by which the server's clock is ahead of this one
 */

/** @typedef {{pointer: string, code: string, detail: string}} Fault one thing wrong with a body, by JSON pointer */

/** A call that did not work out. `status` 0 means that no answer came (offline, refused, too slow). */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{title?: string, detail?: string, code?: string, requestId?: string, errors?: Fault[]}} body problem+json (RFC 9457)
   * @param {{requestId?: string | null, retryAfter?: number | null}} [headers]
   */
  constructor(status, body, headers = {}) {
    super(body.detail || body.title || "No answer");
    this.status = status;
    this.code = body.code ?? null;
    /** What is wrong with the body. */
    this.faults = body.errors ?? [];
    this.requestId = body.requestId ?? headers.requestId ?? null;
    /** Seconds to wait, when the server named them. */
    this.retryAfter = headers.retryAfter ?? null;
  }

  /** Whether the same call may work later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} Options
 * @property {unknown} [body]
 * @property {string | null} [token]
 * @property {string | null} [ifMatch] the version that a change builds on
 * @property {string | null} [ifNoneMatch] the version that is known already
 * @property {string} [key] makes a repeat of the call harmless (Idempotency-Key)
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive] the call outlives the page
 */

/**
 * Call the API. Throws Problem; throws the signal's own error when the caller gave up.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<Answer>}
 */
export async function call(method, path, { body, token, ifMatch, ifNoneMatch, key, signal, keepalive } = {}) {
  const started = performance.now();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  if (ifMatch) headers["If-Match"] = ifMatch;
  if (ifNoneMatch) headers["If-None-Match"] = ifNoneMatch;
  if (key) headers["Idempotency-Key"] = key;
  let response, text;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      keepalive,
      cache: "no-store",
      credentials: "omit",
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, {});
  }
  const data = parse(text);
  const requestId = response.headers.get("X-Request-Id");
  const unchanged = response.status === 304;
  if (!response.ok && !unchanged) {
    const retryAfter = Number(response.headers.get("Retry-After")) || null;
    throw new Problem(response.status, data ?? {}, { requestId, retryAfter });
  }
  return {
    data,
    unchanged,
    requestId,
    etag: response.headers.get("ETag"),
    milliseconds: performance.now() - started,
    bytes: new TextEncoder().encode(text).length,
    timing: serverTiming(response.headers.get("Server-Timing")),
    skew: Date.parse(response.headers.get("Date") ?? "") - Date.now() || 0,
  };
}

/**
 * @param {string} text
 * @returns {any} null when it is empty or not JSON
 */
function parse(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
