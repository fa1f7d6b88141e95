// @ts-check
/** The live preview: the message as the site shows it, at the width of a phone or a desktop, in a frame of its own. */

import { el } from "../demo/element.js";

const KINDS = ["modal", "helper", "banner", "snackbar", "toast"];
/** Size of the window that is looked at, in CSS pixels. @type {Record<string, [number, number]>} */
const SIZES = { phone: [360, 640], desktop: [880, 600] };
/** Both sides of the stand's frame. */
const BORDER = 12;
/** What stands above and below it while it is in view, and what it keeps in low windows. */
const AROUND = 330;
const LEAST_HEIGHT = 420;

/** @param {import("./draft.js").Draft} draft @returns {HTMLElement} */
export function preview(draft) {
  const frame = /** @type {HTMLIFrameElement} */ (el("iframe", { src: new URL("preview.html", import.meta.url).href, title: "Preview of the message" }));
  const stand = el("div", { class: "stand" }, frame);
  const reported = el("p", { class: "hint reported", role: "status" });
  const kinds = radios("Appearing as", "kind", KINDS, firstKind());
  const sizes = radios("On a", "size", Object.keys(SIZES), "phone");
  const variants = el("div", { class: "variants" });
  let chosen = false;

  /** The first channel of the campaign that can be looked at. */
  function firstKind() {
    return draft.get("/deliveryChannels")?.find((/** @type {string} */ channel) => KINDS.includes(channel)) ?? "banner";
  }

  function send() {
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("[data-pointer]"))?.dataset.pointer ?? "";
    const step = Number(/^\/content\/steps\/(\d+)/.exec(focused)?.[1] ?? 0);
    frame.contentWindow?.postMessage({ kind: picked(kinds), content: words(draft, Number(picked(variants) || "-1")), step }, location.origin);
  }

  function fit() {
    const [width, height] = SIZES[picked(sizes)];
    const room = /** @type {HTMLElement} */ (stand.parentElement);
    const style = getComputedStyle(room);
    const across = room.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) - BORDER;
    const scale = Math.min(1, across / width, Math.max(LEAST_HEIGHT, innerHeight - AROUND) / height);
    frame.width = String(width);
    frame.height = String(height);
    frame.style.transform = `scale(${scale})`;
    stand.style.width = `${width * scale + BORDER}px`;
    stand.style.height = `${height * scale + BORDER}px`;
    stand.dataset.size = picked(sizes);
  }

  function changed() {
    if (!chosen) pick(kinds, firstKind());
    const keys = (draft.get("/experiment/variants") ?? []).map((/** @type {{key: string}} */ { key }, /** @type {number} */ at) => key || `variant ${at + 1}`);
    if (variants.dataset.keys !== keys.join()) {
      variants.dataset.keys = keys.join();
      variants.replaceChildren(...(keys.length ? [radios("In the words of", "variant", keys, keys[0], (_, at) => String(at))] : []));
    }
    send();
  }

  kinds.addEventListener("change", () => ((chosen = true), send()));
  variants.addEventListener("change", send);
  sizes.addEventListener("change", fit);
  draft.addEventListener("change", changed);
  addEventListener("message", function hear({ origin, source, data }) {
    if (!frame.isConnected) return removeEventListener("message", hear);
    if (origin !== location.origin || source !== frame.contentWindow) return;
    if (data.ready) changed();
    else if (data.reported) reported.textContent = `That would report ${data.reported.join(" and ") || "nothing more"}.`;
  });
  const node = el("section", { class: "panel preview", "aria-labelledby": "preview-title" }, el("h2", { id: "preview-title" }, "Preview"), el("div", { class: "controls" }, kinds, sizes, variants), stand, reported);
  new ResizeObserver(fit).observe(node);
  return node;
}

/**
 * What a reader would read, with words in the place of those still missing.
 * @param {import("./draft.js").Draft} draft
 * @param {number} variant
 */
function words(draft, variant) {
  const own = draft.get("/content");
  const other = Object.entries(draft.get(`/experiment/variants/${variant}/content`) ?? {}).filter(([, value]) => value !== null && value !== undefined);
  const content = { ...own, ...Object.fromEntries(other) };
  return JSON.parse(JSON.stringify({ ...content, title: content.title || "A title", body: content.body || "A few words." }));
}

/**
 * @param {string} legend
 * @param {string} name
 * @param {string[]} choices
 * @param {string} chosen
 * @param {(choice: string, at: number) => string} [value]
 */
const radios = (legend, name, choices, chosen, value = (choice) => choice) =>
  el(
    "fieldset",
    { class: "segments" },
    el("legend", {}, legend),
    ...choices.map((choice, at) => el("label", {}, el("input", { type: "radio", name, value: value(choice, at), checked: choice === chosen }), el("span", {}, choice))),
  );

/** @param {HTMLElement} group */
const picked = (group) => /** @type {HTMLInputElement | null} */ (group.querySelector("input:checked"))?.value ?? "";

/** @param {HTMLElement} group @param {string} value */
function pick(group, value) {
  const input = /** @type {HTMLInputElement | null} */ (group.querySelector(`input[value="${CSS.escape(value)}"]`));
  if (input) input.checked = true;
}
