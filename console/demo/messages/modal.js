// @ts-check
import { el } from "../element.js";
import { action, closeButton, ornament, picture, severityOf, taken } from "./parts.js";

/**
 * A modal: one thing that matters now. «Got it» acknowledges; Escape, the cross and «Not now» dismiss.
 * @param {import("./parts.js").Content} content
 * @param {import("./parts.js").Close} close
 * @param {HTMLElement | null} [why] the reason why the reader sees it
 * @returns {import("./parts.js").Rendered}
 */
export function modal(content, close, why = null) {
  const node = el(
    "dialog",
    { class: `message modal ${severityOf(content.severity)}`, "aria-labelledby": "modal-title", "aria-describedby": "modal-body" },
    el(
      "div",
      { class: "sheet" },
      closeButton("Close", () => close("dismissed")),
      picture(content.media) ?? ornament(),
      el("h2", { id: "modal-title", tabindex: "-1", autofocus: true }, content.title),
      el("p", { id: "modal-body", class: "message-body" }, content.body),
      el(
        "p",
        { class: "card-actions" },
        action(content, () => close(...taken(content)), "Got it"),
        content.cta && el("button", { type: "button", class: "button small quiet", onclick: () => close("dismissed") }, "Not now"),
      ),
      why,
    ),
  );
  return { node };
}
