// @ts-check
/** The editor of one campaign: its fields beside the live preview, its state, and what the API says to it. */

import { Problem } from "../demo/api.js";
import { el } from "../demo/element.js";
import { capital, momentWords } from "../demo/words.js";
import { audienceFields } from "./audience/builder.js";
import { confirmed } from "./confirm.js";
import { conflictNotice } from "./conflict.js";
import { Draft } from "./draft.js";
import { contentFields } from "./forms/content.js";
import { clear, tell } from "./forms/faults.js";
import { splitFields } from "./forms/split.js";
import { timingFields } from "./forms/timing.js";
import { preview } from "./preview.js";
import { change, create, pathOf } from "./saving.js";
import { Simulation } from "./simulation/panel.js";
import { stateChip } from "./state.js";

/** What can be done in each state: the button, the state it leads to, and the question before it. @type {Record<string, [string, string, string][]>} */
const MOVES = {
  draft: [["Activate", "active", "From now on it is shown to everybody it is for, within its schedule and caps."]],
  active: [["Pause", "paused", "It is shown to nobody until you resume it."]],
  paused: [["Resume", "active", "It is shown again to everybody it is for."]],
};

/**
 * @typedef {object} Work
 * @property {import("./session.js").Session} session
 * @property {import("./contract.js").Contract} contract
 * @property {(answer: import("../demo/api.js").Answer, words: string) => void} saved go on with what is stored now
 */

export class Editor {
  #notice = el("div", { class: "notices", role: "alert" });
  #state = el("div", { class: "editor-state" });
  #busy = false;
  /** Whether there was something to save when the state was drawn. @type {boolean | null} */
  #drawn = null;

  /** @param {Draft} draft @param {Work} work */
  constructor(draft, work) {
    this.draft = draft;
    this.work = work;
    this.form = el("form", { id: "campaign", class: "panels", novalidate: true, onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), this.save()) }, ...this.#sections());
    this.preview = preview(draft);
    this.simulation = draft.stored?.status === "archived" ? null : new Simulation(draft, work.session);
    this.node = el("div", { class: "editor" }, this.#state, this.#notice, el("div", { class: "panels" }, this.form, this.simulation?.node), this.preview);
    this.form.addEventListener("input", ({ target }) => target instanceof Element && clear(/** @type {HTMLElement} */ (target.closest("[data-pointer]") ?? this.form)));
    draft.addEventListener("change", () => this.#drawState());
    this.#drawState();
  }

  #sections() {
    const { draft, work } = this;
    const section = (/** @type {string} */ id, /** @type {string} */ title, /** @type {HTMLElement[]} */ fields) =>
      el("section", { class: "panel", "aria-labelledby": `${id}-title` }, el("h2", { id: `${id}-title` }, title), el("div", { class: "fields" }, ...fields));
    return [
      section("words", "What it says", contentFields(draft, work.contract, work.session)),
      section("timing", "Where and when", timingFields(draft, work.contract)),
      section("audience", "Whom it is for", audienceFields(draft, work.contract)),
      section("split", "For a part of them", splitFields(draft, work.contract)),
    ];
  }

