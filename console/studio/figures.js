// @ts-check
/** How far a campaign's messages got: asked for one campaign after the other, once its row comes into view. */

import { el } from "../demo/element.js";
import { numberWords } from "../demo/words.js";
import { pathOf } from "./saving.js";

/** @typedef {import("./session.js").Session} Session */

/** @type {WeakMap<Element, () => Promise<void>>} */
const wanted = new WeakMap();
let turn = Promise.resolve();

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    turn = turn.then(wanted.get(target));
  }
});

/**
 * A place that fills itself.
 * @param {Session} session
 * @param {{id: string, status: string}} campaign
 */
export function figures(session, { id, status }) {
  if (status === "draft") return el("span", { class: "reached" }, "–");
  const place = el("span", { class: "reached" }, "…");
  wanted.set(place, async () => {
    if (!place.isConnected) return;
    try {
      const { data } = await session.ask("GET", `${pathOf(id)}/report`);
      place.replaceChildren(...told(data));
    } catch {
      place.textContent = "not known just now";
    }
  });
  observer.observe(place);
  return place;
}

/** @param {any} report @returns {(Node | string)[]} */
function told({ shown, acknowledged, clicked, dismissed, delivered }) {
  const some = Object.entries({ acknowledged, clicked, dismissed, unseen: delivered }).filter(([, { value }]) => value); // what is hidden is not told
  const rest = some.map(([name, number]) => `${numberWords(number)} ${name}`).join(", ");
  return [el("b", {}, numberWords(shown)), " shown", ...(rest ? [el("span", { class: "fine" }, rest)] : [])];
}
