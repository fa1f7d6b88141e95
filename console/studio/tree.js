// @ts-check
/** A JSON value that form fields read and write by pointer; whoever shows it listens for `change`. */

export class Tree extends EventTarget {
  /** @param {Record<string, any>} value changed in place */
  constructor(value) {
    super();
    this.value = value;
  }

  /** @param {string} pointer JSON pointer @returns {any} */
  get(pointer) {
    return steps(pointer).reduce((value, step) => value?.[step], /** @type {any} */ (this.value));
  }

  /**
   * Put a value at a pointer, and what must be around it; undefined takes it out.
   * @param {string} pointer
   * @param {unknown} value
   */
  set(pointer, value) {
    const path = steps(pointer);
    const last = /** @type {string} */ (path.pop());
    let place = /** @type {any} */ (this.value);
    if (value === undefined && this.get(pointer) === undefined) return;
    for (const step of path) place = place[step] ??= {};
    if (value === undefined) delete place[last];
    else place[last] = value;
    this.changed();
  }

  /** Tell whoever listens; for those who changed `value` themselves. */
  changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {string} pointer */
const steps = (pointer) => pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
