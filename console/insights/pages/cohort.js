// @ts-check
/** A cohort in the making: conditions over behaviour, and how many people they find, counted as one goes. */

import { Problem } from "../../demo/api.js";
import { el } from "../../demo/element.js";
import { conditionWords } from "../../demo/words.js";
import { audienceFields } from "../../studio/audience/builder.js";
import { Tree } from "../../studio/tree.js";
import { Estimates } from "../estimates.js";
import { saving } from "../segments/saving.js";
import { sizes } from "../segments/sizes.js";
import { asOfWords, exactWords, sizeWords } from "../words.js";

const SEGMENTS = "/api/analytics/segments";

/** @type {import("../app.js").Page} */
export const cohort = {
  id: "cohort",
  name: "Cohorts",
  title: "Whom to invite",
  lead: "Say what people do, and see how many do it. A cohort that is saved as a segment can be named by campaigns and broadcasts.",
  async open({ session, contract, signal, say }) {
    const { data } = await session.ask("GET", `${SEGMENTS}?limit=50`, { signal });
    const draft = new Tree({ filters: undefined });
    const builder = el("div", { class: "panel" });
    const spoken = contract.speaking("Filters");
    const all = [...(data.ready_made ?? []), ...data.items];
    const begin = (/** @type {any} */ filters) => {
      draft.value.filters = structuredClone(filters);
      builder.replaceChildren(el("h2", {}, "People who …"), starts(all, begin), ...audienceFields(draft, spoken, "/filters"));
      draft.changed();
    };
    const counted = estimate(session, draft, signal, say);
    begin({ all: [{ attribute: "person.type", op: "eq", value: "user" }] });
    const chosen = el("div", { class: "split" }, builder, el("div", { class: "panel estimate" }, counted, saving(session, draft, say)));
    return [chosen, ...sizes(all)];
  },
};

/** Segments to begin with. @param {any[]} segments @param {(filters: any) => void} begin */
function starts(segments, begin) {
  const button = (/** @type {any} */ { segment_name, filters }) => el("button", { type: "button", class: "tool", onclick: () => begin(filters) }, segment_name);
  return el("div", { class: "ready", role: "group", "aria-label": "Begin with a segment" }, ...segments.slice(0, 8).map(button));
}

/**
 * The number, which follows the conditions.
 * @param {import("../../studio/session.js").Session} session
 * @param {Tree} draft
 * @param {AbortSignal} signal
 * @param {(words: string) => void} say
 */
function estimate(session, draft, signal, say) {
  const number = el("p", { class: "big" }, "…");
  const words = el("p", {}, "");
  const fine = el("p", { class: "fine" }, "");
  const bar = el("i");
  const share = el("div", { class: "share", "aria-hidden": "true" }, bar);
  const node = el("div", { class: "waiting", "aria-busy": "true" }, el("h2", {}, "How many"), number, words, share, fine);
  const estimates = new Estimates(session, signal);

  const tell = (/** @type {any} */ size, /** @type {any} */ whole) => {
    number.textContent = sizeWords(size);
    const part = whole?.count ? Math.min(1, (size.count ?? 0) / whole.count) : 0;
    words.textContent = `people${whole?.count ? ` of ${sizeWords(whole)}` : ""}, ${exactWords(size)}`;
    bar.style.width = `${part * 100}%`;
    fine.textContent = asOfWords(size.asOf);
    say(`${sizeWords(size)} people: ${conditionWords(draft.get("/filters"))}.`);
  };
  const refuse = (/** @type {unknown} */ error) => {
    const problem = error instanceof Problem ? error : new Problem(0, {});
    number.textContent = "–";
    words.textContent = problem.faults.length ? problem.faults.map(({ detail }) => detail).join(" ") : problem.message;
    fine.textContent = problem.status === 422 ? "Complete the conditions to count again." : "";
  };
  draft.addEventListener("change", () => {
    node.setAttribute("aria-busy", "true");
    node.classList.add("waiting");
    estimates.ask(draft.get("/filters"), (size, whole, error) => {
      node.removeAttribute("aria-busy");
      node.classList.remove("waiting");
      if (error) refuse(error);
      else tell(size, whole);
    });
  });
  return node;
}
