// @ts-check
/** The studio: campaigns of an admin or an organizer, made and changed through the HTTP API alone. */

import { Problem } from "../demo/api.js";
import { byId, el } from "../demo/element.js";
import { confirmed } from "./confirm.js";
import { Contract } from "./contract.js";
import { Draft } from "./draft.js";
import { Editor } from "./editor.js";
import { List } from "./list.js";
import { pathOf } from "./saving.js";
import { Session } from "./session.js";

const place = byId("place");
const title = byId("title");
const session = new Session(() => draft?.dirty || route()); // what is being edited stays
/** @type {Draft | null} what is being edited */
let draft = null;
let shown = location.hash;

/** @param {string} words */
const say = (words) => (byId("status").textContent = words);

/** Show what the address asks for. */
async function route() {
  shown = location.hash;
  const id = decodeURIComponent(shown.replace(/^#\/?/, ""));
  draft = null;
  say("");
  try {
    if (id === "") await showList();
    else if (id === "new") edit(new Draft(null, null, session.isAdmin ? {} : { type: "organizer_broadcast", organizerId: session.organizerIds[0], deliveryChannels: ["inbox"] }));
    else await read(id);
  } catch (error) {
    fail(error);
  }
}

async function showList() {
  const list = new List(session, contract);
  await list.show();
  show("Campaigns", list.node);
}

/** @param {string} id */
async function read(id) {
  const answer = await session.ask("GET", pathOf(id));
  edit(new Draft(answer.data, answer.etag));
}

/** @param {Draft} fresh */
function edit(fresh) {
  draft = fresh;
  const saved = (/** @type {import("../demo/api.js").Answer} */ { data, etag }, /** @type {string} */ words) => {
    history.replaceState(null, "", `#/${encodeURIComponent(data.id)}`);
    edit(new Draft(data, etag));
    shown = location.hash;
    say(words);
  };
  const back = el("a", { class: "back", href: "#/" }, "Campaigns");
  show(fresh.stored?.name ?? "New campaign", back, new Editor(fresh, { session, contract, saved }).node);
}

/** @param {string} heading @param {...HTMLElement} nodes */
function show(heading, ...nodes) {
  document.title = `${heading} – Cabeceo studio`;
  title.textContent = heading;
  place.replaceChildren(...nodes);
  title.focus({ preventScroll: true });
}

/** @param {unknown} error */
function fail(error) {
  const problem = error instanceof Problem ? error : new Problem(0, {});
  const words = problem.status === 404 ? "There is no such campaign, or it is somebody else’s." : problem.passing ? "The server cannot be reached just now." : problem.message;
  show("That did not work", el("div", { class: "panel" }, el("p", {}, words), el("p", { class: "card-actions" }, el("button", { type: "button", class: "button small", onclick: () => route() }, "Try again"), el("a", { class: "button small quiet", href: "#/" }, "All campaigns"))));
}

addEventListener("hashchange", async () => {
  if (location.hash === shown) return;
  if (draft?.dirty && !(await confirmed("Leave without saving?", "What you changed is lost.", "Leave"))) history.replaceState(null, "", shown || "#/");
  else await route();
});
addEventListener("beforeunload", (event) => draft?.dirty && event.preventDefault());

/** @type {Contract} */
let contract;
try {
  [contract] = await Promise.all([Contract.read(), session.begin(new URL(location.href).searchParams.get("as"))]);
  await route();
} catch (error) {
  fail(error);
}
