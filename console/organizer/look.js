// @ts-check
/** How it will look: as an item of the inbox, and as a notification on a phone. */

import { el } from "../demo/element.js";

/** @param {import("../studio/tree.js").Tree} draft @param {string} from @returns {HTMLElement} */
export function look(draft, from) {
  const place = el("div", { class: "looks" });
  const draw = () => {
    const { title, body, cta } = draft.get("/content");
    const channels = draft.get("/channels") ?? [];
    const words = [el("b", {}, title || "A title"), el("span", { class: "fine" }, `${from} · now`)];
    const inbox = el("div", { class: "look" }, el("p", { class: "look-name" }, "In the inbox"), el("div", { class: "look-item" }, el("i", { class: "look-dot" }), el("div", {}, ...words, el("p", {}, body || "A few words."), cta ? el("span", { class: "button small" }, cta) : null)));
    const push = el("div", { class: "look" }, el("p", { class: "look-name" }, "As a notification"), el("div", { class: "look-push" }, el("b", {}, title || "A title"), el("p", {}, body || "A few words.")));
    place.replaceChildren(...[channels.includes("inbox") && inbox, channels.includes("push") && push].filter((node) => node !== false));
  };
  draft.addEventListener("change", draw);
  draw();
  return el("section", { class: "panel preview", "aria-labelledby": "look-title" }, el("h2", { id: "look-title" }, "How it looks"), place);
}
