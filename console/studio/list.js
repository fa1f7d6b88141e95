// @ts-check
/** The campaigns one may see: state, place, audience, schedule; newest first, a page at a time. */

import { byId, el } from "../demo/element.js";
import { capital, conditionWords, hoursWords, momentWords } from "../demo/words.js";
import { figures } from "./figures.js";
import { stateChip } from "./state.js";

/** @typedef {import("./draft.js").Campaign} Campaign */

export class List {
  #status = "";
  /** @type {string | null} */
  #cursor = null;
  #rows = el("tbody");
  #more = el("button", { type: "button", class: "button small quiet", onclick: () => this.#load() }, "Show more");
  #empty = el("p", { class: "empty" }, "No campaign here yet.");

  /** @param {import("./session.js").Session} session @param {import("./contract.js").Contract} contract */
  constructor(session, contract) {
    this.session = session;
    const filter = (/** @type {string} */ status, /** @type {string} */ label) =>
      el("label", {}, el("input", { type: "radio", name: "status", checked: status === "", onchange: () => this.show(status) }), el("span", {}, label));
    const heads = ["Campaign", "State", "Reached", "Appears as", "For", "When", "Priority"].map((name) => el("th", { scope: "col" }, name));
    this.node = el(
      "div",
      { class: "list" },
      el(
        "div",
        { class: "list-head" },
        el("fieldset", { class: "segments" }, el("legend", { class: "hidden" }, "State"), filter("", "All"), ...contract.choices("CampaignsQuery", "status").map((status) => filter(status, capital(status)))),
        el("a", { class: "button small", href: "#/new" }, "New campaign"),
      ),
      el("div", { class: "panel table" }, el("table", {}, el("caption", { class: "hidden" }, "Campaigns, newest first"), el("thead", {}, el("tr", {}, ...heads)), this.#rows), this.#empty),
      this.#more,
    );
  }

  /**
   * Begin with the newest.
   * @param {string} [status] only those in it
   */
  async show(status = this.#status) {
    this.#status = status;
    this.#cursor = null;
    await this.#load();
  }

  async #load() {
    const query = new URLSearchParams({ limit: "50", ...(this.#status && { status: this.#status }), ...(this.#cursor && { cursor: this.#cursor }) });
    const first = this.#cursor === null;
    const { data } = await this.session.ask("GET", `/api/messages/campaigns?${query}`);
    const rows = data.items.map((/** @type {Campaign} */ campaign) => row(campaign, figures(this.session, /** @type {any} */ (campaign))));
    if (first) this.#rows.replaceChildren(...rows);
    else this.#rows.append(...rows);
    this.#cursor = data.nextCursor ?? null;
    this.#more.hidden = this.#cursor === null;
    this.#empty.hidden = this.#rows.childElementCount > 0;
    byId("status").textContent = `${this.#rows.childElementCount} campaigns${this.#cursor ? ", and more" : ""}.`;
  }
}

/** @param {Campaign} campaign @param {HTMLElement} reached */
function row({ id, name, status, version, updatedAt, content, deliveryChannels, audience, metadata, scheduling, rollout, experiment, priority, organizerId }, reached) {
  const cell = (/** @type {string} */ label, /** @type {(Node | string | null)[]} */ ...children) => el("td", { "data-label": label }, ...children);
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, el("a", { href: `#/${encodeURIComponent(id)}` }, name), el("span", { class: "fine" }, [organizerId, content.title].filter(Boolean).join(" · "))),
    cell("State", stateChip(status), el("span", { class: "fine" }, `v${version} · ${momentWords(updatedAt)}`)),
    cell("Reached", reached),
    cell("Appears as", el("span", { class: "chips" }, ...deliveryChannels.map((/** @type {string} */ channel) => el("span", { class: "chip" }, channel)))),
    cell("For", el("span", { class: "clamp" }, capital(audienceWords(audience, metadata, rollout))), experiment ? el("span", { class: "fine" }, `${experiment.variants.length} variants`) : null),
    cell("When", scheduleWords(scheduling)),
    cell("Priority", String(priority)),
  );
}

/** @param {any} audience @param {any} metadata @param {any} rollout */
function audienceWords(audience, metadata, rollout) {
  const required = [metadata?.roleRequirement && `${metadata.roleRequirement}s`, metadata?.paidTierRequirement && `tier ${metadata.paidTierRequirement} and up`];
  const whom = [...required, (audience || !required.some(Boolean)) && conditionWords(audience)].filter(Boolean).join("; ");
  return rollout ? `${Math.round(rollout.share * 1000) / 10} % of: ${whom}` : whom;
}

/** @param {any} scheduling */
function scheduleWords({ startAt, endAt, cooldownHours, maxDeliveriesPerUser } = {}) {
  const words = [startAt && `from ${momentWords(startAt)}`, endAt && `until ${momentWords(endAt)}`, maxDeliveriesPerUser && `${maxDeliveriesPerUser}× a person`, cooldownHours && `every ${hoursWords(cooldownHours)}`];
  return capital(words.filter(Boolean).join(", ")) || "Always";
}
