// @ts-check
/** Whom a campaign is for: built of conditions, or written as JSON by those who know the grammar. */

import { byId, el } from "../../demo/element.js";
import { capital, conditionWords } from "../../demo/words.js";
import { uid } from "../forms/fields.js";
import { adders, conditionNode, kindOf } from "./group.js";

/**
 * @param {import("../tree.js").Tree} draft
 * @param {import("../contract.js").Contract} contract
 * @param {string} [pointer] where the condition stands in the draft
 * @param {{lead?: string, none?: string, name?: string}} [words] how the sentence begins, what it is without a condition, and what the field is called
 * @returns {HTMLElement[]}
 */
export function audienceFields(draft, contract, pointer = "/audience", { lead = "For", none = "For everyone.", name = "Audience" } = {}) {
  const place = el("div", { class: "builder" });
  const sentence = el("p", { class: "sentence", role: "status" });
  const say = () => (sentence.textContent = draft.get(pointer) ? `${lead} ${conditionWords(draft.get(pointer))}.` : none);
  const changed = () => draft.changed();
  draft.addEventListener("change", say);

  const insert = (/** @type {any} */ part) => {
    const root = draft.get(pointer);
    draft.set(pointer, root ? { all: [root, part] } : kindOf(part) ? part : { all: [part] });
    redraw(root ? `${pointer}/all/1` : kindOf(part) ? pointer : `${pointer}/all/0`);
  };
  const remove = () => {
    draft.set(pointer, undefined);
    redraw(pointer);
  };

  function draw() {
    const root = draft.get(pointer);
    const tree = root ? conditionNode({ node: root, pointer, contract, changed, redraw, remove }) : null;
    place.replaceChildren(...[tree, kindOf(root) ? null : adders(contract, insert)].filter((node) => node !== null));
  }

  /** Draw anew after the structure changed, and put the focus there. @param {string} goalPointer */
  function redraw(goalPointer) {
    draw();
    const goal = place.querySelector(`[data-pointer="${CSS.escape(goalPointer)}"]`) ?? place;
    /** @type {HTMLElement | null} */ (goal.querySelector("select, input, button"))?.focus();
  }

  draw();
  say();
  return [el("div", { class: "wide audience", "data-pointer": pointer, "data-name": name }, sentence, place, jsonView(draft, pointer, draw, name), el("p", { class: "fault" }))];
}

/**
 * The same condition as JSON, both ways.
 * @param {import("../tree.js").Tree} draft
 * @param {string} pointer
 * @param {() => void} redraw
 * @param {string} name
 */
function jsonView(draft, pointer, redraw, name) {
  const id = uid();
  const written = () => (draft.get(pointer) ? JSON.stringify(draft.get(pointer), null, 2) : "");
  const fault = el("p", { class: "fault", id: `${id}-fault` });
  const text = /** @type {HTMLTextAreaElement} */ (el("textarea", { id, rows: 9, spellcheck: "false", class: "code", "aria-describedby": `${id}-fault`, oninput: read }));
  const details = el("details", { class: "more", ontoggle: () => (text.value = written()) }, el("summary", {}, "As JSON"), el("label", { for: id, class: "hidden" }, `${name} as JSON`), text, fault);
  draft.addEventListener("change", () => {
    if (document.activeElement !== text) text.value = written();
  });

  function read() {
    let parsed;
    try {
      parsed = text.value.trim() ? JSON.parse(text.value) : undefined;
      fault.textContent = parsed === undefined || (parsed && typeof parsed === "object") ? "" : "A condition is an object.";
    } catch (error) {
      fault.textContent = capital(String(error instanceof Error ? error.message : error));
    }
    text.setAttribute("aria-invalid", String(fault.textContent !== ""));
    if (fault.textContent) return;
    draft.set(pointer, parsed);
    redraw();
  }
  return details;
}
