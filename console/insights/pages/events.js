// @ts-check
/** An event: what became of it by day or week; and the events of an organization right now. */

import { el } from "../../demo/element.js";
import { figure } from "../../demo/words.js";
import { choice, day } from "../controls.js";
import { live } from "../events/live.js";
import { interest, presence, totals } from "../events/metrics.js";

/** @type {[string, string][]} */
const PERIODS = [["30", "30 days"], ["90", "90 days, by week"], ["364", "a year, by week"]];

/** @type {import("../app.js").Page} */
export const events = {
  id: "events",
  name: "Events",
  title: "Events",
  lead: "Looks, carts, tickets, guests. Money and seats are what servers report; visits of machines are left out.",
  async open({ session, signal, id, say }) {
    const organizations = await known(session, signal);
    const answer = el("div", { class: "answer" });
    const asked = { organization: organizations[0] ?? "", event: id ?? "", days: id ? "90" : "30" };
    const now = el("div", {});
    /** @type {AbortController | undefined} */
    let watching;
    const watch = async () => {
      watching?.abort();
      watching = new AbortController();
      now.replaceChildren(await live(session, asked.organization, AbortSignal.any([signal, watching.signal])));
    };
    const show = async () => {
      if (!asked.event) return answer.replaceChildren(el("p", { class: "panel" }, "Choose an event above, or write its id."));
      const query = new URLSearchParams({ from: day(1 - Number(asked.days)), to: day(0) });
      const { data } = await session.ask("GET", `/api/analytics/events/${encodeURIComponent(asked.event)}/metrics?${query}`, { signal });
      const weekly = asked.days !== "30";
      answer.replaceChildren(totals(data), interest(data, weekly), presence(data, weekly));
      say(`${asked.event}: ${figure(data.total.views)} views.`);
    };
    const event = /** @type {HTMLInputElement} */ (el("input", { id: "event", type: "text", value: asked.event, autocomplete: "off", spellcheck: "false" }));
    const go = (/** @type {Event} */ submitted) => {
      submitted.preventDefault();
      location.hash = `#/events/${encodeURIComponent(event.value.trim())}`;
    };
    if (asked.organization) await watch();
    await show();
    return [
      now,
      el(
        "form",
        { class: "panel controls", onsubmit: go, "aria-label": "Which event" },
        el("div", { class: "field" }, el("label", { for: "event" }, "Event"), event),
        el("button", { class: "button small" }, "Show it"),
        choice("Over", PERIODS, asked.days, (value) => ((asked.days = value), show())),
        organizations.length > 1 ? choice("Right now at", organizations.map((each) => [each, each]), asked.organization, (value) => ((asked.organization = value), watch())) : null,
      ),
      answer,
    ];
  },
};

/** Organizations whose events one may see: one's own, or those that have campaigns. @param {import("../../studio/session.js").Session} session @param {AbortSignal} signal @returns {Promise<string[]>} */
async function known(session, signal) {
  if (!session.isAdmin) return session.organizerIds;
  const { data } = await session.ask("GET", "/api/messages/campaigns?limit=100", { signal });
  return [...new Set(data.items.map((/** @type {any} */ { organizerId }) => organizerId).filter(Boolean))].map(String);
}
