// @ts-check
/** One conversation, live: history, what the other has read, and what one can do about the other (docs/threads.md). */

import { el } from "../element.js";
import { momentWords } from "../words.js";
import { composer } from "./composer.js";
import { poll } from "./poll.js";
import { refill, tool, trouble } from "./parts.js";
import { reporting } from "./reporting.js";

const EVERY_S = 4;

/**
 * @param {import("./badge.js").Mine} mine
 * @param {{threadId: string, name: string, seat: string, back: () => void}} options `seat`: the organizer one speaks for, or ""
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function conversation(mine, { threadId, name, seat, back }) {
  const path = `/api/messages/threads/${encodeURIComponent(threadId)}`;
  const said = el("p", { class: "said", role: "status" });
  const list = el("ol", { class: "bubbles" });
  const log = el("div", { class: "log", role: "log", tabindex: "0", "aria-label": `Messages with ${name}` }, list);
  const actions = el("p", { class: "tools" });
  const older = tool("Earlier messages", () => earlier(), { hidden: true });
  /** @type {any[]} newest last */
  let before = [];
  /** @type {any[]} */
  let latest = [];
  /** @type {string | null} */
  let cursor = null;
  let read = "";

  const live = poll(EVERY_S, (ifNoneMatch) => mine.ask("GET", `${path}/messages?limit=30`, { ifNoneMatch }), show, (error) => (said.textContent = trouble(error)));
  drawActions();

  function show(/** @type {{items: any[], nextCursor?: string}} */ { items, nextCursor }) {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
    const wasLast = latest.at(-1)?.messageId;
    latest = items.toReversed();
    if (cursor === null) cursor = nextCursor ?? "";
    draw();
    if (atEnd || !wasLast || latest.at(-1)?.mine) log.scrollTop = log.scrollHeight;
    receipt();
  }

  function draw() {
    const known = new Set(latest.map(({ messageId }) => messageId));
    const all = [...before.filter(({ messageId }) => !known.has(messageId)), ...latest];
    refill(list, all.map((message) => ({ key: message.messageId, says: message, make: () => bubble(message) })));
    older.hidden = !cursor;
  }

  async function earlier() {
    if (!cursor) return;
    const { data } = await mine.ask("GET", `${path}/messages?limit=30&cursor=${encodeURIComponent(cursor)}`);
    before = [...data.items.toReversed(), ...before];
    cursor = data.nextCursor ?? "";
    draw();
  }

  /** Say how far was read, once for each new message. */
  async function receipt() {
    const last = latest.findLast((/** @type {any} */ { mine: own }) => !own)?.messageId;
    if (!last || last === read) return;
    read = last;
    await mine.ask("PUT", `${path}/receipt`, { body: { lastReadMessageId: last } }).catch(() => (read = ""));
  }

  function bubble(/** @type {any} */ { messageId, mine: own, body, sentAt, status, removed }) {
    const words = removed ? el("p", { class: "fine" }, "An operator removed this message.") : el("p", {}, body);
    const state = own ? ` · ${status === "read" ? "✓✓ read" : "✓ sent"}` : "";
    return el(
      "li",
      { class: own ? "bubble own" : "bubble" },
      el("span", { class: "hidden" }, own ? "You: " : `${name}: `),
      words,
      el("p", { class: "fine" }, momentWords(sentAt), state),
      own || removed ? null : reporting(mine, path, messageId, (text) => (said.textContent = text)),
    );
  }

  async function act(/** @type {string} */ method, /** @type {string} */ part, /** @type {string} */ words, /** @type {unknown} */ body = undefined) {
    try {
      await mine.ask(method, `${path}${part}`, { body });
      said.textContent = words;
      await drawActions();
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  async function drawActions() {
    const { data } = await mine.ask("GET", path).catch(() => ({ data: null }));
    if (!data) return;
    const focused = actions.contains(document.activeElement);
    const day = { until: new Date(Date.now() + 24 * 3600_000).toISOString() };
    actions.replaceChildren(
      data.muted ? tool("Hear of it again", () => act("DELETE", "/mute", "It rings again.")) : tool("Mute for a day", () => act("PUT", "/mute", "Quiet for a day.", day)),
      data.blocked ? tool("Unblock", () => act("DELETE", "/block", `${name} can reach you again.`)) : tool("Block", () => act("PUT", "/block", `${name} cannot reach you, and is not told.`, {})),
      tool("Archive", () => act("PATCH", "", "In the archive, until the next message.", { archived: true }).then(back)),
    );
    if (focused) actions.querySelector("button")?.focus();
  }

  const send = async (/** @type {string} */ body, /** @type {string} */ clientMessageId) => {
    await mine.ask("POST", "/api/messages/thread", { body: { threadId, type: seat ? "followup" : "question", body, clientMessageId } });
    await live.now();
  };
  const node = el("div", { class: "thread" }, el("div", { class: "bar" }, tool("All conversations", back, { class: "tool back" }), older), el("h3", { tabindex: "-1" }, name), log, composer(`To ${name}`, send), said, actions);
  return { node, stop: live.stop };
}
