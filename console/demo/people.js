// @ts-check
/** Who the visitor plays: one of the demo people, chosen in the strip above the page. */

import { call } from "./api.js";
import { cast, SignIns } from "./cast.js";
import { byId, el } from "./element.js";

/** @typedef {import("./cast.js").Person} Person */

/** Whoever opens the page where there are no demo people. @type {Person} */
const ANYBODY = { id: "visitor", label: "Visitor", description: "", uid: null };

export class People {
  #select = /** @type {HTMLSelectElement} */ (byId("person"));
  /** @type {Person[]} */
  #all = [ANYBODY];
  signIns = new SignIns();
  /** @type {import("./cast.js").Organizer[]} */
  organizers = [];

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

  /** Somebody who may be told of everything. @returns {Person | undefined} */
  get admin() {
    return this.#all.find((person) => person.explain);
  }

  /**
   * Fetch the demo people; a host without them leaves a plain visitor.
   * @param {string | null} chosen id of the person to begin with
   * @returns {Promise<import("./cast.js").Cast>}
   */
  async load(chosen) {
    /** @type {import("./cast.js").Cast} */
    let demo = { people: [ANYBODY] };
    try {
      demo = await cast();
    } catch {
      byId("start-over").hidden = true;
    }
    this.#all = demo.people;
    this.organizers = demo.organizers ?? [];
    this.#select.replaceChildren(...this.#all.map(({ id, label }) => el("option", { value: id }, label)));
    if (chosen && this.#all.some(({ id }) => id === chosen)) this.#select.value = chosen;
    this.#select.disabled = this.#all.length < 2;
    this.#describe();
    return demo;
  }

  /** Play the first who can sign in. */
  signIn() {
    this.#select.value = this.#all.find(({ uid }) => uid)?.id ?? this.#select.value;
    this.#select.dispatchEvent(new Event("change"));
  }

  /**
   * Have the server forget what the person played was shown.
   * @param {string | undefined} visitorId this browser's own
   */
  async startOver(visitorId) {
    this.signIns.forget(this.current);
    await call("POST", "/dev/start-over", { body: { id: this.current.id, visitorId } });
  }

  #describe() {
    byId("person-description").textContent = this.current.description;
  }
}
