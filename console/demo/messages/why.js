// @ts-check
/** «Why this?» in a message: the reason for its reader, and how to want less of its organizer (docs/explain.md). */

import { call } from "../api.js";
import { el } from "../element.js";

/**
 * To be opened by who asks; nothing where the server gave no reason.
 * @param {import("./parts.js").Message} message
 */
export const why = (message) =>
  message.reason
    ? el(
        "details",
        { class: "message-why" },
        el("summary", {}, "Why this?"),
        el("p", {}, `${message.reason.text}. `, message.type?.startsWith("organizer") ? lessButton(message) : null),
      )
    : null;

/** @param {import("./parts.js").Message} message */
function lessButton({ deliveryId, ackToken }) {
  const said = el("span", { role: "status" });
  const button = el("button", { type: "button", class: "link", onclick: ask }, "Less of this");

  async function ask() {
    try {
      const { data } = await call("POST", "/api/people/me/less-of-this", { body: { deliveryId, ackToken } });
      button.hidden = true;
      said.textContent = words(data.interruptionsPerWeek);
    } catch {
      said.textContent = " That did not work just now.";
    }
  }
  return el("span", { class: "less" }, button, said);
}

/** @param {number} most messages of theirs in a week */
const words = (most) => (most ? `From now on at most ${most} of theirs in a week.` : "Nothing of theirs will interrupt you any more.");
