// @ts-check
/** Who the visitor plays: the demo people of the local host, and their sign-in. */

import { call } from "./api.js";
import { byId, el } from "./element.js";

const RENEW_BEFORE_MS = 60_000;

/**
 * @typedef {{id: string, label: string, description: string, uid: string | null, visitorId?: string | null,
 *   explain?: boolean}} Person `explain`: may be told why the others were not shown
 */

/** Whoever opens the page where there are no demo people. @type {Person} */
const ANYBODY = { id: "visitor", label: "Visitor", description: "", uid: null };

export class People {
  #select = /** @type {HTMLSelectElement} */ (byId("person"));
  /** @type {Person[]} */
  #all = [ANYBODY];
  /** @type {Map<string, {token: string, expiresAt: number}>} by person */
  #tokens = new Map();

  /** @param {() => void} changed called when somebody else is played */
  constructor(changed) {
    this.#select.addEventListener("change", () => {
      this.#describe();
      changed();
    });
  }

  /** The person played now. @returns {Person} */
  get current() {
    return this.#all.find((person) => person.id === this.#select.value) ?? this.#all[0];
  }

  /**
   * Fetch the demo people; a host without them leaves a plain visitor.
   * @param {string | null} chosen id of the person to begin with
   * @returns {Promise<{releases?: string[], release?: string}>} the releases that the demo data speak of
   */
  async load(chosen) {
    /** @type {{people: Person[], releases?: string[], release?: string}} */
    let demo = { people: [ANYBODY] };
    try {
      demo = (await call("GET", "/dev/people")).data;
    } catch {
      byId("start-over").hidden = true;
    }
    this.#all = demo.people;
    this.#select.replaceChildren(...this.#all.map(({ id, label }) => el("option", { value: id }, label)));
    if (chosen && this.#all.some(({ id }) => id === chosen)) this.#select.value = chosen;
    this.#select.disabled = this.#all.length < 2;
    this.#describe();
    return demo;
  }

  /** The ID token of the person played, fresh enough to use; null for a visitor. @returns {Promise<string | null>} */
  async token() {
    const { id, uid } = this.current;
    if (!uid) return null;
    const known = this.#tokens.get(id);
    if (known && Date.now() < known.expiresAt - RENEW_BEFORE_MS) return known.token;
    const { data } = await call("POST", "/dev/sign-in", { body: { id } });
    this.#tokens.set(id, { token: data.token, expiresAt: Date.parse(data.expiresAt) });
    return data.token;
  }

  /** Sign in anew before the next call. */
  forgetToken() {
    this.#tokens.delete(this.current.id);
  }

  /**
   * Have the server forget what the person played was shown.
   * @param {string | undefined} visitorId this browser's own
   */
  async startOver(visitorId) {
    this.forgetToken();
    await call("POST", "/dev/start-over", { body: { id: this.current.id, visitorId } });
  }

  #describe() {
    byId("person-description").textContent = this.current.description;
  }
}
