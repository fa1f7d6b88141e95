// @ts-check
/** Writing to many: words, whom, where and when; tried before it is sent, and sent only as it was tried. */

import { Problem } from "../demo/api.js";
import { el } from "../demo/element.js";
import { capital, figure, numberWords } from "../demo/words.js";
import { confirmed } from "../studio/confirm.js";
import { clear, tell } from "../studio/forms/faults.js";
import { choiceField, choicesField, textField, uid } from "../studio/forms/fields.js";
import { keyFor } from "../studio/saving.js";
import { Tree } from "../studio/tree.js";
import { whom } from "./audience.js";
import { dryRun } from "./dry-run.js";
import { look } from "./look.js";
import { schedule } from "./schedule.js";

const PATH = "/api/messages/org-broadcast";

export class Compose {
  #said = el("p", { class: "said", role: "status" });
  #found = el("div", { class: "found" });
  #send = el("button", { type: "button", class: "button small", hidden: true, onclick: () => this.#ask() }, "Send it");
  /** The body that was tried, and what came of it. @type {{body: string, found: any} | null} */
  #tried = null;
  #busy = false;

  /**
   * @param {import("../studio/session.js").Session} session
   * @param {import("../studio/contract.js").Contract} contract
   * @param {(id: string) => void} sent
   */
  constructor(session, contract, sent) {
    this.session = session;
    this.sent = sent;
    this.draft = new Tree({ organizerId: session.organizerIds[0], content: { title: "", body: "", severity: "info" }, audience: { type: "favorites" }, channels: ["inbox"] });
    this.form = el("form", { class: "panels", novalidate: true, onsubmit: (/** @type {Event} */ event) => (event.preventDefault(), this.#try()) }, this.#words(contract), section("Whom it is for", ...whom(this.draft, contract, session)), this.#when(contract), this.#trial());
    this.form.addEventListener("input", ({ target }) => target instanceof Element && clear(/** @type {HTMLElement} */ (target.closest("[data-pointer]") ?? this.form)));
    this.draft.addEventListener("change", () => this.#changed());
    this.node = el("div", { class: "editor" }, this.form, look(this.draft, session.nameOf(session.organizerIds[0])));
  }

  /** Whether there is anything to lose. */
  get dirty() {
    return Boolean(this.draft.get("/content/title") || this.draft.get("/content/body"));
  }

  /** @param {import("../studio/contract.js").Contract} contract */
  #words(contract) {
    const { draft, session } = this;
    const from = session.organizerIds.length > 1 ? choiceField(draft, "/organizerId", "From", session.organizerIds, { words: (id) => session.nameOf(id) }) : null;
    const tones = contract.choices("Content", "severity").filter((tone) => tone !== "critical");
    return section(
      "What it says",
      ...(from ? [from] : []),
      textField(draft, "/content/title", "Title", { required: true, wide: true }),
      textField(draft, "/content/body", "Text", { lines: 4, required: true, wide: true, hint: "Plain text; line breaks stay." }),
      textField(draft, "/content/cta", "Button", { placeholder: "See the evening" }),
      textField(draft, "/content/link", "Leads to", { placeholder: "/events", hint: "A page of the site, or https://…" }),
      choiceField(draft, "/content/severity", "Tone", tones),
      el("details", { class: "wide more" }, el("summary", {}, "A picture"), el("div", { class: "fields" }, textField(draft, "/content/media/url", "Picture’s address", { placeholder: "https://…" }), textField(draft, "/content/media/alt", "Picture in words", { hint: "Read aloud in its place." }))),
    );
  }

  /** @param {import("../studio/contract.js").Contract} contract */
  #when(contract) {
    const { draft } = this;
    const channels = choicesField(draft, "/channels", "Reaches them in", contract.choices("SendBroadcast", "channels"), { hint: "Push only those who agreed to it, on their devices." });
    return section("Where and when", channels, ...schedule(draft));
  }

  #trial() {
    return el("section", { class: "panel simulation", "aria-labelledby": "trial-title" }, el("h2", { id: "trial-title" }, "Try it, then send it"), el("p", { class: "hint" }, "Nothing is sent by trying. What you then send is what you tried, at that price or less."), el("div", { class: "try" }, el("button", { type: "submit", class: "button small quiet" }, "Try it"), this.#send, this.#said), this.#found);
  }

  #changed() {
    if (!this.#tried) return;
    const same = this.#tried.body === JSON.stringify(this.#body());
    this.#send.hidden = !same;
    this.#said.textContent = same ? "" : "It was changed since: try it again.";
  }

  #body() {
    const body = JSON.parse(JSON.stringify(this.draft.value));
    if (body.content.media && !body.content.media.url && !body.content.media.alt) delete body.content.media;
    return body;
  }

  #try() {
    const body = this.#body();
    return this.#run("Trying it on everybody …", async () => {
      const { data } = await this.session.ask("POST", `${PATH}?dryRun=true`, { body, key: keyFor([this.session.person.id, "try", body, Date.now()]) });
      this.#tried = { body: JSON.stringify(body), found: data };
      this.#found.replaceChildren(...dryRun(data));
      this.#said.textContent = `It would reach ${reach(data)}.`;
      this.#send.hidden = false;
    });
  }

  async #ask() {
    const found = this.#tried?.found;
    const price = found.credits ? `It costs at most ${figure(found.credits)} of your ${figure(found.available)} credits.` : "It costs nothing.";
    if (!(await confirmed(`Send it to ${reach(found)}?`, `${price} You can pause or cancel it while it goes out; what was delivered stays.`, "Send"))) return;
    const body = { ...this.#body(), digest: found.digest };
    await this.#run("Sending …", async () => {
      const { data } = await this.session.ask("POST", PATH, { body, key: keyFor([this.session.person.id, body]) });
      this.sent(data.id);
    });
  }

  /** @param {string} words @param {() => Promise<void>} act */
  async #run(words, act) {
    if (this.#busy) return;
    this.#busy = true;
    clear(this.form);
    this.#said.textContent = words;
    try {
      await act();
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
      const faults = tell(this.form, problem.faults);
      this.#said.replaceChildren(...(faults ? ["Please look at", faults] : [problem.status === 0 ? "The server cannot be reached." : capital(problem.message)]));
      this.#send.hidden = true;
    } finally {
      this.#busy = false;
    }
  }
}

/** @param {any} found a dry run */
const reach = ({ recipients }) => Object.entries(recipients).map(([channel, count]) => `${numberWords(/** @type {any} */ (count))} by ${channel}`).join(" and ");

/** @param {string} title @param {...HTMLElement} fields */
function section(title, ...fields) {
  const id = uid();
  return el("section", { class: "panel", "aria-labelledby": id }, el("h2", { id }, title), el("div", { class: "fields" }, ...fields));
}
