// @ts-check
import { el } from "../element.js";
import { action, closeButton, severityOf, taken } from "./parts.js";

/**
 * A banner: across the top of the page's content, until it is taken up or closed.
 * @param {import("./parts.js").Content} content
 * @param {import("./parts.js").Close} close
 * @param {HTMLElement | null} [why] the reason why the reader sees it
 * @returns {import("./parts.js").Rendered}
 */
export function banner(content, close, why = null) {
  const node = el(
    "div",
    { class: `message banner ${severityOf(content.severity)}` },
    el("div", { class: "message-words" }, el("strong", {}, content.title), " ", el("span", {}, content.body), why),
    action(content, () => close(...taken(content))),
    closeButton(`Close: ${content.title}`, () => close("dismissed")),
  );
  return { node };
}
