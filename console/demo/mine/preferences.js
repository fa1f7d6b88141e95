// @ts-check
/**
 * What may reach one and where: what was agreed to (consents, kept in a ledger) and what narrows it for now
 * (preferences). A tick is both; withdrawing is for good (docs/consent.md).
 */

import { Problem } from "../api.js";
import { el } from "../element.js";
import { momentWords } from "../words.js";
import { tool, trouble } from "./parts.js";

const PROGRAMMES = { organizers: "Organizers I follow", events: "Events near me", marketing: "Invitations for people like me" };
const CHANNELS = { inbox: "Inbox", push: "Push", sms: "Text", email: "E-mail" };
const WORDING = "demo-1";
const CONSENTS = "/api/people/me/consents";
const PREFERENCES = "/api/people/me/preferences";

/** @type {import("./panel.js").Tab} */
export function preferences(mine) {
  const said = el("p", { class: "said", role: "status" });
  const place = el("div", {});

  async function draw() {
    try {
      const [preferred, agreed] = await Promise.all([mine.ask("GET", PREFERENCES), mine.ask("GET", `${CONSENTS}?limit=100`)]);
      const act = document.activeElement?.getAttribute("data-act");
      place.replaceChildren(...form(preferred.data, agreed.data.items.filter((/** @type {any} */ { state }) => state !== "withdrawn")));
      if (act) /** @type {HTMLElement | null} */ (place.querySelector(`[data-act="${CSS.escape(act)}"]`))?.focus();
    } catch (error) {
      said.textContent = trouble(error);
    }
  }

  /** Do it, say it, show what stands now; somebody else's change in between is met by one more try. */
  async function run(/** @type {() => Promise<unknown>} */ act, /** @type {string} */ words) {
    try {
      await act().catch((error) => (error instanceof Problem && error.status === 412 ? act() : Promise.reject(error)));
      said.textContent = words;
    } catch (error) {
      said.textContent = trouble(error);
    }
    await draw();
  }

  /** Change the preferences over what stands now. */
  async function prefer(/** @type {(document: any) => void} */ edit) {
    const { data, etag } = await mine.ask("GET", PREFERENCES);
    edit(data);
    return mine.ask("PUT", PREFERENCES, { body: data, ifMatch: etag });
  }

  function form(/** @type {any} */ preferred, /** @type {any[]} */ agreed) {
    const all = el("input", { type: "checkbox", checked: preferred.organizerMessages !== "off", "data-act": "all", onchange: ({ target }) => run(() => prefer((document) => (document.organizerMessages = target.checked ? "on" : "off")), target.checked ? "Organizers may write again." : "Nothing from any organizer.") });
    const rows = Object.entries(PROGRAMMES).map(([programme, words]) => el("tr", {}, el("th", { scope: "row" }, words), ...Object.keys(CHANNELS).map((channel) => el("td", {}, cell(programme, channel, preferred, agreed)))));
    return [
      el("label", { class: "switch" }, all, "Organizers may write to me"),
      el("table", { class: "matrix" }, el("caption", {}, "What may reach me, and where"), el("thead", {}, el("tr", {}, el("td", {}), ...Object.values(CHANNELS).map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, ...rows)),
      el("h3", {}, "What I agreed to"),
      agreed.length ? el("ul", { class: "items" }, ...agreed.map(consent)) : el("p", { class: "empty" }, "Nothing."),
    ];
  }

  function cell(/** @type {string} */ programme, /** @type {string} */ channel, /** @type {any} */ preferred, /** @type {any[]} */ agreed) {
    if (programme === "organizers" && channel === "inbox") return el("span", { class: "fine" }, "by following");
    const grants = agreed.some((one) => one.programme === programme && one.channel === channel && !one.organizerId);
    const out = preferred.optOuts.some((/** @type {any} */ one) => one.programme === programme && (one.channel === undefined || one.channel === channel));
    const name = `${PROGRAMMES[/** @type {keyof PROGRAMMES} */ (programme)]}: ${CHANNELS[/** @type {keyof CHANNELS} */ (channel)]}`;
    const change = ({ target }) => run(() => (target.checked ? allow(programme, channel, grants, out) : prefer((document) => document.optOuts.push({ programme, channel }))), target.checked ? `${name}: yes.` : `${name}: not for now.`);
    return el("input", { type: "checkbox", "aria-label": name, checked: grants && !out, "data-act": `${programme} ${channel}`, onchange: change });
  }

  async function allow(/** @type {string} */ programme, /** @type {string} */ channel, /** @type {boolean} */ grants, /** @type {boolean} */ out) {
    if (!grants) await mine.ask("POST", CONSENTS, { body: { programme, channel, wordingVersion: WORDING, source: "settings" } });
    if (out)
      await prefer((document) => {
        const wide = document.optOuts.some((/** @type {any} */ one) => one.programme === programme && one.channel === undefined);
        const others = wide ? Object.keys(CHANNELS).filter((one) => one !== channel).map((one) => ({ programme, channel: one })) : [];
        document.optOuts = [...document.optOuts.filter((/** @type {any} */ one) => one.programme !== programme || (one.channel !== undefined && one.channel !== channel)), ...others];
      });
  }

  function consent(/** @type {any} */ { id, programme, channel, organizerId, at, confirmedAt }) {
    const whose = organizerId ? (mine.people.organizers.find((one) => one.id === organizerId)?.name ?? organizerId) : PROGRAMMES[/** @type {keyof PROGRAMMES} */ (programme)];
    const what = `${whose}, ${CHANNELS[/** @type {keyof CHANNELS} */ (channel)].toLowerCase()}`;
    const query = organizerId ? `?organizerId=${encodeURIComponent(organizerId)}` : "";
    const withdraw = () => run(() => mine.ask("DELETE", `${CONSENTS}/${programme}/${channel}${query}`), `${what}: withdrawn.`);
    return el("li", { class: "item" }, el("div", { class: "house" }, el("b", {}, what), el("p", { class: "fine" }, `since ${momentWords(at)}${confirmedAt ? ", confirmed" : ""} · `, el("code", {}, id.slice(0, 12)))), el("p", { class: "tools" }, tool("Unsubscribe", withdraw, { "aria-label": `Unsubscribe: ${what}` })));
  }

  draw();
  return { node: el("div", {}, said, place) };
}
