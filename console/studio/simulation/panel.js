// @ts-check
/** «Who would see it?»: the campaign as it stands in the form, unsaved edits included, tried on the real profiles. */

import { Problem } from "../../demo/api.js";
import { el } from "../../demo/element.js";
import { capital } from "../../demo/words.js";
import { clear, tell } from "../forms/faults.js";
import { choiceField, momentField, textField } from "../forms/fields.js";
import { pathOf } from "../saving.js";
import { Tree } from "../tree.js";
import { findings } from "./findings.js";

const STALE = "The campaign was changed since: try it again.";

export class Simulation {
  /** What everybody is taken to ask from; left open, each as they were last known. */
  #suppose = new Tree({});
  #button = el("button", { type: "button", class: "button small", onclick: () => this.run() }, "Try it");
  #said = el("p", { class: "said", role: "status" });
  #found = el("div", { class: "found" });
  #tried = "";
  #busy = false;

  /**
   * @param {import("../draft.js").Draft} draft
   * @param {import("../session.js").Session} session
   */
  constructor(draft, session) {
    this.draft = draft;
    this.session = session;
    const intro = draft.isNew ? "Save it as a draft first; then it can be tried on everybody before anybody sees it." : "Tried on the profiles there are, as if it were active, with what you have not saved. Nobody sees anything.";
    this.node = el(
      "section",
      { class: "panel simulation", "aria-labelledby": "simulation-title" },
      el("h2", { id: "simulation-title", tabindex: "-1" }, "Who would see it"),
      el("p", { class: "hint" }, intro),
      ...(draft.isNew ? [] : [el("div", { class: "try" }, this.#button, this.#said), this.#assumptions(), this.#found]),
    );
    draft.addEventListener("change", () => this.#tried && this.#said.replaceChildren(this.#tried === JSON.stringify(draft.changes()) ? "" : STALE));
  }

  #assumptions() {
    const suppose = this.#suppose;
    return el(
      "details",
      { class: "more" },
      el("summary", {}, "Suppose …"),
      el(
        "div",
        { class: "fields" },
        momentField(suppose, "/at", "It is", { hint: "Now, or the campaign’s start." }),
        textField(suppose, "/page/releaseId", "The release is", { hint: "Each person’s last one, if left open." }),
        textField(suppose, "/page/page", "They look at", { placeholder: "/events" }),
        choiceField(suppose, "/sample", "Profiles are", ["5000", "1000", "100"], { none: "as many as may be read", words: (most) => `a sample of ${Number(most).toLocaleString("en")}` }),
      ),
    );
  }

  /** Ask the server, and show what it found. */
  async run() {
    if (this.#busy) return;
    const form = /** @type {HTMLElement} */ (this.node.parentElement);
    const changes = this.draft.changes();
    this.#busy = true;
    this.#button.setAttribute("aria-disabled", "true");
    this.#said.textContent = "Trying it on everybody …";
    clear(form);
    try {
      const { data } = await this.session.ask("POST", `${pathOf(this.draft.stored?.id)}/simulate`, { body: this.#body(changes) });
      this.#tried = JSON.stringify(changes);
      this.#found.replaceChildren(...findings(data));
      this.#said.textContent = `Done: ${data.wouldSee.text} of ${data.sample.population.text} would see it.`;
    } catch (error) {
      this.#refused(form, error);
    } finally {
      this.#busy = false;
      this.#button.removeAttribute("aria-disabled");
    }
  }

  /** @param {Record<string, any>} changes */
  #body(changes) {
    const { sample, ...suppose } = this.#suppose.value;
    return { ...suppose, ...(sample && { sample: Number(sample) }), ...(Object.keys(changes).length && { campaign: changes }) };
  }

  /** @param {HTMLElement} form @param {unknown} error */
  #refused(form, error) {
    const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
    const faults = tell(form, problem.faults.map((fault) => ({ ...fault, pointer: fault.pointer.replace(/^\/campaign(?=\/)/, "") })));
    this.#found.replaceChildren();
    this.#said.replaceChildren(...(faults ? ["Not tried: please look at", faults] : [problem.status === 0 ? "The server cannot be reached." : capital(problem.message)]));
  }
}
