// @ts-check
/** A cohort under a name: saved as a segment. */

import { Problem } from "../../demo/api.js";
import { el } from "../../demo/element.js";
import { uid } from "../../studio/forms/fields.js";

/**
 * @param {import("../../studio/session.js").Session} session
 * @param {import("../../studio/tree.js").Tree} draft
 * @param {(words: string) => void} say
 */
export function saving(session, draft, say) {
  const id = uid();
  const name = /** @type {HTMLInputElement} */ (el("input", { id, type: "text", maxlength: 120, required: true, autocomplete: "off", "aria-describedby": `${id}-said` }));
  const said = el("p", { class: "hint", id: `${id}-said` });
  const save = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const body = { segment_name: name.value.trim(), filters: draft.get("/filters"), organization_id: session.isAdmin ? undefined : session.organizerIds[0] };
    try {
      const { data } = await session.ask("POST", "/api/analytics/segments", { body, key: crypto.randomUUID() });
      said.textContent = `Saved as «${data.segment_name}», version ${data.version}.`;
      name.value = "";
    } catch (error) {
      said.textContent = error instanceof Problem ? error.faults.map(({ detail }) => detail).join(" ") || error.message : String(error);
    }
    say(said.textContent ?? "");
  };
  return el("form", { class: "field", onsubmit: save }, el("label", { for: id }, "Save it as a segment called"), name, said, el("p", { class: "card-actions" }, el("button", { class: "button small" }, "Save the segment")));
}
