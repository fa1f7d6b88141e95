// @ts-check
/** A campaign as it is being edited, beside the version it was read at. */

import { Tree } from "./tree.js";

/** Fields of a campaign that never change after it was made. */
const FIXED = new Set(["id", "type", "organizerId", "version", "capsVersion", "createdAt", "updatedAt", "createdBy"]);
const BLANK = { type: "system", name: "", content: { title: "", body: "", severity: "info" }, deliveryChannels: ["banner"], priority: 100, scheduling: {}, metadata: {} };

/** @typedef {Record<string, any>} Campaign as on the wire (design/wire.md, Experience) */

export class Draft extends Tree {
  /**
   * @param {Campaign | null} stored null: a new one
   * @param {string | null} etag
   * @param {Campaign} [start] what a new one begins with
   */
  constructor(stored, etag, start = {}) {
    super(structuredClone(stored ?? { ...BLANK, ...start }));
    this.stored = stored;
    this.etag = etag;
    this.#begun = structuredClone(this.value);
  }

  /** @type {Campaign} */
  #begun;

  get isNew() {
    return this.stored === null;
  }

  /** Whether there is anything to save. */
  get dirty() {
    return this.isNew ? !same(this.value, this.#begun) : Object.keys(this.changes()).length > 0;
  }

  /** The body of a new campaign. @returns {Campaign} */
  body() {
    return pruned(this.value);
  }

  /** The fields that differ from what is stored, each as a whole; null takes one away. @returns {Campaign} */
  changes() {
    const stored = this.stored ?? {};
    const now = pruned(this.value);
    return differing(stored, now).reduce((body, name) => ({ ...body, [name]: now[name] ?? null }), {});
  }

  /**
   * Build on a newer version: what was not touched here becomes what is stored now.
   * @param {Campaign} stored
   * @param {string | null} etag
   */
  rebase(stored, etag) {
    const mine = this.changes();
    this.stored = stored;
    this.etag = etag;
    this.value = { ...structuredClone(stored), ...mine };
    for (const [name, value] of Object.entries(mine)) if (value === null) delete this.value[name];
  }
}

/**
 * Names of the changeable fields in which two states of a campaign differ.
 * @param {Campaign} one
 * @param {Campaign} other
 * @returns {string[]}
 */
export const differing = (one, other) =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => !FIXED.has(name) && !same(one[name], other[name]));

/**
 * Without what is undefined and without the empty objects that editing leaves inside a field.
 * @param {Campaign} campaign
 * @returns {Campaign}
 */
const pruned = (campaign) => Object.fromEntries(Object.entries(campaign).filter(([, value]) => value !== undefined).map(([name, value]) => [name, inner(value)]));

/** @param {any} value @returns {any} */
function inner(value) {
  if (Array.isArray(value)) return value.map(inner);
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value).map(([name, part]) => [name, inner(part)]);
  return Object.fromEntries(kept.filter(([name, part]) => part !== undefined && !(name === "media" && same(part, {}))));
}

/** @param {any} one @param {any} other @returns {boolean} */
export function same(one, other) {
  if (one === other) return true;
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object" || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => name in other && same(one[name], other[name]));
}
