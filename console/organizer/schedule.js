// @ts-check
/** When a message goes out: at once, or at a local time of a zone. */

import { el } from "../demo/element.js";
import { field } from "../studio/forms/fields.js";

/** @param {import("../studio/tree.js").Tree} draft @returns {HTMLElement[]} */
export function schedule(draft) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const zones = [...new Set([here, ...Intl.supportedValuesOf("timeZone")])];
  const at = /** @type {HTMLInputElement} */ (el("input", { type: "datetime-local", oninput: put }));
  const zone = /** @type {HTMLSelectElement} */ (el("select", { onchange: put }, ...zones.map((name) => el("option", { value: name, selected: name === here }, name.replaceAll("_", " ")))));

  function put() {
    const localTime = at.value.slice(0, 16);
    draft.set("/schedule", localTime ? { localTime, timezone: zone.value } : undefined);
  }

  return [field("/schedule", "At", at, { hint: "Open: at once." }), field("/schedule/timezone", "Time of", zone)];
}
