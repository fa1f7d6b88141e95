// @ts-check
/** Staying current without a socket: ask again with the version that is known, and show only what changed. */

import { Problem } from "../api.js";

const LONGEST_S = 120;

/**
 * @param {number} seconds between two questions, while somebody looks
 * @param {(etag: string | null) => Promise<import("../api.js").Answer>} ask
 * @param {(data: any) => void} show called with every new answer
 * @param {(error: unknown) => void} [failed] called when the first answer does not come
 * @returns {{now: () => Promise<void>, stop: () => void}}
 */
export function poll(seconds, ask, show, failed = () => {}) {
  /** @type {string | null} */
  let etag = null;
  let timer = 0;
  let failures = 0;
  let round = 0;
  let stopped = false;
  let known = false;

  async function now() {
    clearTimeout(timer);
    const mine = ++round;
    try {
      const answer = await ask(etag);
      if (stopped || mine !== round) return;
      failures = 0;
      if (!answer.unchanged) {
        etag = answer.etag;
        known = true;
        show(answer.data);
      }
    } catch (error) {
      if (stopped || mine !== round) return;
      failures += 1;
      if (!known) failed(error);
      if (!(error instanceof Problem) || !error.passing) return stop();
    }
    if (!document.hidden) timer = setTimeout(now, Math.min(seconds * 2 ** failures, LONGEST_S) * 1000);
  }

  const look = () => document.hidden || now();
  document.addEventListener("visibilitychange", look);
  function stop() {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  }
  now();
  return { now, stop };
}
