// @ts-check
/** Behind the scenes: why the last answer is what it is, what it cost, and what was reported back. */

import { byId, el } from "./element.js";

const LOG_LENGTH = 30;

/** @typedef {import("./messages/parts.js").Message} Message */

export class Drawer {
  #drawer = byId("drawer");
  #toggle = byId("drawer-toggle");
  /** @type {Map<string, string>} delivery id to title */
  #titles = new Map();

  /** The last answer, until it is explained. @type {any} */
  #unexplained = null;
  /** @type {Promise<import("./explanation/panel.js").Panel> | null} */
  #panel = null;

  /** @param {import("./people.js").People} people */
  constructor(people) {
    this.people = people;
    this.#toggle.addEventListener("click", () => this.#show(this.#drawer.hidden));
    byId("drawer-close").addEventListener("click", () => this.#show(false));
    this.#drawer.addEventListener("keydown", (event) => event.key === "Escape" && this.#show(false));
  }

  /**
   * Show an answer of `decide`.
   * @param {import("./api.js").Answer} answer
   * @param {Date} next when the page asks again
   */
  answer({ data, requestId, milliseconds, bytes, timing }, next) {
    const messages = /** @type {Message[]} */ (data.messages);
    for (const { deliveryId, content } of messages) this.#titles.set(deliveryId, content.title);
    byId("cost").replaceChildren(
      ...timing.map(({ name, duration, description }) =>
        fact(name === "total" ? "server" : name, [duration === null ? null : `${duration.toFixed(1)} ms`, description].filter(Boolean).join(" · ")),
      ),
      fact("round trip", `${milliseconds.toFixed(0)} ms`),
      fact("body", bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KB`),
      fact("asks again at", clock(next)),
      fact("person", data.personType, "wide"),
      fact("decision", data.decisionId, "wide"),
      fact("request", requestId ?? "–", "wide"),
    );
    byId("shown").replaceChildren(
      ...messages.map(({ channel, priority, campaignId, content }) =>
        el("li", {}, el("span", { class: "chip" }, channel), el("b", {}, content.title), el("span", { class: "fine" }, `${campaignId} · priority ${priority}`)),
      ),
    );
    if (!messages.length) byId("shown").append(el("li", { class: "fine" }, "Nothing: nothing was due for this person."));
    byId("answer").replaceChildren(...highlighted(data));
    this.#unexplained = data;
    this.#explain();
  }

  /** Explain what was not yet, once somebody looks. */
  async #explain() {
    const data = this.#unexplained;
    if (this.#drawer.hidden || !data) return;
    this.#unexplained = null;
    this.#panel ??= import("./explanation/panel.js").then(({ Panel }) => new Panel(byId("why"), this.people));
    try {
      await (await this.#panel).show(data);
    } catch {
      this.#panel = null;
      byId("why").replaceChildren(el("p", { class: "fine" }, "The reasons could not be loaded."));
    }
  }

  /** @type {import("./acks.js").Log} */
  acked = ({ deliveryId, action, at }, outcome) => {
    const log = byId("acks");
    const key = `${deliveryId} ${action}`;
    [...log.children].find((line) => line.getAttribute("data-key") === key)?.remove();
    log.prepend(
      el(
        "li",
        { "data-key": key, "data-action": action, "data-outcome": outcome },
        el("time", {}, clock(new Date(at))),
        el("b", {}, action),
        el("span", { class: "chip" }, outcome),
        el("span", { class: "fine" }, this.#titles.get(deliveryId) ?? deliveryId),
      ),
    );
    while (log.children.length > LOG_LENGTH) log.lastChild?.remove();
  };

  /** @param {boolean} open */
  #show(open) {
    this.#drawer.hidden = !open;
    this.#toggle.setAttribute("aria-expanded", String(open));
    this.#explain();
    (open ? byId("drawer-title") : this.#toggle).focus({ preventScroll: true });
  }
}

/** @param {Date} moment */
const clock = (moment) => moment.toLocaleTimeString([], { hourCycle: "h23" });

/** @param {string} name @param {string} value @param {string} [style] */
const fact = (name, value, style) => el("div", { class: style }, el("dt", {}, name), el("dd", {}, value));

/**
 * JSON as coloured text; tokens are cut, because screens are shared.
 * @param {unknown} data
 * @returns {Generator<Node | string>}
 */
function* highlighted(data) {
  const text = JSON.stringify(data, (key, value) => (key === "ackToken" ? `${String(value).slice(0, 6)}…` : value), 2);
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|(-?\d[\d.eE+-]*|true|false|null)/g;
  let end = 0;
  for (const match of text.matchAll(token)) {
    yield text.slice(end, match.index);
    const kind = match[2] ? "key" : match[1] ? "text" : "plain";
    yield el("span", { class: `json-${kind}` }, match[1] ?? match[3]);
    end = match.index + (match[1] ?? match[3]).length;
  }
  yield text.slice(end);
}
