// @ts-check
/** Where the event is: who lives in another region must have confirmed that they want invitations. */

import { el } from "../demo/element.js";
import { field } from "../studio/forms/fields.js";

const AT = "/audience/place";

/** @param {import("../studio/tree.js").Tree} draft @returns {HTMLElement} */
export function eventPlace(draft) {
  const input = (/** @type {string} */ placeholder, /** @type {number} */ most) => /** @type {HTMLInputElement} */ (el("input", { type: "text", maxlength: most, placeholder, autocomplete: "off", oninput: put }));
  const country = input("AR", 2);
  const region = input("Buenos Aires", 80);

  function put() {
    const told = { country: country.value.trim().toUpperCase(), region: region.value.trim() || undefined };
    draft.set(AT, told.country || told.region ? told : undefined);
  }

  return el(
    "details",
    { class: "more", "data-pointer": AT, "data-name": "Where the event is" },
    el("summary", {}, "Where the event is"),
    el(
      "div",
      { class: "fields" },
      field(`${AT}/country`, "Country", country, { hint: "Two letters, such as AR or US." }),
      field(`${AT}/region`, "Region", region, { hint: "People whose home is elsewhere get it only if they confirmed that they want invitations." }),
    ),
    el("p", { class: "fault" }),
  );
}
