// @ts-check
import { el } from "../element.js";
import { action, closeButton, ornament, picture, severityOf, taken } from "./parts.js";

/**
 * A helper: a modal of several steps, walked with its buttons or the arrow keys. Its end acknowledges; leaving
 * earlier (Escape, the cross, «Skip») dismisses.
 * @param {import("./parts.js").Content} content
 * @param {import("./parts.js").Close} close
 * @param {HTMLElement | null} [why] the reason why the reader sees it
 * @returns {import("./parts.js").Rendered}
 */
export function helper(content, close, why = null) {
  const steps = content.steps?.length ? content.steps : [content];
  let at = 0;
  const step = el("div", { class: "step", "aria-live": "polite" });
  const progress = el("p", { class: "progress" });
  const dots = el("div", { class: "dots", "aria-hidden": "true" }, ...steps.map(() => el("i")));
  const back = button("Back", "quiet", () => go(-1));
  const next = button("Next", "", () => go(+1));
  const skip = button("Skip", "quiet", () => close("dismissed"));
  const finish = /** @type {HTMLElement} */ (action(content, () => close(...taken(content)), "Done"));

  function go(/** @type {number} */ by) {
    at = Math.min(Math.max(at + by, 0), steps.length - 1);
    draw();
    const control = by > 0 ? (at === steps.length - 1 ? finish : next) : back.hidden ? next : back;
    control.focus();
  }

  function draw() {
    const { title, body, media } = steps[at];
    const last = at === steps.length - 1;
    progress.textContent = `Step ${at + 1} of ${steps.length}`;
    [...dots.children].forEach((dot, index) => dot.classList.toggle("on", index === at));
    step.replaceChildren(el("h3", {}, title), el("p", { class: "message-body" }, body));
    const image = picture(media);
    if (image) step.prepend(image);
    back.hidden = at === 0;
    next.hidden = skip.hidden = last;
    finish.hidden = !last;
  }

  draw();
  const node = el(
    "dialog",
    { class: `message helper ${severityOf(content.severity)}`, "aria-labelledby": "helper-title", onkeydown: arrows },
    el(
      "div",
      { class: "sheet" },
      closeButton("Close", () => close("dismissed")),
      ornament(),
      el("h2", { id: "helper-title", tabindex: "-1", autofocus: true }, content.title),
      step,
      el("div", { class: "helper-foot" }, dots, progress, el("p", { class: "card-actions" }, skip, back, next, finish)),
      why,
    ),
  );
  return { node };

  function arrows(/** @type {KeyboardEvent} */ event) {
    const by = { ArrowLeft: -1, ArrowRight: +1 }[event.key];
    if (by && at + by >= 0 && at + by < steps.length) go(by);
  }
}

/** @param {string} label @param {string} style @param {() => void} onclick */
const button = (label, style, onclick) => el("button", { type: "button", class: `button small ${style}`, onclick }, label);
