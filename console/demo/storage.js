// @ts-check
/** Small values that outlive the page; where the browser forbids storage they live as long as the page. */

/** @type {Map<string, string>} */
const memory = new Map();

/**
 * @param {string} key
 * @returns {any} null when there is none
 */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? memory.get(key) ?? "null");
  } catch {
    return JSON.parse(memory.get(key) ?? "null");
  }
}

/**
 * @param {string} key
 * @param {unknown} value null forgets it
 */
export function remember(key, value) {
  try {
    memory.delete(key);
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    if (value !== null) memory.set(key, JSON.stringify(value));
  }
}
