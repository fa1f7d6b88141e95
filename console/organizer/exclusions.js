// @ts-check
/** Who is left out although they belong to the audience: who follows others, who was written to before, whom a condition fits. */

import { el } from "../demo/element.js";
import { momentWords } from "../demo/words.js";
import { audienceFields } from "../studio/audience/builder.js";
import { choicesField } from "../studio/forms/fields.js";

const AT = "/audience/exclude";
const LATEST = 10;

/**
 * @param {import("../studio/tree.js").Tree} draft
 * @param {import("../studio/contract.js").Contract} contract
 * @param {import("../studio/session.js").Session} session
 * @returns {HTMLElement}
 */
export function exclusions(draft, contract, session) {
  const organizer = draft.get("/organizerId");
  const others = session.organizers.filter(({ id }) => id !== organizer).map(({ id }) => id);
  const earlier = el("div", { class: "wide" }, el("p", { class: "hint" }, "Nobody was written to before."));
  const fields = el(
    "div",
    { class: "fields" },
    others.length ? choicesField(draft, `${AT}/followersOf`, "Who follow", others, { words: (id) => session.nameOf(id) }) : null,
    earlier,
    el("div", { class: "wide" }, el("p", { class: "hint" }, "And whom this fits:"), ...audienceFields(draft, contract, `${AT}/condition`, { lead: "Leaves out", none: "Leaves out nobody.", name: "Condition of who is left out" })),
  );
  const node = el("details", { class: "more", "data-pointer": AT, "data-name": "Who is left out", ontoggle: load }, el("summary", {}, "Leave people out"), fields, el("p", { class: "fault" }));
  let loaded = false;

  async function load() {
    if (loaded) return;
    loaded = true;
    try {
      const { data } = await session.ask("GET", `/api/messages/broadcasts?limit=${LATEST}&organizerId=${encodeURIComponent(organizer)}`);
      /** @type {Map<string, string>} */
      const titles = new Map(data.items.map((/** @type {any} */ { id, content, startsAt }) => [id, `${content.title}, ${momentWords(startsAt)}`]));
      if (titles.size) earlier.replaceChildren(choicesField(draft, `${AT}/received`, "Who were sent", [...titles.keys()], { words: (id) => titles.get(id) ?? id, hint: "At most five." }));
    } catch {
      loaded = false;
      earlier.replaceChildren(el("p", { class: "hint", role: "status" }, "Earlier messages cannot be read just now; close this and open it again."));
    }
  }

  return node;
}
