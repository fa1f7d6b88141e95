// @ts-check
/** Figures for admins and organizers: what people do, drawn and told, through the HTTP API alone. */

import { Problem } from "../demo/api.js";
import { byId, el } from "../demo/element.js";
import { Contract } from "../studio/contract.js";
import { Session } from "../studio/session.js";
import { PAGES } from "./pages.js";

/**
 * @typedef {object} Context what a page works with
 * @property {Session} session
 * @property {Contract} contract
 * @property {AbortSignal} signal aborted when the page is left
 * @property {string | undefined} id what of it the address names
 * @property {(words: string) => void} say to those who listen
 *
 * @typedef {object} Page
 * @property {string} id
 * @property {string} name in the navigation
 * @property {string} title
 * @property {string} lead
 * @property {(context: Context) => Promise<Node[]>} open
 */

const place = byId("place");
const session = new Session(() => route());
let leaving = new AbortController();
/** @type {Contract} */
let contract;

/** Show what the address asks for. */
async function route() {
  const [name, id] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  const page = PAGES.find((each) => each.id === name) ?? PAGES[0];
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  frame(page);
  const say = (/** @type {string} */ words) => (byId("status").textContent = words);
  say("");
  try {
    const nodes = await page.open({ session, contract, signal, id, say });
    if (!signal.aborted) place.replaceChildren(...nodes);
  } catch (error) {
    if (!signal.aborted) fail(error);
  }
  if (!signal.aborted) byId("title").focus({ preventScroll: true });
}

/** @param {Page} page */
function frame({ id, title, lead }) {
  document.title = `${title} – Cabeceo insights`;
  byId("title").textContent = title;
  byId("lead").textContent = lead;
  byId("pages").replaceChildren(...PAGES.map((each) => el("a", { href: `#/${each.id}`, "aria-current": each.id === id ? "page" : undefined }, each.name)));
  place.replaceChildren(el("p", { class: "fine" }, "One moment …"));
}

/** @param {unknown} error */
function fail(error) {
  const problem = error instanceof Problem ? error : new Problem(0, { detail: String(error) });
  const words = problem.status === 404 ? "There is no such thing, or it is somebody else’s." : problem.status === 0 ? "The server cannot be reached just now." : problem.message;
  place.replaceChildren(el("div", { class: "panel" }, el("h2", {}, "That did not work"), el("p", {}, words), el("p", { class: "card-actions" }, el("button", { type: "button", class: "button small", onclick: () => route() }, "Try again"))));
}

addEventListener("hashchange", () => route());
try {
  [contract] = await Promise.all([Contract.read(), session.begin(new URL(location.href).searchParams.get("as"))]);
  await route();
} catch (error) {
  fail(error);
}
