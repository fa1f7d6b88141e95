// @ts-check
/** The people behind a number of a funnel: those who came this far, or those who went no further. For operators. */

import { Problem } from "../../demo/api.js";
import { el } from "../../demo/element.js";
import { choice } from "../controls.js";

/**
 * @param {import("../../studio/session.js").Session} session
 * @param {string} path
 * @param {URLSearchParams} query of the results
 * @param {any[]} steps
 */
export function peopleOf(session, path, query, steps) {
  const list = el("ul", { class: "people" });
  const said = el("p", { class: "fine", role: "status" });
  const asked = { step: "1", part: "reached" };
  const more = /** @type {HTMLButtonElement} */ (el("button", { type: "button", class: "button small quiet", onclick: () => show(more.value) }, "Show more"));
  more.hidden = true;

  async function show(/** @type {string | undefined} */ cursor) {
    const wanted = new URLSearchParams(query);
    for (const [name, value] of Object.entries({ ...asked, limit: "50", cursor })) if (value) wanted.set(name, value);
    try {
      const { data } = await session.ask("GET", `${path}?${wanted}`);
      if (!cursor) list.replaceChildren();
      list.append(...data.items.map((/** @type {string} */ key) => el("li", {}, key)));
      more.value = data.next_cursor ?? "";
      more.hidden = !data.next_cursor;
      said.textContent = `${list.childElementCount} people${data.next_cursor ? ", and more" : ""}.`;
    } catch (error) {
      said.textContent = error instanceof Problem ? error.message : String(error);
    }
  }

  const set = (/** @type {keyof typeof asked} */ name) => (/** @type {string} */ value) => {
    asked[name] = value;
    return show(undefined);
  };
  const names = steps.map(({ name }, at) => /** @type {[string, string]} */ ([String(at + 1), `${at + 1}. ${name}`]));
  const panel = el(
    "section",
    { class: "panel" },
    el("h2", {}, "The people behind it"),
    el(
      "div",
      { class: "controls" },
      choice("Step", names, asked.step, set("step")),
      choice("Who", [["reached", "came this far"], ["dropped", "came to the step before, no further"]], asked.part, set("part")),
      el("button", { type: "button", class: "button small", onclick: () => show(undefined) }, "List them"),
    ),
    said,
    list,
    more,
  );
  panel.hidden = !session.isAdmin; // an organizer never sees who is in a cohort
  return panel;
}
