// @ts-check
import { el } from "../element.js";
import { action, closeButton, severityOf, taken } from "./parts.js";

const LINGER_MS = 12_000;

/**
 * A toast: a note in the corner. One without an action and without urgency leaves by itself some time after it was
 * seen, but not while it is pointed at, focused or in a hidden tab; then nothing more than `seen` is reported.
 * @param {import("./parts.js").Content} content
 * @param {import("./parts.js").Close} close
 * @param {HTMLElement | null} [why] the reason why the reader sees it
 * @returns {import("./parts.js").Rendered}
 */
export function toast(content, close, why = null) {
  const severity = severityOf(content.severity);
  const node = el(
    "div",
    { class: `message toast ${severity}`, role: severity === "critical" ? "alert" : undefined },
    el("div", { class: "message-words" }, el("strong", {}, content.title), el("p", {}, content.body), why),
    closeButton(`Close: ${content.title}`, () => close("dismissed")),
    content.cta ? el("p", { class: "card-actions" }, action(content, () => close(...taken(content)))) : null,
  );
  const stays = Boolean(content.cta) || severity === "warning" || severity === "critical";
  return { node, whenSeen: stays ? undefined : () => linger(node, close) };
}

/** @param {HTMLElement} node @param {() => void} leave */
function linger(node, leave) {
  setTimeout(() => {
    if (!node.isConnected) return;
    if (document.hidden || node.matches(":hover, :focus-within")) linger(node, leave);
    else leave();
  }, LINGER_MS);
}
