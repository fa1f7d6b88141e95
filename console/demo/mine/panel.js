// @ts-check
/** The sheet of what is mine: inbox, conversations, organizers, preferences; each begins when its tab is looked at. */

import { openDialog } from "../dialog.js";
import { el } from "../element.js";
import { judge } from "../messages/seen.js";
import { styled } from "../styled.js";
import { conversations } from "./conversations.js";
import { inbox } from "./inbox.js";
import { organizers } from "./organizers.js";
import { preferences } from "./preferences.js";

/**
 * @typedef {{tab: string, ask?: string, event?: string}} Wish which tab; whom to ask about which event
 * @typedef {(mine: import("./badge.js").Mine, wish: Wish, go: (wish: Wish) => void) => {node: HTMLElement, stop?: () => void}} Tab
 */

/** @type {[string, string, Tab][]} */
const TABS = [
  ["inbox", "Inbox", inbox],
  ["conversations", "Conversations", conversations],
  ["organizers", "Organizers", organizers],
  ["preferences", "Preferences", preferences],
];
const STEP = { ArrowRight: 1, ArrowLeft: -1 };

/** @param {import("./badge.js").Mine} mine @param {Wish} wish */
export async function openPanel(mine, wish) {
  await styled("mine");
  let stop = () => {};
  const place = el("div", { class: "mine-place", id: "mine-place", role: "tabpanel", tabindex: "-1" });
  const tabs = TABS.map(([name, label]) => el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "mine-place", onclick: () => go({ tab: name }), onkeydown: walk }, label));

  function go(/** @type {Wish} */ to) {
    stop();
    for (const tab of tabs) {
      const chosen = tab.id === `tab-${to.tab}`;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    place.setAttribute("aria-labelledby", `tab-${to.tab}`);
    const shown = TABS.find(([name]) => name === to.tab)?.[2](mine, to, go);
    stop = shown?.stop ?? (() => {});
    place.replaceChildren(...(shown ? [shown.node] : []));
    place.scrollTop = 0;
  }

  function walk(/** @type {KeyboardEvent} */ event) {
    const by = STEP[/** @type {keyof STEP} */ (event.key)];
    if (!by) return;
    const next = tabs[(tabs.indexOf(/** @type {HTMLElement} */ (event.currentTarget)) + by + tabs.length) % tabs.length];
    next.click();
    next.focus();
  }

  const signedIn = Boolean(mine.person.uid);
  const body = signedIn ? [el("div", { role: "tablist", "aria-label": "What is mine", class: "mine-tabs" }, ...tabs), place] : [stranger()];
  const dialog = el(
    "dialog",
    { class: "mine", "aria-labelledby": "mine-title" },
    el("header", {}, el("h2", { id: "mine-title", tabindex: "-1", autofocus: true }, signedIn ? "Your messages" : "Messages"), el("button", { type: "button", class: "close", "aria-label": "Close your messages", onclick: () => leave() })),
    ...body,
  );
  const shut = openDialog(/** @type {HTMLDialogElement} */ (dialog), () => leave());
  judge();
  if (signedIn) go(wish);

  function leave() {
    stop();
    shut();
    judge();
  }

  function stranger() {
    const enter = () => {
      leave();
      mine.people.signIn();
      openPanel(mine, wish);
    };
    return el("div", { class: "mine-place" }, el("p", {}, "Whoever has an account finds here what the organizers they follow have to say, and can ask them back."), el("p", { class: "card-actions" }, el("button", { type: "button", class: "button small", onclick: enter }, "Sign in as the dancer")));
  }
}
