// @ts-check
/** All messages on the page: each in its place, dialogs one at a time, every delivery at most once. */

import { openDialog } from "../dialog.js";
import { byId } from "../element.js";
import { banner } from "./banner.js";
import { helper } from "./helper.js";
import { modal } from "./modal.js";
import { judge, whenSeen } from "./seen.js";
import { snackbar } from "./snackbar.js";
import { toast } from "./toast.js";
import { why } from "./why.js";

const IN_PLACE = { banner, snackbar, toast };
const DIALOGS = { modal, helper };
const BETWEEN_DIALOGS_MS = 400;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What the page can show, in the order in which it asks for it. */
export const CHANNELS = [...Object.keys(DIALOGS), ...Object.keys(IN_PLACE)];

/**
 * @typedef {import("./parts.js").Message & {until: number}} Message `until` is its expiry by this machine's clock
 * @typedef {(message: Message, action: import("../acks.js").Action) => void} Report
 */

export class Board {
  /** @type {Set<string>} */
  #known = new Set();
  /** @type {Set<() => void>} */
  #removers = new Set();
  /** @type {Message[]} */
  #queue = [];
  #dialogOpen = false;
  #timer = 0;

  /** @param {Report} report */
  constructor(report) {
    this.report = report;
  }

  /**
   * Show messages; those already on the page or of an unknown kind are passed over. A message that nobody has seen
   * when it expires goes away by itself: the server counts it as never shown.
   * @param {import("./parts.js").Message[]} messages
   * @param {number} skew milliseconds by which the server's clock is ahead
   */
  show(messages, skew) {
    for (const received of messages) {
      if (this.#known.has(received.deliveryId)) continue;
      const message = { ...received, until: Date.parse(received.expiresAt) - skew || Infinity };
      if (message.channel in DIALOGS) this.#queue.push(message);
      else if (message.channel in IN_PLACE) this.#place(message);
      else continue;
      this.#known.add(message.deliveryId);
    }
    this.#next();
  }

  /** Take everything away and report nothing: somebody else looks at the page now. */
  clear() {
    clearTimeout(this.#timer);
    this.#queue = [];
    this.#known.clear();
    for (const remove of [...this.#removers]) remove();
  }

  /** @param {Message} message */
  #place(message) {
    const channel = /** @type {keyof IN_PLACE} */ (message.channel);
    const { node, whenSeen: after } = IN_PLACE[channel](message.content, (...actions) => finish(...actions), why(message));
    const finish = this.#watch(message, node, after, () => {
      const hadFocus = node.contains(document.activeElement);
      node.remove();
      if (hadFocus) byId("main").focus({ preventScroll: true });
    });
    byId(`${channel}s`).append(node);
  }

  #next() {
    this.#queue = this.#queue.filter(({ deliveryId, until }) => until > Date.now() || !this.#known.delete(deliveryId));
    const message = this.#dialogOpen ? undefined : this.#queue.shift();
    if (!message) return;
    this.#dialogOpen = true;
    const channel = /** @type {keyof DIALOGS} */ (message.channel);
    const { node } = DIALOGS[channel](message.content, (...actions) => finish(...actions), why(message));
    const finish = this.#watch(message, node, undefined, () => {
      shut();
      this.#dialogOpen = false;
      judge();
      this.#timer = setTimeout(() => this.#next(), BETWEEN_DIALOGS_MS);
    });
    const shut = openDialog(/** @type {HTMLDialogElement} */ (node), () => finish("dismissed"));
    judge();
  }

  /**
   * Report `seen` when it is, and give the function that reports the end and removes the message, once.
   * @param {Message} message
   * @param {HTMLElement} node
   * @param {(() => void) | undefined} after called when it was seen
   * @param {() => void} takeAway
   * @returns {import("./parts.js").Close}
   */
  #watch(message, node, after, takeAway) {
    const stop = whenSeen(node, () => {
      clearTimeout(expiry);
      this.report(message, "seen");
      after?.();
    });
    const remove = () => {
      this.#removers.delete(remove);
      clearTimeout(expiry);
      stop();
      takeAway();
    };
    this.#removers.add(remove);
    const expire = () => {
      this.#known.delete(message.deliveryId);
      remove();
    };
    const expiry = setTimeout(expire, Math.min(message.until - Date.now(), LONGEST_TIMER_MS));
    return (...actions) => {
      if (!this.#removers.has(remove)) return;
      remove();
      for (const action of actions) this.report(message, action);
    };
  }
}
