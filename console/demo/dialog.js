// @ts-check
/** Native modal dialogs, with the manners they lack: focus stays inside, and goes back where it was. */

import { byId } from "./element.js";

const FOCUSABLE = "a[href], summary, button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea, [tabindex='0']";

/**
 * Open a dialog over the page. Escape and a press beside it dismiss it.
 * @param {HTMLDialogElement} dialog
 * @param {() => void} dismiss
 * @returns {() => void} closes it and gives the focus back
 */
export function openDialog(dialog, dismiss) {
  const before = document.activeElement;
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    dismiss();
  });
  dialog.addEventListener("pointerdown", (event) => event.target === dialog && dismiss());
  dialog.addEventListener("keydown", (event) => event.key === "Tab" && wrap(dialog, event));
  byId("dialogs").append(dialog);
  dialog.showModal();
  return () => {
    dialog.close();
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
  };
}

/**
 * Tab at the last control goes to the first one, and back: never out to the browser's own controls.
 * @param {HTMLDialogElement} dialog
 * @param {KeyboardEvent} event
 */
function wrap(dialog, event) {
  const controls = [...dialog.querySelectorAll(FOCUSABLE)].filter((node) => node.checkVisibility());
  const first = controls[0];
  const last = controls[controls.length - 1];
  const at = document.activeElement;
  const outside = !controls.includes(/** @type {Element} */ (at));
  const goal = event.shiftKey ? (at === first || outside) && last : at === last && first;
  if (!(goal instanceof HTMLElement)) return;
  event.preventDefault();
  goal.focus();
}
