// @ts-check
/** A list in the draft whose items are edited in place: steps of a helper, variants of an experiment. */

import { el } from "../../demo/element.js";

/**
 * @param {object} options
 * @param {import("../draft.js").Draft} options.draft
 * @param {string} options.pointer of the list
 * @param {string} options.legend
 * @param {string} options.noun what one item is called
 * @param {number} options.most
 * @param {(pointer: string, number: number) => HTMLElement[]} options.item the fields of one item
 * @param {(number: number) => unknown} options.fresh a new item
 * @param {string} [options.hint]
 */
export function listField({ draft, pointer, legend, noun, most, item, fresh, hint }) {
  const list = el("ol", { class: "items" });
  const add = el("button", { type: "button", class: "tool", onclick: () => insert() }, `Add a ${noun}`);
  const node = el(
    "fieldset",
    { class: "field wide list", "data-pointer": pointer },
    el("legend", {}, legend),
    hint ? el("p", { class: "hint" }, hint) : null,
    list,
    add,
    el("p", { class: "fault" }),
  );
  const items = () => /** @type {unknown[]} */ (draft.get(pointer) ?? []);

  function draw() {
    list.replaceChildren(
      ...items().map((_, number) =>
        el(
          "li",
          {},
          el(
            "fieldset",
            { class: "item" },
            el("legend", {}, `${noun} ${number + 1}`),
            el("button", { type: "button", class: "tool remove", "aria-label": `Remove ${noun} ${number + 1}`, onclick: () => remove(number) }, "Remove"),
            ...item(`${pointer}/${number}`, number),
          ),
        ),
      ),
    );
    add.toggleAttribute("disabled", items().length >= most);
  }

  function insert() {
    draft.set(pointer, [...items(), fresh(items().length)]);
    draw();
    /** @type {HTMLElement | null} */ (list.querySelector("li:last-child :is(input, textarea)"))?.focus();
  }

  function remove(/** @type {number} */ number) {
    draft.set(pointer, items().toSpliced(number, 1));
    draw();
    add.focus();
  }

  draw();
  return node;
}
