// @ts-check
/**
 * The drawer's «Why»: the trace that came with the answer, or, for people who may not be told, the stored decision as
 * an admin reads it. Loaded when the drawer is opened first.
 */

import { call, Problem } from "../api.js";
import { el } from "../element.js";
import { styled } from "../styled.js";
import { explanation } from "./view.js";

const NOT_KEPT = "This decision was not kept. Those that show something are, and one in a hundred of the others.";

/** @typedef {import("../people.js").People} People */

export class Panel {
  /** @type {Map<string, string>} campaign id to name */
  #names = new Map();

  /** @param {HTMLElement} place @param {People} people */
  constructor(place, people) {
    this.place = place;
    this.people = people;
  }

  /**
   * Explain an answer of `decide`.
   * @param {any} data
   */
  async show(data) {
    await styled("why");
    const { current } = this.people;
    if (!data.trace) return this.place.replaceChildren(this.#offer(data, "Every campaign’s reasons are for admins, and for organizers those of their own."));
    await this.#learnNames(current);
    const rest = current.explain ? null : this.#offer(data, "You are told of your own campaigns; admins of all.");
    this.place.replaceChildren(...[this.#list(data.trace), rest].filter((node) => node !== null));
  }

  /** @param {any} data @param {string} words */
  #offer(data, words) {
    const { admin } = this.people;
    if (!admin) return el("p", { class: "fine" }, words);
    const said = el("p", { class: "fine", role: "status" }, words);
    const button = el("button", { type: "button", class: "ask", onclick: () => this.#ask(data.decisionId, said) }, `Ask as the ${admin.label.toLowerCase()}`);
    return el("div", { class: "offer" }, said, button);
  }

  /** @param {string} decisionId @param {HTMLElement} said */
  async #ask(decisionId, said) {
    const { admin, signIns } = this.people;
    if (!admin) return;
    try {
      const { data } = await signIns.as(admin, (token) => call("GET", `/api/experience/decisions/${encodeURIComponent(decisionId)}`, { token }));
      await this.#learnNames(admin);
      this.place.replaceChildren(el("p", { class: "fine", tabindex: "-1" }, `As ${admin.label.toLowerCase()} reads it:`), this.#list(data.trace ?? []));
      this.place.querySelector("p")?.focus();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      said.textContent = error.status === 404 ? NOT_KEPT : "The server could not be asked just now.";
    }
  }

  /** @param {import("./view.js").Row[]} rows */
  #list(rows) {
    return explanation(rows, (id) => this.#names.get(id) ?? id);
  }

  /** Names are for those who may see the campaigns. @param {import("../cast.js").Person} person */
  async #learnNames(person) {
    try {
      const { data } = await this.people.signIns.as(person, (token) => call("GET", "/api/messages/campaigns?limit=100", { token }));
      for (const { id, name } of data.items) this.#names.set(id, name);
    } catch {
      // the ids do
    }
  }
}
