// @ts-check
/** Whom a message is for: followers, people by criteria, or a segment; where the event is, and who is left out. */

import { el } from "../demo/element.js";
import { audienceFields } from "../studio/audience/builder.js";
import { freshLeaf } from "../studio/audience/leaf.js";
import { uid } from "../studio/forms/fields.js";
import { eventPlace } from "./event-place.js";
import { exclusions } from "./exclusions.js";
import { segmentFields } from "./segment.js";

/** @typedef {import("../studio/tree.js").Tree} Tree */
/** @typedef {import("../studio/contract.js").Contract} Contract */
/** @typedef {import("../studio/session.js").Session} Session */

const AT = "/audience";
const TYPES = {
  favorites: ["My followers", "Free in their inbox; who has muted you is left alone."],
  criteria: ["By criteria", "People who agreed to invitations and whom your conditions fit. It costs credits, by tier."],
  segment: ["A segment", "Members of a cohort by what they do, as far as they agreed to invitations. It costs credits, by tier. Each number that a try tells is one of the day’s questions."],
};
/** Conditions on where people live, at hand. */
const PLACES = { "In a city": "person.home.city", "In a region": "person.home.region", "In a country": "person.home.country", "Within a radius": "person.location" };

/**
 * @param {Tree} draft
 * @param {Contract} contract
 * @param {Session} session
 * @returns {HTMLElement[]}
 */
export function whom(draft, contract, session) {
  const known = contract.lasting();
  const hint = el("p", { class: "hint" });
  const place = el("div", { class: "wide whom" });
  let organizer = draft.get("/organizerId");

  function choose(/** @type {string} */ type) {
    draft.set(AT, { type });
    hint.textContent = TYPES[/** @type {keyof TYPES} */ (type)][1];
    const paid = type === "favorites" ? [] : [eventPlace(draft)];
    const own = type === "criteria" ? [criteria(draft, known)] : type === "segment" ? [segmentFields(draft, session)] : [];
    place.replaceChildren(...own, ...paid, exclusions(draft, known, session));
  }

  draft.addEventListener("change", () => {
    if (draft.get("/organizerId") === organizer) return;
    organizer = draft.get("/organizerId");
    choose(draft.get(`${AT}/type`));
  });
  choose("favorites");
  const option = (/** @type {string} */ type) => el("label", {}, el("input", { type: "radio", name: "audience", checked: type === "favorites", onchange: () => choose(type) }), el("span", {}, TYPES[/** @type {keyof TYPES} */ (type)][0]));
  const types = el("fieldset", { class: "segments" }, el("legend", { class: "hidden" }, "Audience"), ...Object.keys(TYPES).map(option));
  return [el("div", { class: "wide", "data-pointer": AT, "data-name": "Audience" }, types, hint, place, el("p", { class: "fault" }))];
}

/** The builder, with conditions on places at hand. @param {Tree} draft @param {Contract} contract */
function criteria(draft, contract) {
  const at = `${AT}/criteria`;
  const id = uid();
  const builder = el("div", {});
  const draw = () => builder.replaceChildren(...audienceFields(draft, contract, at));
  const add = (/** @type {string} */ name) => {
    const root = draft.get(at);
    const leaf = freshLeaf(contract, name);
    draft.set(at, root === undefined ? { all: [leaf] } : Array.isArray(root.all) ? { ...root, all: [...root.all, leaf] } : { all: [root, leaf] });
    draw();
    /** @type {HTMLElement | null} */ (builder.querySelector(`[data-pointer="${at}/all/${draft.get(at).all.length - 1}"] .leaf-value :is(input, select)`))?.focus();
  };
  const tools = Object.entries(PLACES).filter(([, name]) => contract.attributes.has(name)).map(([words, name]) => el("button", { type: "button", class: "tool", onclick: () => add(name) }, words));
  draw();
  return el("div", {}, el("p", { class: "hint", id }, "Who live"), el("div", { class: "ready", role: "group", "aria-labelledby": id }, ...tools), builder);
}
