// @ts-check
/** Reporting a message of the other to the operators, who see it as it is now. */

import { el } from "../element.js";
import { tool, trouble } from "./parts.js";

const REASONS = { spam: "It is spam", harassment: "It harasses me", inappropriate: "It is inappropriate", scam: "It is a scam", other: "Something else" };

/**
 * @param {import("./badge.js").Mine} mine
 * @param {string} path of the thread
 * @param {string} messageId
 * @param {(words: string) => void} say
 */
export function reporting(mine, path, messageId, say) {
  const reason = /** @type {HTMLSelectElement} */ (el("select", { class: "tool", "aria-label": "Why" }, ...Object.entries(REASONS).map(([value, words]) => el("option", { value }, words))));
  const send = async () => {
    try {
      await mine.ask("POST", `${path}/reports`, { body: { messageIds: [messageId], reason: reason.value } });
      details.replaceChildren(el("summary", {}, "Reported"), el("p", { class: "fine" }, "The operators have it."));
      say("Reported: the operators have it.");
    } catch (error) {
      say(trouble(error));
    }
  };
  const details = el("details", { class: "report" }, el("summary", {}, "Report"), el("p", { class: "tools" }, reason, tool("Send to the operators", send)));
  return details;
}
