// @ts-check
/** Estimates of cohorts: asked once the conditions rest, each conditions once; only the latest answer counts. */

/** @typedef {import("./words.js").Sized & {asOf: string}} Estimate */

const PATH = "/api/analytics/cohorts/estimate";
/** How long conditions rest before they are counted; an organizer's questions are numbered. */
const REST_MS = 450;
const EVERYBODY = { attribute: "person.type", op: "in", value: ["user", "ip"] };

export class Estimates {
  /** @type {Map<string, Promise<Estimate>>} by what was asked */
  #known = new Map();
  #timer = 0;
  #turn = 0;

  /** @param {import("../studio/session.js").Session} session @param {AbortSignal} signal */
  constructor(session, signal) {
    this.session = session;
    this.signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /**
   * Count, unless something else is asked meanwhile.
   * @param {any} filters undefined: everybody
   * @param {(size: Estimate | null, whole: Estimate | null, error?: unknown) => void} told
   */
  ask(filters, told) {
    const turn = ++this.#turn;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      try {
        const [size, whole] = await Promise.all([this.#count(filters ?? EVERYBODY), this.#count(EVERYBODY)]);
        if (turn === this.#turn && !this.signal.aborted) told(size, whole);
      } catch (error) {
        if (turn === this.#turn && !this.signal.aborted) told(null, null, error);
      }
    }, REST_MS);
  }

  /** @param {any} filters @returns {Promise<Estimate>} */
  #count(filters) {
    const key = JSON.stringify(filters);
    const asked = this.#known.get(key) ?? this.session.ask("POST", PATH, { body: { filters }, signal: this.signal }).then(({ data }) => data);
    this.#known.set(key, asked);
    asked.catch(() => this.#known.delete(key));
    return asked;
  }
}
