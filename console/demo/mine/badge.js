// @ts-check
/** What is mine, of it the little that every page needs: the live number of unread messages; the rest is loaded when it is opened. */

import { call } from "../api.js";
import { byId } from "../element.js";
import { poll } from "./poll.js";

const EVERY_S = 15;

export class Mine {
  /** @type {ReturnType<typeof poll> | null} */
  #poll = null;
  #unread = 0;

  /** @param {import("../people.js").People} people */
  constructor(people) {
    this.people = people;
    document.addEventListener("click", ({ target }) => {
      const from = target instanceof Element ? target.closest("#mine, [data-ask], [data-mine]") : null;
      if (from instanceof HTMLElement) this.#open(from.dataset);
    });
  }

  /** Whoever plays now. */
  get person() {
    return this.people.current;
  }

  /** Somebody else may look at the page: begin to count their messages. */
  begin() {
    this.#poll?.stop();
    this.#tell(0, false);
    if (this.person.uid) this.#poll = poll(EVERY_S, (ifNoneMatch) => this.ask("GET", "/api/messages/inbox/counts", { ifNoneMatch }), ({ unread }) => this.#tell(unread, true));
  }

  /** Count again: something was changed here. */
  recount() {
    this.#poll?.now();
  }

  /**
   * Call the API in the person's name. Throws Problem.
   * @param {string} method
   * @param {string} path
   * @param {import("../api.js").Options} [options]
   */
  ask(method, path, options = {}) {
    return this.people.signIns.as(this.person, (token) => call(method, path, { ...options, token }));
  }

  /** @param {number} unread @param {boolean} aloud */
  #tell(unread, aloud) {
    const badge = byId("unread");
    badge.textContent = unread > 99 ? "99+" : String(unread);
    badge.hidden = unread === 0;
    byId("mine").setAttribute("aria-label", unread ? `Messages, ${unread} unread` : "Messages");
    if (aloud && unread > this.#unread) byId("unread-said").textContent = `${unread} unread ${unread === 1 ? "message" : "messages"}`;
    this.#unread = unread;
  }

  /** @param {DOMStringMap} wish */
  async #open({ ask, event, mine }) {
    const { openPanel } = await import("./panel.js");
    openPanel(this, ask ? { tab: "conversations", ask, event } : { tab: mine ?? "inbox" });
  }
}
