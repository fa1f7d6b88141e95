// @ts-check
/** An organizer's page: messages to many, what they cost, and what became of them; through the HTTP API alone. */

import { Problem } from "../demo/api.js";
import { byId, el } from "../demo/element.js";
import { confirmed } from "../studio/confirm.js";
import { Contract } from "../studio/contract.js";
import { Session } from "../studio/session.js";
import { Compose } from "./compose.js";
import { home } from "./home.js";
import { progress } from "./progress.js";

const session = new Session(() => (location.hash === "#/" || location.hash === "" ? route() : (location.hash = "#/")));
/** @type {Compose | null} what is being written */
let writing = null;
let stop = () => {};
let shown = location.hash;

/** @param {string} words */
const say = (words) => (byId("status").textContent = words);

/** Show what the address asks for. */
async function route() {
  shown = location.hash;
  const id = decodeURIComponent(shown.replace(/^#\/?/, ""));
  stop();
  stop = () => {};
  writing = null;
  say("");
  try {
    if (id === "") show("Messages to many", (await home(session)).node);
    else if (id === "new") compose();
    else await watch(id);
  } catch (error) {
    fail(error);
  }
}

function compose() {
  writing = new Compose(session, contract, (id) => {
    writing = null;
    location.hash = `#/${encodeURIComponent(id)}`;
  });
  show("New message", back(), writing.node);
}

/** @param {string} id */
async function watch(id) {
  const part = await progress(session, id);
  stop = part.stop;
  show(part.title, back(), part.node);
}

const back = () => el("a", { class: "back", href: "#/" }, "All messages");

/** @param {string} heading @param {...HTMLElement} nodes */
function show(heading, ...nodes) {
  document.title = `${heading} – Cabeceo for organizers`;
  byId("title").textContent = heading;
  byId("place").replaceChildren(...nodes);
  byId("title").focus({ preventScroll: true });
}

/** @param {unknown} error */
function fail(error) {
  const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
  const words = problem.status === 404 ? "There is no such message, or it is somebody else’s." : problem.passing ? "The server cannot be reached just now." : problem.message;
  show("That did not work", el("div", { class: "panel" }, el("p", {}, words), el("p", { class: "card-actions" }, el("button", { type: "button", class: "button small", onclick: () => route() }, "Try again"), el("a", { class: "button small quiet", href: "#/" }, "All messages"))));
}

addEventListener("hashchange", async () => {
  if (location.hash === shown) return;
  if (writing?.dirty && !(await confirmed("Leave without sending?", "What you wrote is lost.", "Leave"))) history.replaceState(null, "", shown || "#/");
  else await route();
});
addEventListener("beforeunload", (event) => writing?.dirty && event.preventDefault());

/** @type {Contract} */
let contract;
try {
  [contract] = await Promise.all([Contract.read(), session.begin(new URL(location.href).searchParams.get("as"), ["organizer"])]);
  await route();
} catch (error) {
  fail(error);
}
