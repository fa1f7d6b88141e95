// @ts-check
/** The demo people of the local host, and signing in as one of them. */

import { call, Problem } from "./api.js";

const RENEW_BEFORE_MS = 60_000;

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} label
 * @property {string} description
 * @property {string | null} uid null: cannot sign in
 * @property {string | null} [visitorId]
 * @property {boolean} [explain] may be told why the others were not shown
 * @property {string[]} [roles]
 * @property {string[]} [organizerIds] whom they speak for
 *
 * @typedef {{id: string, name: string, about: string}} Organizer
 * @typedef {{people: Person[], releases?: string[], release?: string, organizers?: Organizer[]}} Cast with the releases the demo data speak of
 */

/** Everybody. Throws Problem where there are no demo people. @returns {Promise<Cast>} */
export const cast = async () => (await call("GET", "/dev/people")).data;

/** ID tokens of those who signed in. */
export class SignIns {
  /** @type {Map<string, {token: string, expiresAt: number}>} by person */
  #tokens = new Map();
  /** @type {Map<string, Promise<string>>} who is signing in */
  #signing = new Map();

  /**
   * The person's ID token, fresh enough to use; null for a visitor.
   * @param {Person} person
   * @returns {Promise<string | null>}
   */
  async token({ id, uid }) {
    if (!uid) return null;
    const known = this.#tokens.get(id);
    if (known && Date.now() < known.expiresAt - RENEW_BEFORE_MS) return known.token;
    const signing = this.#signing.get(id) ?? this.#signIn(id).finally(() => this.#signing.delete(id));
    this.#signing.set(id, signing);
    return signing;
  }

  /** @param {string} id */
  async #signIn(id) {
    const { data } = await call("POST", "/dev/sign-in", { body: { id } });
    this.#tokens.set(id, { token: data.token, expiresAt: Date.parse(data.expiresAt) });
    return data.token;
  }

  /** Sign in anew before the person's next call. @param {Person} person */
  forget({ id }) {
    this.#tokens.delete(id);
  }

  /**
   * Ask something as somebody; a refused token is renewed once.
   * @template T
   * @param {Person} person
   * @param {(token: string | null) => Promise<T>} ask
   * @param {boolean} [again] whether the token may be renewed
   * @returns {Promise<T>}
   */
  async as(person, ask, again = true) {
    const token = await this.token(person);
    try {
      return await ask(token);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401 || !token || !again) throw error;
      this.forget(person);
      return this.as(person, ask, false);
    }
  }
}
