// @ts-check
/** The console's colours as a canvas needs them: resolved, for the scheme that is on. */

const NAMES = /** @type {const} */ (["sheet", "sunken", "ink", "ink-soft", "line", "wine", "brass", "info", "success", "critical"]);

/** @typedef {Record<typeof NAMES[number], string> & {steps: string[], on: string[], font: string}} Palette `steps`: from little to much; `on`: what is read upon each */

/** How much of the wine is in each step. */
const SHARES = [0, 0.18, 0.4, 0.68, 1];

/** @param {HTMLElement} at @returns {Palette} */
export function palette(at) {
  const probe = at.appendChild(document.createElement("i"));
  const resolve = (/** @type {string} */ colour) => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const named = Object.fromEntries(NAMES.map((name) => [name, resolve(`var(--${name})`)]));
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const steps = SHARES.map((share) => mixed(named.sunken, named.wine, share));
  const on = SHARES.map((share) => (share < 0.5 ? named.ink : dark ? "#1d0d10" : "#fff6e8"));
  const font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return /** @type {Palette} */ ({ ...named, steps, on, font });
}

/** @param {string} one @param {string} other both as rgb(…) @param {number} share */
function mixed(one, other, share) {
  const [a, b] = [one, other].map((colour) => colour.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0]);
  return `rgb(${[0, 1, 2].map((at) => Math.round(a[at] + (b[at] - a[at]) * share)).join(", ")})`;
}
