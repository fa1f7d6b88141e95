// @ts-check
/** What went wrong, said kindly, with the request id for whoever helps. */

import { Problem } from "./api.js";
import { byId, el } from "./element.js";

/**
 * Say that something failed; replaces what was said before.
 * @param {unknown} error
 * @param {() => void} retry
 */
export function notify(error, retry) {
  const problem = error instanceof Problem ? error : new Problem(0, {});
  const words = explain(problem);
  byId("notices").replaceChildren(
    el(
      "div",
      { class: "card notice" },
      el("div", {}, el("strong", {}, words.title), el("p", {}, words.body), problem.requestId && el("p", { class: "fine" }, "Request ", el("code", {}, problem.requestId))),
      el("button", { type: "button", class: "button small quiet", onclick: () => (quiet(), retry()) }, "Try again"),
    ),
  );
}

/** Take the notice away. */
export function quiet() {
  byId("notices").replaceChildren();
}

/** @param {Problem} problem */
function explain(problem) {
  if (problem.status === 0 && !navigator.onLine)
    return { title: "You are offline.", body: "The calendar stays; messages and replies go out when you are back." };
  if (problem.status === 0) return { title: "We cannot reach the server.", body: "The calendar stays as it is; we try again by ourselves." };
  if (problem.status === 429) return { title: "One moment, please.", body: "That was a lot of questions at once; we ask again shortly." };
  if (problem.passing) return { title: "The server needs a moment.", body: "The calendar stays as it is; we try again by ourselves." };
  return { title: "That did not work.", body: problem.message };
}
