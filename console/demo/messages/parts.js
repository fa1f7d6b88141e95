// @ts-check
/** What all messages share: the shape of a message, its close button, its action, its picture. */

import { el, safeLink } from "../element.js";

/**
 * @typedef {{url: string, alt?: string}} Media
 * @typedef {{title: string, body: string, media?: Media | null}} Step
 * @typedef {object} Content plain text throughout (design/wire.md, Experience)
 * @property {string} title
 * @property {string} body
 * @property {string | null} [cta] the button's label
 * @property {string | null} [link] where it leads
 * @property {"info" | "success" | "warning" | "critical"} [severity]
 * @property {Media | null} [media]
 * @property {Step[]} [steps]
 *
 * @typedef {object} Message
 * @property {string} deliveryId
 * @property {string} ackToken
 * @property {string} campaignId
 * @property {string} [type] of the campaign
 * @property {string} channel
 * @property {number} priority
 * @property {Content} content
 * @property {{code: string, text: string}} [reason] why the reader sees it, without its full stop
 * @property {string} expiresAt by the server's clock
 *
 * @typedef {(...actions: import("../acks.js").Action[]) => void} Close reports the actions and takes the message away
 * @typedef {{node: HTMLElement, whenSeen?: () => void}} Rendered
 */

/** The visitor took it: with a link the click counts as well. @param {Content} content */
export const taken = (content) =>
  /** @type {import("../acks.js").Action[]} */ (content.link ? ["clicked", "acknowledged"] : ["acknowledged"]);

/**
 * @param {string | undefined} severity
 * @returns {string} a known severity
 */
export const severityOf = (severity) =>
  severity && ["success", "warning", "critical"].includes(severity) ? severity : "info";

/** @param {string} label @param {() => void} onclick */
export const closeButton = (label, onclick) =>
  el("button", { type: "button", class: "close", "aria-label": label, onclick });

/**
 * The button that takes a message up: a link when the content has a good one.
 * @param {Content} content
 * @param {() => void} onclick
 * @param {string} [label] used when the content has no cta
 */
export function action(content, onclick, label) {
  const text = content.cta ?? label;
  if (!text) return null;
  const link = safeLink(content.link);
  if (!link) return el("button", { type: "button", class: "button small", onclick }, text);
  const away = link.external ? { target: "_blank", rel: "noopener noreferrer" } : {};
  return el("a", { href: link.href, class: "button small", onclick, ...away }, text);
}

/** @param {Media | null | undefined} media */
export function picture(media) {
  const link = safeLink(media?.url);
  if (!link) return null;
  const image = el("img", {
    src: link.href,
    alt: media?.alt ?? "",
    class: "message-media",
    decoding: "async",
    referrerpolicy: "no-referrer",
    onerror: () => image.remove(),
  });
  return image;
}

/** A picture for dialogs that bring none. */
export const ornament = () => el("div", { class: "ornament", "aria-hidden": "true" });
