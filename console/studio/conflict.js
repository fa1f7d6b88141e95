// @ts-check
/** Somebody else saved in the meantime: what they changed, what you changed, and whose words stand. */

import { el } from "../demo/element.js";
import { momentWords, spaced } from "../demo/words.js";
import { differing } from "./draft.js";

/**
 * @param {import("./draft.js").Draft} draft
 * @param {import("../demo/api.js").Answer} theirs the campaign as it is now
 * @param {{mine: () => void, theirs: () => void}} choose
 * @returns {HTMLElement}
 */
export function conflictNotice(draft, theirs, choose) {
  const changed = differing(draft.stored ?? {}, theirs.data);
  const mine = Object.keys(draft.changes());
  const both = mine.filter((name) => changed.includes(name));
  return el(
    "div",
    { class: "conflict" },
    el("h2", { tabindex: "-1" }, `Somebody saved version ${theirs.data.version} while you were editing.`),
    el("p", {}, `At ${momentWords(theirs.data.updatedAt)} they changed ${list(changed)}; you changed ${list(mine)}. `, both.length ? `Both of you changed ${list(both)}: saving yours replaces theirs there.` : "Nothing overlaps: both can stand."),
    el(
      "p",
      { class: "card-actions" },
      el("button", { type: "button", class: "button small", onclick: choose.mine }, both.length ? "Save mine over theirs" : "Save mine as well"),
      el("button", { type: "button", class: "button small quiet", onclick: choose.theirs }, "Take theirs, drop mine"),
    ),
  );
}

/** @param {string[]} names */
const list = (names) => new Intl.ListFormat("en").format(names.map(spaced)) || "nothing";
