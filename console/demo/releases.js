// @ts-check
/** Which release of the site is deployed: chosen by hand, or the next one in the row. */

import { byId, el } from "./element.js";

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const ANY = "2025.11.0";

export class Releases {
  #select = /** @type {HTMLSelectElement} */ (byId("release"));

  /** @param {() => void} changed called when another one is deployed */
  constructor(changed) {
    this.#select.addEventListener("change", changed);
    byId("deploy").addEventListener("click", () => {
      const at = this.#select.selectedIndex + 1;
      if (at === this.#select.length) this.#add(after(this.current));
      this.#select.selectedIndex = at;
      changed();
    });
  }

  /** The id of the deployed release. */
  get current() {
    return this.#select.value;
  }

  /**
   * Offer releases, oldest first.
   * @param {string[]} known
   * @param {string | null} chosen the one to begin with, when it can be a release at all
   * @param {string | undefined} usual the one to begin with otherwise
   */
  offer(known, chosen, usual = known.at(-1) ?? ANY) {
    const first = chosen && ID.test(chosen) ? chosen : usual;
    for (const release of new Set([...known, first])) this.#add(release);
    this.#select.value = first;
  }

  /** @param {string} release */
  #add(release) {
    this.#select.append(el("option", { value: release }, release));
  }
}

/**
 * The release of the month after; one that is not named for a month gets a number.
 * @param {string} release
 */
function after(release) {
  const month = /^(\d{4})\.(\d{2})(\..*)?$/.exec(release);
  if (!month) return `${release.replace(/\.n\d+$/, "").slice(0, 56)}.n${Number(/\.n(\d+)$/.exec(release)?.[1] ?? 0) + 1}`;
  const next = Number(month[1]) * 12 + Number(month[2]);
  return `${Math.floor(next / 12)}.${String((next % 12) + 1).padStart(2, "0")}.0`;
}
