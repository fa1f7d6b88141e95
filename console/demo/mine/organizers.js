// @ts-check
/** Whom one follows: following is consent to their messages in the inbox, muting silences them for now (docs/followers.md). */

import { el } from "../element.js";
import { tool, trouble } from "./parts.js";

/** @type {import("./panel.js").Tab} */
export function organizers(mine, _wish, go) {
  const said = el("p", { class: "said", role: "status" });
  const list = el("ul", { class: "items houses" });

  async function draw() {
    try {
      const { data } = await mine.ask("GET", "/api/people/me/favorites?limit=100");
      // a favourite whose messages were unsubscribed from is none to its reader: following anew agrees anew
      const mutes = new Map(data.items.filter((/** @type {any} */ { consentId }) => consentId).map((/** @type {any} */ one) => [one.organizerId, one.muted]));
      const act = document.activeElement?.getAttribute("data-act");
      list.replaceChildren(...mine.people.organizers.map((one) => house(one, mutes.get(one.id))));
      if (act) /** @type {HTMLElement | null} */ (list.querySelector(`[data-act="${CSS.escape(act)}"]`))?.focus();
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  async function change(/** @type {string} */ method, /** @type {string} */ path, /** @type {string} */ words, /** @type {unknown} */ body = undefined) {
    try {
      await mine.ask(method, `/api/people/me/favorites/${path}`, { body });
      said.textContent = words;
      await draw();
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  function house(/** @type {import("../cast.js").Organizer} */ { id, name, about }, /** @type {boolean | undefined} */ muted) {
    const follows = muted !== undefined;
    const path = encodeURIComponent(id);
    const star = el(
      "button",
      { type: "button", class: "star", "aria-pressed": String(follows), "data-act": `follow ${id}`, onclick: () => (follows ? change("DELETE", path, `You do not follow ${name} any more.`) : change("PUT", path, `You follow ${name}: their news comes into your inbox.`)) },
      el("span", { "aria-hidden": "true" }, follows ? "★" : "☆"),
      follows ? " Following" : " Follow",
      el("span", { class: "hidden" }, ` ${name}`),
    );
    const quiet = muted ? tool("Hear them again", () => change("PUT", `${path}/mute`, `${name} may write again.`, { muted: false }), { "data-act": `mute ${id}` }) : tool("Mute", () => change("PUT", `${path}/mute`, `${name} is silent for now.`, { muted: true }), { "data-act": `mute ${id}` });
    return el(
      "li",
      { class: "item" },
      el("div", { class: "house" }, el("b", {}, name), el("p", { class: "fine" }, about), muted ? el("p", { class: "fine" }, "Muted: nothing of theirs reaches you for now.") : null),
      el("p", { class: "tools" }, star, follows ? quiet : null, tool("Ask them", () => go({ tab: "conversations", ask: id }), { "aria-label": `Ask ${name}` })),
    );
  }

  draw();
  return { node: el("div", {}, el("p", { class: "intro" }, "Following somebody lets them write to your inbox, and nothing else."), said, list) };
}
