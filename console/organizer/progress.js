// @ts-check
/** One broadcast, live: how far it is, what can be done about it, who was left out and why, and what readers did. */

import { Problem } from "../demo/api.js";
import { el } from "../demo/element.js";
import { poll } from "../demo/mine/poll.js";
import { capital, figure, momentWords, numberWords, spaced } from "../demo/words.js";
import { confirmed } from "../studio/confirm.js";
import { audienceWords, ENDED, stateChip, stateWords } from "./state.js";

const PROGRESS_S = 1.5;
const REPORT_S = 8;
const CAN_PAUSE = new Set(["scheduled", "freezing", "sending"]);

/** @param {import("../studio/session.js").Session} session @param {string} id */
export async function progress(session, id) {
  const path = `/api/messages/broadcasts/${encodeURIComponent(id)}`;
  const first = (await session.ask("GET", path)).data;
  const said = el("p", { class: "said", role: "status" });
  const now = el("section", { class: "panel", "aria-labelledby": "progress-title" });
  const report = el("section", { class: "panel", "aria-labelledby": "report-title" }, el("h2", { id: "report-title" }, "What readers did"));
  let state = "";
  const live = poll(PROGRESS_S, (ifNoneMatch) => session.ask("GET", path, { ifNoneMatch }), draw);
  const readers = poll(REPORT_S, (ifNoneMatch) => session.ask("GET", `${path}/report`, { ifNoneMatch }), drawReport);

  function draw(/** @type {any} */ view) {
    const focused = now.contains(document.activeElement) ? document.activeElement?.textContent : null;
    now.replaceChildren(el("h2", { id: "progress-title" }, "How far it is"), ...parts(view), el("p", { class: "card-actions" }, ...actions(view)), said);
    [...now.querySelectorAll("button")].find(({ textContent }) => textContent === focused)?.focus();
    if (state && state !== view.state) said.textContent = `It is ${stateWords(view.state)} now.`;
    state = view.state;
    if (ENDED.has(state)) {
      live.stop();
      readers.now();
    }
  }

  function actions(/** @type {any} */ { state: at }) {
    const tool = (/** @type {string} */ label, /** @type {() => unknown} */ onclick) => el("button", { type: "button", class: "button small quiet", onclick }, label);
    if (ENDED.has(at) || at === "cancelling") return [];
    return [at === "paused" ? tool("Resume", () => act("resume")) : CAN_PAUSE.has(at) ? tool("Pause", () => act("pause")) : null, tool("Cancel", cancel)].filter((node) => node !== null);
  }

  async function cancel() {
    if (await confirmed("Cancel it?", "Nobody else gets it. What was delivered stays, and is paid; the rest of the credits comes back.", "Cancel it")) await act("cancel");
  }

  async function act(/** @type {string} */ verb) {
    try {
      draw((await session.ask("POST", `${path}/${verb}`, { key: `${id}-${verb}-${Date.now()}` })).data);
    } catch (error) {
      said.textContent = error instanceof Problem && !error.passing ? capital(error.message) : "The server cannot be reached just now.";
    }
    await live.now();
  }

  function drawReport(/** @type {any} */ data) {
    const names = ["delivered", "seen", "clicked", "acknowledged", "unsubscribed", "replies"];
    report.replaceChildren(el("h2", { id: "report-title" }, "What readers did"), el("dl", { class: "figures" }, ...names.map((name) => fact(capital(name), numberWords(data[name])))), el("p", { class: "hint" }, `As of ${momentWords(data.asOf)}. It cost ${figure(data.credits)} credits. Numbers of people are rounded, and none under 20 is told.`));
  }

  draw(first);
  const stop = () => {
    live.stop();
    readers.stop();
  };
  return { title: first.content.title, node: el("div", { class: "panels watch" }, now, report, words(first)), stop };
}

/** @param {any} view */
function parts({ state, progress: { people, done, delivered, losses }, startsAt, endedAt, credits, tier, failure, errors }) {
  const known = people.value !== undefined && done.value !== undefined;
  const label = known ? `${figure(done.value)} of ${figure(people.value)} people done` : people.text.startsWith("under") ? `${numberWords(done)} of ${numberWords(people)} people done` : "How many people it goes to is told once it goes out.";
  const bar = el("progress", { max: people.value || 1, value: state === "settled" ? people.value || 1 : known ? done.value : ENDED.has(state) ? 1 : undefined, "aria-label": label });
  return [
    el("p", {}, stateChip(state), el("span", { class: "fine" }, ` ${endedAt ? `ended ${momentWords(endedAt)}` : `from ${momentWords(startsAt)}`} · tier ${tier} · ${ENDED.has(state) ? "cost" : "at most"} ${figure(credits)} credits`)),
    bar,
    el("p", { class: "fine" }, label),
    el("dl", { class: "figures" }, ...Object.entries(delivered).map(([channel, count]) => fact(`Delivered by ${channel}`, numberWords(count))), ...losses.map((/** @type {any} */ { reason, people: lost }) => fact(capital(spaced(reason)), numberWords(lost)))),
    failure ? el("p", { class: "fault" }, capital(spaced(failure))) : null,
    errors.length ? el("details", { class: "more" }, el("summary", {}, `${errors.length} ${errors.length === 1 ? "thing" : "things"} went wrong and were tried again`), el("ul", {}, ...errors.map((/** @type {any} */ { page, code, at }) => el("li", {}, `Page ${page}: ${spaced(code)}, ${momentWords(at)}`)))) : null,
  ].filter((node) => node !== null);
}

/** @param {any} view */
const words = ({ content, channels, audienceType, segmentVersion }) => el("section", { class: "panel", "aria-labelledby": "words-title" }, el("h2", { id: "words-title" }, "What it says"), el("p", { class: "pre" }, content.body), el("p", { class: "hint" }, `${capital(audienceWords(audienceType))}${segmentVersion ? ` (version ${segmentVersion})` : ""}, by ${channels.join(" and ")}.`));

/** @param {string} name @param {string} value */
const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, el("b", {}, value)));
