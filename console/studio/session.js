// @ts-check
/** Who works in the studio: an admin or an organizer among the demo people, and calls in their name. */

import { call } from "../demo/api.js";
import { cast, SignIns } from "../demo/cast.js";
import { byId, el } from "../demo/element.js";

/** @typedef {import("../demo/cast.js").Person} Person */

export class Session {
  #select = /** @type {HTMLSelectElement} */ (byId("person"));
  #signIns = new SignIns();
  /** @type {Person[]} */
  #all = [];
  /** Ids of the organizers the person speaks for. @type {string[]} */
  organizerIds = [];
  /** @type {import("../demo/cast.js").Organizer[]} */
  organizers = [];

  /** @param {() => void} changed called when somebody else works */
  constructor(changed) {
    this.#select.addEventListener("change", async () => {
      await this.#meet();
      changed();
    });
  }

  /** @returns {Person} */
  get person() {
    return this.#all.find(({ id }) => id === this.#select.value) ?? this.#all[0];
  }

  /** What an organizer is called. @param {string} id */
  nameOf(id) {
    return this.organizers.find((one) => one.id === id)?.name ?? id;
  }

  get isAdmin() {
    return this.person.roles?.includes("admin") ?? false;
  }

  /**
   * Offer those who may work here, and sign in as one of them. Throws Problem.
   * @param {string | null} chosen
   * @param {string[]} [roles] who may; the first one is who begins, unless somebody is chosen
   */
  async begin(chosen, roles = ["admin", "organizer"]) {
    const { people, organizers = [] } = await cast();
    this.organizers = organizers;
    this.#all = people.filter((person) => person.roles?.some((role) => roles.includes(role)));
    const first = this.#all.find(({ id }) => id === chosen) ?? this.#all.find((person) => person.roles?.includes(roles[0]));
    this.#select.replaceChildren(...this.#all.map(({ id, label }) => el("option", { value: id, selected: id === first?.id }, label)));
    this.#select.disabled = this.#all.length < 2;
    await this.#meet();
  }

  /**
   * Call the API in the person's name. Throws Problem.
   * @param {string} method
   * @param {string} path
   * @param {import("../demo/api.js").Options} [options]
   */
  ask(method, path, options = {}) {
    return this.#signIns.as(this.person, (token) => call(method, path, { ...options, token }));
  }

  async #meet() {
    this.organizerIds = (await this.ask("GET", "/api/people/me")).data.organizerIds ?? [];
    const address = new URL(location.href);
    address.searchParams.set("as", this.person.id);
    history.replaceState(null, "", address);
  }
}
