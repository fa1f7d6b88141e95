// @ts-check
/** What is said: the words of a campaign, and the steps of a helper. */

import { el } from "../../demo/element.js";
import { choiceField, field, textField } from "./fields.js";
import { listField } from "./lists.js";

/**
 * @param {import("../draft.js").Draft} draft
 * @param {import("../contract.js").Contract} contract
 * @param {import("../session.js").Session} session
 * @returns {HTMLElement[]}
 */
export function contentFields(draft, contract, session) {
  const at = "/content";
  const steps = listField({
    draft,
    pointer: `${at}/steps`,
    legend: "Steps of the helper",
    noun: "step",
    most: contract.property("Content", "steps").maxItems ?? 8,
    item: (pointer) => [textField(draft, `${pointer}/title`, "Title", { required: true }), textField(draft, `${pointer}/body`, "Text", { lines: 2, required: true })],
    fresh: () => ({ title: "", body: "" }),
  });
  const showSteps = () => (steps.hidden = !draft.get("/deliveryChannels")?.includes("helper") && !draft.get(`${at}/steps`)?.length);
  draft.addEventListener("change", showSteps);
  showSteps();
  return [
    textField(draft, "/name", "Name", { hint: "For colleagues; readers never see it.", required: true }),
    ...belonging(draft, contract, session),
    textField(draft, `${at}/title`, "Title", { required: true, wide: true }),
    textField(draft, `${at}/body`, "Text", { lines: 3, required: true, wide: true, hint: "Plain text; line breaks stay." }),
    textField(draft, `${at}/cta`, "Button", { placeholder: "Show me" }),
    textField(draft, `${at}/link`, "Leads to", { placeholder: "/events" }),
    choiceField(draft, `${at}/severity`, "Tone", contract.choices("Content", "severity")),
    el("details", { class: "wide more", open: Boolean(draft.get(`${at}/media`)) }, el("summary", {}, "A picture"), el(
      "div",
      { class: "fields" },
      textField(draft, `${at}/media/url`, "Picture’s address", { placeholder: "https://…" }),
      textField(draft, `${at}/media/alt`, "Picture in words", { hint: "Read aloud in its place." }),
    )),
    steps,
  ];
}

/**
 * Type and organizer: chosen once.
 * @param {import("../draft.js").Draft} draft
 * @param {import("../contract.js").Contract} contract
 * @param {import("../session.js").Session} session
 */
function belonging(draft, contract, session) {
  const words = (/** @type {string} */ type) => type.replaceAll("_", " ");
  if (!draft.isNew) {
    const whose = [words(draft.get("/type")), draft.get("/organizerId")].filter(Boolean).join(" · ");
    return [field("/type", "Type", el("output", {}, whose), { hint: "Fixed when the campaign was made." })];
  }
  const organizer = session.organizerIds.length
    ? choiceField(draft, "/organizerId", "Organizer", session.organizerIds)
    : textField(draft, "/organizerId", "Organizer", { hint: "The organizer’s id." });
  const show = () => {
    organizer.hidden = !draft.get("/type").startsWith("organizer");
    if (organizer.hidden && draft.get("/organizerId") !== undefined) draft.set("/organizerId", undefined);
    else if (!organizer.hidden && session.organizerIds.length && !draft.get("/organizerId")) draft.set("/organizerId", session.organizerIds[0]);
  };
  draft.addEventListener("change", show);
  show();
  return [choiceField(draft, "/type", "Type", contract.choices("CreateCampaign", "type"), { words }), organizer];
}
