// @ts-check
/** A question before something that others will notice. */

import { openDialog } from "../demo/dialog.js";
import { el } from "../demo/element.js";

/**
 * @param {string} title
 * @param {string} body
 * @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export function confirmed(title, body, yes) {
  return new Promise((resolve) => {
    const answer = (/** @type {boolean} */ agreed) => {
      shut();
      resolve(agreed);
    };
    const dialog = el(
      "dialog",
      { class: "message confirm", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-body" },
      el(
        "div",
        { class: "sheet" },
        el("h2", { id: "confirm-title", tabindex: "-1", autofocus: true }, title),
        el("p", { id: "confirm-body", class: "message-body" }, body),
        el("p", { class: "card-actions" }, el("button", { type: "button", class: "button small", onclick: () => answer(true) }, yes), el("button", { type: "button", class: "button small quiet", onclick: () => answer(false) }, "Not now")),
      ),
    );
    const shut = openDialog(/** @type {HTMLDialogElement} */ (dialog), () => answer(false));
  });
}
