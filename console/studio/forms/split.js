// @ts-check
/** Rollout to a share of the audience, and an experiment with variants of the words. */

import { el } from "../../demo/element.js";
import { numberField, textField } from "./fields.js";
import { listField } from "./lists.js";

/**
 * @param {import("../draft.js").Draft} draft
 * @param {import("../contract.js").Contract} contract
 * @returns {HTMLElement[]}
 */
export const splitFields = (draft, contract) => [
  optional(draft, "/rollout", "Show it to a share of the audience", { share: 0.1 }, () => [
    numberField(draft, "/rollout/share", "Share", { unit: "%", scale: 100, min: 0, max: 100, hint: "The same people at every visit; a larger share keeps them." }),
    textField(draft, "/rollout/seed", "Seed", { hint: "Open: made of the campaign’s id." }),
  ]),
  optional(draft, "/experiment", "Try variants of the words", { key: "", variants: [{ key: "a" }, { key: "b", content: {} }] }, () => experiment(draft, contract)),
];

/**
 * @param {import("../draft.js").Draft} draft
 * @param {import("../contract.js").Contract} contract
 */
function experiment(draft, contract) {
  const at = "/experiment";
  const variants = listField({
    draft,
    pointer: `${at}/variants`,
    legend: "Variants",
    noun: "variant",
    most: contract.property("Experiment", "variants").maxItems ?? 8,
    hint: "Words left open are the campaign’s own. Give a weight to every variant, or to none: then they are equal.",
    item: (pointer) => [
      textField(draft, `${pointer}/key`, "Key", { required: true }),
      numberField(draft, `${pointer}/weight`, "Weight", { unit: "%", scale: 100, min: 0, max: 100 }),
      textField(draft, `${pointer}/content/title`, "Title instead", { wide: true }),
      textField(draft, `${pointer}/content/body`, "Text instead", { lines: 2, wide: true }),
      textField(draft, `${pointer}/content/cta`, "Button instead"),
      textField(draft, `${pointer}/content/link`, "Leads to instead"),
    ],
    fresh: (number) => ({ key: String.fromCharCode(97 + number), content: {} }),
  });
  return [
    textField(draft, `${at}/key`, "Experiment’s key", { required: true, hint: "Stays while the campaign is active." }),
    numberField(draft, `${at}/coverage`, "Taking part", { unit: "%", scale: 100, min: 0, max: 100, hint: "Of each variant’s share; open: all." }),
    variants,
    optional(draft, `${at}/namespace`, "Share no person with other experiments", { id: "", start: 0, end: 0.5 }, () => [
      textField(draft, `${at}/namespace/id`, "Namespace", { required: true }),
      numberField(draft, `${at}/namespace/start`, "From", { step: 0.01, min: 0, max: 1 }),
      numberField(draft, `${at}/namespace/end`, "To", { step: 0.01, min: 0, max: 1 }),
    ]),
  ];
}

/**
 * A part of the draft that is there or not, with a box to tick.
 * @param {import("../draft.js").Draft} draft
 * @param {string} pointer
 * @param {string} label
 * @param {unknown} fresh what it begins with
 * @param {() => HTMLElement[]} fields
 */
function optional(draft, pointer, label, fresh, fields) {
  const inside = el("div", { class: "fields" });
  const draw = () => inside.replaceChildren(...(draft.get(pointer) ? fields() : []));
  const toggle = (/** @type {Event} */ event) => {
    const on = /** @type {HTMLInputElement} */ (event.target).checked;
    draft.set(pointer, on ? structuredClone(fresh) : undefined);
    draw();
  };
  draw();
  return el(
    "div",
    { class: "wide optional", "data-pointer": pointer, "data-name": label },
    el("label", { class: "switch" }, el("input", { type: "checkbox", checked: Boolean(draft.get(pointer)), onchange: toggle }), el("span", {}, label)),
    inside,
    el("p", { class: "fault" }),
  );
}
