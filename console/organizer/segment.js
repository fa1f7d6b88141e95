// @ts-check
/** A segment and its version as an audience. */

import { el } from "../demo/element.js";
import { momentWords } from "../demo/words.js";
import { field } from "../studio/forms/fields.js";

const SEGMENTS = "/api/analytics/segments";
const AT = "/audience";

/**
 * @param {import("../studio/tree.js").Tree} draft
 * @param {import("../studio/session.js").Session} session
 * @returns {HTMLElement}
 */
export function segmentFields(draft, session) {
  const segment = /** @type {HTMLSelectElement} */ (el("select", { required: true, onchange: choose }, el("option", { value: "" }, "One moment …")));
  const version = /** @type {HTMLSelectElement} */ (el("select", { onchange: () => draft.set(`${AT}/version`, Number(version.value) || undefined) }, present()));
  const said = el("p", { class: "hint", role: "status" });

  async function choose() {
    const id = segment.value;
    draft.set(`${AT}/segmentId`, id || undefined);
    draft.set(`${AT}/version`, undefined);
    version.replaceChildren(present());
    if (!id) return;
    await tried(async () => {
      const { data } = await session.ask("GET", `${SEGMENTS}/${encodeURIComponent(id)}/versions?limit=20`);
      if (segment.value === id) version.replaceChildren(present(data.items[0]?.version), ...data.items.slice(1).map(earlier));
    });
  }

  async function load() {
    await tried(async () => {
      const { data } = await session.ask("GET", `${SEGMENTS}?limit=100&organization_id=${encodeURIComponent(draft.get("/organizerId"))}`);
      segment.replaceChildren(el("option", { value: "" }, "Choose one"), group("Yours", data.items), group("Ready-made", data.ready_made ?? []));
    });
  }

  async function tried(/** @type {() => Promise<void>} */ act) {
    try {
      await act();
      said.textContent = "";
    } catch {
      said.textContent = "Segments cannot be read just now.";
    }
  }

  load();
  return el(
    "div",
    { class: "fields" },
    field(`${AT}/segmentId`, "Segment", segment, { hint: el("span", {}, "Make one under ", el("a", { href: "../insights/#/cohort" }, "Insights"), ".") }),
    field(`${AT}/version`, "Version", version, { hint: "What you send goes to the people of this version as they are when you send it." }),
    said,
  );
}

/** @param {number} [number] */
const present = (number) => el("option", { value: "" }, number ? `The present one (${number})` : "The present one");

/** @param {any} one a version of a segment */
const earlier = ({ version, updated_at }) => el("option", { value: version }, `Version ${version}, ${momentWords(updated_at)}`);

/** @param {string} label @param {any[]} segments */
const group = (label, segments) => (segments.length ? el("optgroup", { label }, ...segments.map(({ id, segment_name, size_estimate, size_under }) => el("option", { value: id }, `${segment_name}${sizeWords(size_estimate, size_under)}`))) : null);

/** @param {number | undefined} count @param {number | undefined} under */
const sizeWords = (count, under) => (count !== undefined ? ` (about ${count})` : under !== undefined ? ` (under ${under})` : "");
