// @ts-check
/** The only ways in which data becomes part of the page: text nodes, attributes of our choosing, and checked links. */

/**
 * Make an element. Strings become text nodes, never markup; a property named `on…` is a listener.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] attributes; undefined, null and false leave one out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child) node.append(child);
  return node;
}

/**
 * An element of the page that index.html promises.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html lacks #${id}`);
  return node;
}

/**
 * A link that may be followed or shown: http(s), or a path of this site. Anything else gives null.
 * @param {unknown} address
 * @returns {{href: string, external: boolean} | null}
 */
export function safeLink(address) {
  if (typeof address !== "string" || !/^(https?:\/\/|\/)/i.test(address)) return null;
  try {
    const url = new URL(address, location.origin);
    const external = url.origin !== location.origin;
    if (external && address.startsWith("/")) return null; // "//host" and its disguises
    return /^https?:$/.test(url.protocol) ? { href: url.href, external } : null;
  } catch {
    return null;
  }
}
