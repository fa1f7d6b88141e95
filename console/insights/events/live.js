// @ts-check
/** An organization's events right now: asked again every few seconds, answered only when something has changed. */

import { el } from "../../demo/element.js";
import { figure } from "../../demo/words.js";
import { numbers } from "../charts/table.js";
import { asOfWords, percent } from "../words.js";

const EVERY_MS = 5_000;
const HEAD = ["Event", "Views", "Carts", "Paying now", "Tickets", "Seats taken"];

/**
 * @param {import("../../studio/session.js").Session} session
 * @param {string} organization
 * @param {AbortSignal} signal stops the asking
 */
export async function live(session, organization, signal) {
  const place = el("div", {});
  const path = `/api/analytics/organizations/${encodeURIComponent(organization)}/live`;
  /** @type {string | null} */
  let etag = null;

  async function ask() {
    const answer = await session.ask("GET", path, { ifNoneMatch: etag, signal });
    if (answer.unchanged) return;
    etag = answer.etag;
    place.replaceChildren(told(answer.data));
  }

  await ask();
  const timer = setInterval(() => document.hidden || ask().catch(() => undefined), EVERY_MS); // the next one may work again
  signal.addEventListener("abort", () => clearInterval(timer));
  return el("section", { class: "panel" }, el("h2", {}, `Today at ${organization}`), place);
}

/** @param {any} data */
function told({ events, as_of }) {
  if (!events.length) return el("p", {}, "Nobody has looked at an event yet today.");
  const rows = events.map((/** @type {any} */ each) => [each.event_id, figure(each.views), figure(each.add_to_cart), figure(each.active_checkouts), figure(each.tickets_sold), each.seats ? `${figure(each.seats_taken)} of ${figure(each.seats)} (${percent(each.occupancy)})` : "–"]);
  const table = numbers({ caption: "Events today", head: HEAD, rows, open: true, summary: asOfWords(as_of) });
  for (const head of table.querySelectorAll("tbody th")) head.replaceChildren(el("a", { href: `#/events/${encodeURIComponent(head.textContent ?? "")}` }, head.textContent));
  return table;
}
