// @ts-check
/** The page inside the preview: shows one message with the site's own modules, and says what it would report. */

import { byId, el } from "../demo/element.js";
import { banner } from "../demo/messages/banner.js";
import { helper } from "../demo/messages/helper.js";
import { modal } from "../demo/messages/modal.js";
import { snackbar } from "../demo/messages/snackbar.js";
import { toast } from "../demo/messages/toast.js";

const KINDS = { banner, snackbar, toast, modal, helper };
/** Where the kinds stand on the site's page. @type {Record<string, [string, string][]>} */
const PLACES = {
  banner: [["div", "banners"]],
  snackbar: [["div", "dock"], ["div", "dock-left"], ["div", ""]],
  toast: [["div", "dock"], ["div", "toasts"]],
};

/**
 * @param {keyof KINDS} kind
 * @param {import("../demo/messages/parts.js").Content} content
 * @param {number} step of a helper, from 0
 */
function show(kind, content, step) {
  const close = (/** @type {string[]} */ ...actions) => parent.postMessage({ reported: actions }, location.origin);
  const { node } = KINDS[kind](content, close);
  if (node instanceof HTMLDialogElement) node.open = true; // not showModal: it would take the focus from the editor
  for (let at = 0; at < step; at++) node.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
  const placed = (PLACES[kind] ?? [["div", "scrim"]]).reduceRight((inner, [tag, style]) => el(tag, { class: style, id: style === "toasts" ? "toasts" : undefined }, inner), node);
  byId("place").replaceChildren(placed);
}

document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("a")) event.preventDefault();
});
addEventListener("message", ({ origin, source, data }) => {
  if (origin === location.origin && source === parent && data.kind in KINDS) show(data.kind, data.content, data.step ?? 0);
});
parent.postMessage({ ready: true }, location.origin);
