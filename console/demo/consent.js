// @ts-check
/**
 * Whether this browser may be recognised: a visitor id exists only after a yes (design/decisions.md, Visitors).
 * What is on the page stays, whatever the choice.
 */

import { el } from "./element.js";
import { recall, remember } from "./storage.js";

const CHOICE = "cabeceo.consent";
const ID = "cabeceo.visitorId";

export class Consent {
  /**
   * @param {HTMLElement} place where the question appears
   * @param {() => void} agreed called when there is a new id
   */
  constructor(place, agreed) {
    this.place = place;
    this.agreed = agreed;
  }

  /** The id to send, or undefined without consent. @returns {string | undefined} */
  get visitorId() {
    return recall(CHOICE) === "yes" ? (recall(ID) ?? undefined) : undefined;
  }

  /** Ask, unless the visitor has chosen already. */
  askOnce() {
    if (recall(CHOICE) === null) this.#ask();
  }

  /** Ask again, at the visitor's own wish. */
  reconsider() {
    this.#ask();
    this.place.querySelector("button")?.focus();
  }

  /** Take the question away unanswered. */
  hide() {
    this.place.replaceChildren();
  }

  #ask() {
    this.place.replaceChildren(
      el(
        "section",
        { class: "card consent", "aria-labelledby": "consent-title" },
        el("h2", { id: "consent-title" }, "May we recognise this browser?"),
        el("p", {}, "Then you are told once, not every time. One random number, kept here; no tracking, no sharing."),
        el(
          "p",
          { class: "card-actions" },
          el("button", { type: "button", class: "button small", onclick: () => this.#choose("yes") }, "Yes, remember me"),
          el("button", { type: "button", class: "button small quiet", onclick: () => this.#choose("no") }, "No, thanks"),
        ),
      ),
    );
  }

  /** @param {"yes" | "no"} choice */
  #choose(choice) {
    const before = this.visitorId;
    remember(ID, choice === "yes" ? (before ?? uuid()) : null);
    remember(CHOICE, choice);
    this.hide();
    if (this.visitorId && !before) this.agreed();
  }
}

/** A random UUID; crypto.randomUUID does not exist on a page without TLS, such as this one seen from a phone. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
