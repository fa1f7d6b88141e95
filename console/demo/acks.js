// @ts-check
/**
 * What became of each message, reported once the server has it (messaging-platform.md §8, offline handling).
 *
 * A report is stored before it is sent and removed when it is answered, so that neither a closed tab nor a lost
 * network loses it. Sending one twice is harmless. Reports go in order, one at a time, and need no sign-in: the
 * delivery's own ackToken is their proof.
 */

import { call, Problem } from "./api.js";
import { recall, remember } from "./storage.js";

const KEY = "cabeceo.acks";
const MOST = 50;
const OLDEST_MS = 7 * 24 * 3600 * 1000;
const FIRST_PAUSE_S = 2;
const LONGEST_PAUSE_S = 300;

/**
 * @typedef {"seen" | "clicked" | "dismissed" | "acknowledged"} Action
 * @typedef {{deliveryId: string, action: Action, ackToken: string, at: number}} Ack
 * @typedef {(ack: Ack, outcome: "waiting" | "refused" | string) => void} Log outcome: else the delivery's new status
 */

export class Acks {
  #sending = false;
  #failures = 0;
  #timer = 0;

  /** @param {Log} log */
  constructor(log) {
    this.log = log;
    addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => document.hidden || this.flush());
  }

  /**
   * Report an action on a message.
   * @param {{deliveryId: string, ackToken: string}} message
   * @param {Action} action
   */
  add({ deliveryId, ackToken }, action) {
    const ack = { deliveryId, action, ackToken, at: Date.now() };
    remember(KEY, [...waiting(), ack].slice(-MOST));
    this.log(ack, "waiting");
    this.flush();
  }

  /** Send what waits; what cannot be sent now waits for a pause, the network or the visitor's return. */
  async flush() {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    try {
      for (let ack = waiting()[0]; ack; ack = waiting()[0]) await this.#send(ack);
    } catch (error) {
      this.#rest(error);
    } finally {
      this.#sending = false;
    }
  }

  /** @param {Ack} ack */
  async #send(ack) {
    const { deliveryId, action, ackToken } = ack;
    try {
      const body = { deliveryId, action, ackToken };
      const answer = await call("POST", "/api/messages/ack", { body, keepalive: true });
      this.log(ack, answer.data?.deliveryStatus ?? "done");
    } catch (error) {
      if (error instanceof Problem && error.passing) throw error;
      this.log(ack, "refused");
    }
    this.#failures = 0;
    remember(KEY, waiting().filter((other) => other.deliveryId !== deliveryId || other.action !== action));
  }

  /** @param {unknown} error */
  #rest(error) {
    const named = error instanceof Problem ? error.retryAfter : null;
    const pause = named ?? Math.min(FIRST_PAUSE_S * 2 ** this.#failures, LONGEST_PAUSE_S);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.flush(), pause * 1000);
  }
}

/** @returns {Ack[]} */
function waiting() {
  const stored = recall(KEY);
  return Array.isArray(stored) ? stored.filter((ack) => Date.now() - ack?.at < OLDEST_MS) : [];
}
