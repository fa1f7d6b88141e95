// @ts-check
/** Conversations with organizers: the list, live, and a new question; for who speaks for an organizer, theirs as well. */

import { el } from "../element.js";
import { momentWords } from "../words.js";
import { composer } from "./composer.js";
import { poll } from "./poll.js";
import { refill, tool, trouble } from "./parts.js";
import { conversation } from "./thread.js";

const EVERY_S = 10;

/** @type {import("./panel.js").Tab} */
export function conversations(mine, wish, go) {
  const nameOf = (/** @type {any} */ thread) => (thread.role === "user" ? mine.people.organizers.find(({ id }) => id === thread.organizerId)?.name ?? thread.organizerId ?? "Support" : (thread.personName ?? "A dancer"));
  const place = el("div", {});
  let stop = () => {};
  let seat = "";

  function show(/** @type {{node: HTMLElement, stop?: () => void}} */ part) {
    stop();
    stop = part.stop ?? (() => {});
    place.replaceChildren(part.node);
  }

  function open(/** @type {string} */ threadId, /** @type {string} */ name) {
    show(conversation(mine, { threadId, name, seat, back: () => show(all()) }));
    place.querySelector("h3")?.focus();
  }

  function all() {
    const said = el("p", { class: "said", role: "status" });
    const list = el("ul", { class: "items" });
    const empty = el("p", { class: "empty", hidden: true }, seat ? "Nobody has written yet." : "No conversation yet. Ask somebody something.");
    const query = () => (seat ? `?limit=50&organizerId=${encodeURIComponent(seat)}` : "?limit=50");
    const draw = (/** @type {{items: any[]}} */ { items }) => {
      refill(list, items.map((thread) => ({ key: thread.threadId, says: thread, make: () => line(thread) })));
      empty.hidden = items.length > 0;
    };
    const live = poll(EVERY_S, (ifNoneMatch) => mine.ask("GET", `/api/messages/threads${query()}`, { ifNoneMatch }), draw, (error) => (said.textContent = trouble(error)));
    const ask = seat ? null : tool("Ask an organizer", () => (show(fresh()), place.querySelector("textarea")?.focus()));
    return { node: el("div", {}, el("div", { class: "bar" }, seats(), ask), said, list, empty), stop: live.stop };
  }

  /** In whose name: one's own, or that of an organizer one speaks for. */
  function seats() {
    const ids = mine.person.organizerIds ?? [];
    if (!ids.length) return el("span", {});
    const choose = ({ target }) => {
      seat = target.value;
      show(all());
      place.querySelector("select")?.focus();
    };
    const names = ids.map((id) => el("option", { value: id, selected: id === seat }, mine.people.organizers.find((one) => one.id === id)?.name ?? id));
    return el("label", { class: "seat" }, "As ", el("select", { class: "tool", onchange: choose }, el("option", { value: "" }, "myself"), ...names));
  }

  function line(/** @type {any} */ thread) {
    const { threadId, lastMessage, unread, muted } = thread;
    const mineLast = lastMessage.senderRole === thread.role;
    return el(
      "li",
      { class: unread ? "item unread" : "item" },
      el(
        "button",
        { type: "button", class: "thread-line", onclick: () => open(threadId, nameOf(thread)) },
        el("span", { class: "dot" }),
        el("span", { class: "item-words" }, el("b", {}, nameOf(thread)), el("span", { class: "preview" }, `${mineLast ? "You: " : ""}${lastMessage.preview}`), el("span", { class: "fine" }, momentWords(lastMessage.sentAt), muted ? " · muted" : "")),
        unread ? el("span", { class: "count" }, String(unread), el("span", { class: "hidden" }, " unread")) : null,
      ),
    );
  }

  function fresh() {
    const options = mine.people.organizers.map(({ id, name }) => el("option", { value: id, selected: id === wish.ask }, name));
    const whom = /** @type {HTMLSelectElement} */ (el("select", { id: "ask-whom", class: "tool" }, ...options));
    const send = async (/** @type {string} */ body, /** @type {string} */ clientMessageId) => {
      const eventId = whom.value === wish.ask ? wish.event : undefined;
      const { data } = await mine.ask("POST", "/api/messages/thread", { body: { recipient: { organizerId: whom.value }, eventId, type: "question", body, clientMessageId } });
      open(data.threadId, whom.selectedOptions[0].textContent ?? "");
    };
    return { node: el("div", { class: "fresh" }, tool("All conversations", () => show(all()), { class: "tool back" }), el("p", {}, el("label", { for: "ask-whom" }, "Ask "), whom), composer("Your question", send)) };
  }

  if (wish.ask) {
    show(fresh());
    queueMicrotask(() => place.querySelector("textarea")?.focus());
  } else show(all());
  return { node: place, stop: () => stop() };
}