  #drawState() {
    const { stored, isNew, dirty } = this.draft;
    if (this.#drawn === dirty) return;
    this.#drawn = dirty;
    const moves = stored?.status === "archived" ? [] : (MOVES[stored?.status] ?? []);
    const tool = (/** @type {string} */ label, /** @type {() => void} */ onclick, style = "") => el("button", { type: "button", class: `button small quiet ${style}`, onclick }, label);
    const focused = this.#state.contains(document.activeElement) ? document.activeElement?.textContent : null;
    this.#state.replaceChildren(
      el("p", { class: "facts" }, stateChip(stored?.status ?? "draft"), stored ? ` version ${stored.version}, saved ${momentWords(stored.updatedAt)}` : " not saved yet"),
      el("p", { class: "unsaved", role: "status" }, dirty ? "Unsaved changes" : ""),
      el(
        "p",
        { class: "card-actions" },
        tool("Preview", () => this.preview.scrollIntoView(), "to-preview"),
        isNew || !this.simulation ? null : tool("Simulate", () => this.#simulate()),
        stored?.status === "archived" ? null : el("button", { type: "submit", form: "campaign", class: "button small" }, isNew ? "Save as a draft" : "Save"),
        ...moves.map(([label, status, question]) => tool(label, () => this.#move(label, status, question))),
        isNew || stored?.status === "archived" ? null : tool("Archive", () => this.#archive()),
      ),
    );
    const again = [...this.#state.querySelectorAll("button")].find(({ textContent }) => textContent === focused);
    again?.focus();
  }

  async #simulate() {
    this.simulation?.node.querySelector("h2")?.focus({ preventScroll: true });
    await this.simulation?.run();
    this.simulation?.node.scrollIntoView();
  }

  /** Store it; asks nothing. */
  save() {
    if (this.draft.isNew) return this.#run(() => create(this.work.session, this.draft), "Saved as a draft.");
    return this.#run(() => change(this.work.session, this.draft), "Saved.");
  }

  /** @param {string} label @param {string} status @param {string} question */
  async #move(label, status, question) {
    const also = this.draft.dirty ? " Your unsaved changes are saved with it." : "";
    if (!(await confirmed(`${label} «${this.draft.stored?.name}»?`, question + also, label))) return;
    await this.#run(() => change(this.work.session, this.draft, { status }), `It is ${status} now.`);
  }

  async #archive() {
    const question = "It is shown to nobody any more and stays readable. This cannot be undone.";
    if (!(await confirmed(`Archive «${this.draft.stored?.name}»?`, question, "Archive"))) return;
    const path = pathOf(this.draft.stored?.id);
    await this.#run(async () => {
      await this.work.session.ask("DELETE", path);
      return this.work.session.ask("GET", path);
    }, "It is archived.");
  }

  /**
   * Do one thing at a time, and tell what the API says to it.
   * @param {() => Promise<import("../demo/api.js").Answer>} act
   * @param {string} words when it worked
   */
  async #run(act, words) {
    if (this.#busy) return;
    this.#busy = true;
    this.form.setAttribute("aria-busy", "true");
    this.#notice.replaceChildren();
    clear(this.form);
    try {
      this.work.saved(await act(), words);
    } catch (error) {
      await this.#refused(error instanceof Problem ? error : new Problem(0, { detail: String(error) }), act, words);
    } finally {
      this.#busy = false;
      this.form.removeAttribute("aria-busy");
    }
  }

  /** @param {Problem} problem @param {() => Promise<import("../demo/api.js").Answer>} act @param {string} words */
  async #refused(problem, act, words) {
    if (problem.status === 412) return this.#conflict(act, words);
    const title = problem.faults.length ? "Not saved: please look at" : problem.status === 0 ? "The server cannot be reached." : capital(problem.message);
    const faults = tell(this.form, problem.faults);
    this.#show(el("div", { class: "refusal" }, el("h2", { tabindex: "-1" }, title), faults && problem.status !== 422 ? el("p", {}, problem.message) : null, faults, problem.requestId && el("p", { class: "fine" }, "Request ", el("code", {}, problem.requestId))));
  }

  /** @param {() => Promise<import("../demo/api.js").Answer>} act @param {string} words */
  async #conflict(act, words) {
    const theirs = await this.work.session.ask("GET", pathOf(this.draft.stored?.id));
    const mine = () => {
      this.draft.rebase(theirs.data, theirs.etag);
      return this.#run(act, words);
    };
    this.#show(conflictNotice(this.draft, theirs, { mine, theirs: () => this.work.saved(theirs, "This is the newest version.") }));
  }

  /** @param {HTMLElement} told */
  #show(told) {
    this.#notice.replaceChildren(told);
    told.querySelector("h2")?.focus();
  }
}
