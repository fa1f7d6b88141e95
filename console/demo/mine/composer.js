// @ts-check
/** Writing a message: sent once, whatever the network does, and never lost while it is not. */

import { el } from "../element.js";
import { trouble } from "./parts.js";

const MOST = 4000;
let made = 0;

/**
 * @param {string} label
 * @param {(body: string, clientMessageId: string) => Promise<void>} send throws Problem; a repeat of the same text comes with the same id
 * @returns {HTMLElement}
 */
export function composer(label, send) {
  const id = `composer-${++made}`;
  const text = /** @type {HTMLTextAreaElement} */ (el("textarea", { id, rows: 3, maxlength: MOST, required: true, onkeydown: quick }));
  const said = el("p", { class: "said", role: "status" });
  let attempt = { body: "", id: "" };
  let busy = false;

  async function submit(/** @type {Event} */ event) {
    event.preventDefault();
    const body = text.value.trim();
    if (!body || busy) return;
    if (attempt.body !== body) attempt = { body, id: `web-${Date.now()}-${Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("")}` };
    busy = true;
    said.textContent = "Sending …";
    try {
      await send(body, attempt.id);
      attempt = { body: "", id: "" };
      text.value = "";
      said.textContent = "Sent.";
    } catch (error) {
      said.textContent = `Not sent: ${trouble(error)}`;
    } finally {
      busy = false;
    }
  }

  function quick(/** @type {KeyboardEvent} */ event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) text.form?.requestSubmit();
  }

  return el("form", { class: "composer", onsubmit: submit }, el("label", { for: id, class: "fine" }, label), text, el("p", { class: "card-actions" }, el("button", { type: "submit", class: "button small" }, "Send"), said));
}
