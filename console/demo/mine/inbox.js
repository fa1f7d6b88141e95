// @ts-check
/** The inbox: opening reads, and whatever is done can be taken back. Live by polling (docs/inbox.md). */

import { el, safeLink } from "../element.js";
import { momentWords } from "../words.js";
import { poll } from "./poll.js";
import { refill, tool, trouble } from "./parts.js";

const EVERY_S = 10;
const HOUR_MS = 3600_000;
const VIEWS = { "": "Inbox", snoozed: "Snoozed", archived: "Archive" };
const EMPTY = { "": "Nothing here. Whom you follow will write.", snoozed: "Nothing sleeps.", archived: "Nothing archived." };
/** How long an item can sleep: words and milliseconds. @type {[string, number][]} */
const NAPS = [["for a minute", HOUR_MS / 60], ["for 3 hours", 3 * HOUR_MS], ["until tomorrow", 24 * HOUR_MS], ["for a week", 7 * 24 * HOUR_MS]];

/** @type {import("./panel.js").Tab} */
export function inbox(mine) {
  const said = el("p", { class: "said", role: "status" });
  const list = el("ul", { class: "items" });
  const empty = el("p", { class: "empty", hidden: true });
  let view = /** @type {keyof VIEWS} */ ("");
  let live = listen();

  function listen() {
    const query = view ? `&state=${view}` : "";
    return poll(EVERY_S, (ifNoneMatch) => mine.ask("GET", `/api/messages/inbox?limit=50${query}`, { ifNoneMatch }), draw, (error) => (said.textContent = trouble(error)));
  }

  function draw(/** @type {{items: any[]}} */ { items }) {
    refill(list, items.map((item) => ({ key: item.deliveryId, says: item, make: () => line(item) })));
    empty.hidden = items.length > 0;
    empty.textContent = EMPTY[view];
    mine.recount();
  }

  async function change(/** @type {any} */ { deliveryId, content }, /** @type {Record<string, unknown>} */ body, /** @type {string} */ words = "") {
    try {
      await mine.ask("PATCH", `/api/messages/inbox/${encodeURIComponent(deliveryId)}`, { body });
      if (words) said.textContent = `«${content.title}» ${words}`;
      await live.now();
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  function line(/** @type {any} */ item) {
    const { content, state, organizerId, arrivedAt, snoozedUntil } = item;
    const from = mine.people.organizers.find(({ id }) => id === organizerId)?.name ?? "TangoTiempo";
    const opened = ({ target }) => target.open && state === "unread" && change(item, { read: true });
    const link = safeLink(content.link);
    return el(
      "li",
      { class: `item ${state}` },
      el(
        "details",
        { ontoggle: opened },
        el("summary", { "data-act": "open" }, el("span", { class: "dot" }, el("span", { class: "hidden" }, state === "unread" ? "Unread: " : "")), el("span", { class: "item-words" }, el("b", {}, content.title), el("span", { class: "fine" }, `${from} · ${momentWords(arrivedAt)}${snoozedUntil && state === "snoozed" ? ` · back ${momentWords(snoozedUntil)}` : ""}`))),
        el("p", { class: "item-body" }, content.body),
        link && content.cta ? el("p", { class: "message" }, el("a", { class: "button small", href: link.href, onclick: () => follow(item) }, content.cta)) : null,
        el("p", { class: "tools" }, ...tools(item, from)),
      ),
    );
  }

  /** Whoever follows a link leaves the sheet, and the sender is told that somebody did. */
  function follow(/** @type {any} */ { deliveryId }) {
    mine.ask("POST", "/api/messages/ack", { body: { deliveryId, action: "clicked" }, keepalive: true }).catch(() => {});
    list.closest("dialog")?.dispatchEvent(new Event("cancel", { cancelable: true }));
  }

  function tools(/** @type {any} */ item, /** @type {string} */ from) {
    const about = item.content.title;
    if (item.state === "archived") return [tool("Back to the inbox", () => change(item, { archived: false }, "is in the inbox again."))];
    if (item.state === "snoozed") return [tool("Wake it now", () => change(item, { snoozedUntil: null }, "is awake."))];
    const nap = ({ target }) => target.value && change(item, { snoozedUntil: new Date(Date.now() + Number(target.value)).toISOString() }, "comes back later.");
    return [
      item.state === "read" ? tool("Mark unread", () => change(item, { read: false }), { "data-act": "read" }) : tool("Mark read", () => change(item, { read: true }), { "data-act": "read" }),
      tool("Archive", () => change(item, { archived: true }, "is in the archive.")),
      el("select", { class: "tool", "aria-label": `Snooze «${about}»`, onchange: nap }, el("option", { value: "" }, "Snooze …"), ...NAPS.map(([words, milliseconds]) => el("option", { value: milliseconds }, words))),
      item.organizerId ? tool("Unsubscribe", () => unsubscribe(item, from), { "aria-label": `Unsubscribe from ${from}` }) : null,
    ].filter((node) => node !== null);
  }

  async function unsubscribe(/** @type {any} */ { organizerId }, /** @type {string} */ from) {
    try {
      await mine.ask("DELETE", `/api/people/me/favorites/${encodeURIComponent(organizerId)}`);
      said.textContent = `${from} will not write to your inbox any more. What came before stays.`;
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  async function readAll() {
    try {
      for (let more = true; more; ) more = !(await mine.ask("POST", "/api/messages/inbox/read-all")).data.complete;
      said.textContent = "All read.";
      await live.now();
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  function look(/** @type {keyof VIEWS} */ next) {
    live.stop();
    view = next;
    list.replaceChildren();
    live = listen();
  }

  const views = el("fieldset", { class: "segments" }, el("legend", { class: "hidden" }, "Show"), ...Object.entries(VIEWS).map(([value, label]) => el("label", {}, el("input", { type: "radio", name: "view", checked: value === "", onchange: () => look(/** @type {keyof VIEWS} */ (value)) }), el("span", {}, label))));
  return { node: el("div", {}, el("div", { class: "bar" }, views, tool("Mark all read", readAll)), said, list, empty), stop: () => live.stop() };
}
