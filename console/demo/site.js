// @ts-check
/** The site has one page here: links of messages that lead to others are answered on the spot. */

import { byId, el } from "./element.js";

/** Paths that this page can answer by itself. @type {Record<string, string>} */
const SECTIONS = { "/": "main", "/events": "week", "/calendar": "week", "/map": "week" };

/** Take over the links inside messages that stay on this site. */
export function keepVisitor() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest(".message a[href]") : null;
    if (!(link instanceof HTMLAnchorElement) || link.origin !== location.origin) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const section = SECTIONS[link.pathname];
    if (section) byId(section).scrollIntoView();
    else tell(link.pathname);
  });
}

/** @param {string} path */
function tell(path) {
  const notice = el(
    "div",
    { class: "card notice aside" },
    el("p", {}, "On the real site this opens ", el("code", {}, path), ". The demo has this one page."),
    el("button", { type: "button", class: "button small quiet", onclick: () => notice.remove() }, "Fine"),
  );
  byId("notices").replaceChildren(notice);
}
