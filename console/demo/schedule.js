// @ts-check
/** When to ask again: one timer that follows nextCheckInSeconds (messaging-platform.md §8, caching). */

const SOONEST_S = 10;
const LATEST_S = 24 * 3600;

export class Schedule {
  #timer = 0;
  #dueAt = Infinity;

  /** @param {() => void} ask */
  constructor(ask) {
    this.ask = ask;
    document.addEventListener("visibilitychange", () => this.#ifDue());
    addEventListener("online", () => this.#ifDue());
  }

  /**
   * Ask again after so many seconds, or when the visitor comes back after that; replaces what was planned.
   * @param {number} seconds
   * @returns {Date} when
   */
  in(seconds) {
    this.stop();
    const wait = Math.min(Math.max(Number(seconds) || LATEST_S, SOONEST_S), LATEST_S) * 1000;
    this.#dueAt = Date.now() + wait;
    this.#timer = setTimeout(() => this.#ifDue(), wait);
    return new Date(this.#dueAt);
  }

  /** Plan nothing. */
  stop() {
    clearTimeout(this.#timer);
    this.#dueAt = Infinity;
  }

  #ifDue() {
    if (document.hidden || Date.now() < this.#dueAt) return;
    this.stop();
    this.ask();
  }
}
