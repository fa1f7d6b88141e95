// @ts-check
/** Where and when: channels, priority, window, caps and requirements. */

import { choiceField, choicesField, flagField, momentField, numberField, textField } from "./fields.js";

/**
 * @param {import("../draft.js").Draft} draft
 * @param {import("../contract.js").Contract} contract
 * @returns {HTMLElement[]}
 */
export function timingFields(draft, contract) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const scheduling = contract.schemas["Scheduling-Input"] ? "Scheduling-Input" : "Scheduling";
  const { minimum, maximum } = contract.property("CreateCampaign", "priority");
  const most = contract.property(scheduling, "maxDeliveriesPerUser").maximum;
  const answers = flagField(draft, "/transactional", "Answers what its reader has just done or been granted", { hint: "Such as a role: the pressure budget counts it and does not hold it back." });
  const show = () => {
    answers.hidden = draft.get("/type").startsWith("organizer");
  };
  draft.addEventListener("change", show);
  show();
  return [
    choicesField(draft, "/deliveryChannels", "Appears as", contract.choices("CreateCampaign", "deliveryChannels"), { hint: "The first that has room on the page is taken." }),
    momentField(draft, "/scheduling/startAt", "From", { hint: `Open: at once. Times of ${zone}.` }),
    momentField(draft, "/scheduling/endAt", "Until", { hint: "Open: until it is paused." }),
    numberField(draft, "/scheduling/cooldownHours", "Rest between two showings", { unit: "hours", min: 0 }),
    numberField(draft, "/scheduling/maxDeliveriesPerUser", "At most, to one person", { unit: "times", min: 1, max: most, step: 1 }),
    numberField(draft, "/priority", "Priority", { min: minimum, max: maximum, step: 1, hint: "The higher one is shown first." }),
    textField(draft, "/metadata/releaseId", "Announces release", { placeholder: "2025.11.0" }),
    choiceField(draft, "/metadata/roleRequirement", "Only for the role", contract.choices("Metadata", "roleRequirement"), { none: "any" }),
    choiceField(draft, "/metadata/paidTierRequirement", "Only from tier", contract.choices("Metadata", "paidTierRequirement"), { none: "any" }),
    answers,
  ];
}
