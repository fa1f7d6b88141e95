// @ts-check
/** A funnel: how many people come how far, how long they take, and who they are. */

import { el } from "../../demo/element.js";
import { capital, figure, spaced } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { choice, day, dayField } from "../controls.js";
import { peopleOf } from "../funnels/people.js";
import { asOfWords, clipped, durationWords, percent } from "../words.js";

const PATH = "/api/analytics/funnels";
const DAYS = 60;
const ROW = 62;
const ROOM = 40;
/** What everybody wants to know, made when there is no funnel yet. */
const TICKETS = {
  name: "From a look to a ticket",
  steps: [
    { event_type: "view", name: "Looked" },
    { event_type: "cart_add", name: "Put in the cart" },
    { event_type: "checkout_start", name: "Went to pay" },
    { event_type: "purchase", name: "Bought" },
  ],
};

/** @type {import("../app.js").Page} */
export const funnel = {
  id: "funnel",
  name: "Funnels",
  title: "From a look to a ticket",
  lead: "Who takes one step, and who takes the next: counted from the events themselves, each person once.",
  async open({ session, signal, say }) {
    const items = await known(session, signal);
    const answer = el("div", { class: "answer" });
    const asked = { id: items[0].id, from: day(-DAYS), to: day(0), event_id: "" };
    const show = async () => {
      const query = new URLSearchParams(Object.entries(asked).filter(([name, value]) => name !== "id" && value));
      const { data } = await session.ask("GET", `${PATH}/${encodeURIComponent(asked.id)}/results?${query}`, { signal });
      answer.replaceChildren(picture(data), peopleOf(session, `${PATH}/${encodeURIComponent(asked.id)}/people`, query, data.steps));
      say(`${figure(data.steps[0].people)} people began, ${figure(data.steps.at(-1).people)} finished.`);
    };
    const set = (/** @type {keyof typeof asked} */ name) => (/** @type {string} */ value) => {
      asked[name] = value;
      return show();
    };
    const event = /** @type {HTMLInputElement} */ (el("input", { id: "funnel-event", type: "text", placeholder: "all events", autocomplete: "off", onchange: () => set("event_id")(event.value.trim()) }));
    await show();
    return [
      el(
        "div",
        { class: "panel controls", role: "group", "aria-label": "Which funnel" },
        choice("Funnel", items.map(({ id, name }) => [id, name]), asked.id, set("id")),
        dayField("Begun from", asked.from, set("from")),
        dayField("Until", asked.to, set("to")),
        el("div", { class: "field" }, el("label", { for: "funnel-event" }, "Only about the event"), event),
      ),
      answer,
    ];
  },
};

/** The funnels one may see; there is always one. @param {import("../../studio/session.js").Session} session @param {AbortSignal} signal @returns {Promise<any[]>} */
async function known(session, signal) {
  const { data } = await session.ask("GET", `${PATH}?limit=50`, { signal });
  if (data.items.length) return data.items;
  const made = await session.ask("POST", PATH, { body: { ...TICKETS, organization_id: session.isAdmin ? undefined : session.organizerIds[0] }, signal });
  return [made.data];
}

/** @param {any} result */
function picture({ steps, conversion_rate, as_of, excluded }) {
  const last = steps.at(-1);
  return chart({
    title: "Step by step",
    words: `Of ${figure(steps[0].people)} people who began, ${figure(last.people)} came to the end: ${percent(conversion_rate)}, half of them within ${durationWords(last.median_total_ms)}.`,
    height: () => steps.length * ROW + ROOM,
    draw: (colours, narrow) => bars(steps, colours, narrow),
    table: {
      caption: "Steps of the funnel",
      head: ["Step", "People", "Of all who began", "Of the step before", "Median time from there", "Median time in all"],
      rows: steps.map((/** @type {any} */ step) => [nameOf(step), figure(step.people), percent(step.conversion_rate), percent(step.step_conversion_rate), durationWords(step.median_ms), durationWords(step.median_total_ms)]),
      open: true,
    },
    notes: [asOfWords(as_of), " Each median is over those who reached that step, so a later one can be shorter.", excluded ? ` ${figure(excluded)} people are left out by the funnel’s exclusions.` : ""],
  });
}

/** @param {any} step */
export const nameOf = ({ name, event_type }) => (name === event_type ? capital(spaced(event_type)) : name);

/** @param {any} step @param {number} at */
const words = ({ people, step_conversion_rate }, at) => `${figure(people)}${at ? `  (${percent(step_conversion_rate)} of before)` : ""}`;

/** Kept is solid, lost since the step before is hatched. @param {any[]} steps @param {import("../charts/chart.js").Palette} colours @param {boolean} narrow */
function bars(steps, colours, narrow) {
  const lost = steps.map((step, at) => (at ? steps[at - 1].people - step.people : 0));
  const hatched = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: colours.critical };
  return {
    aria: { enabled: true, decal: { show: true, decals: [{ symbol: "none" }, hatched] } },
    grid: { left: narrow ? 110 : 170, right: narrow ? 12 : 150, top: narrow ? 10 : 4, bottom: 30 },
    xAxis: axis(colours, { type: "value", minInterval: 1 }),
    yAxis: axis(colours, { type: "category", inverse: true, data: steps.map(nameOf), axisLabel: { color: colours.ink, fontSize: 13.5, formatter: (/** @type {string} */ name) => clipped(name, narrow ? 14 : 24) } }),
    series: [
      {
        name: "came this far",
        type: "bar",
        stack: "all",
        barWidth: narrow ? 22 : 34,
        itemStyle: { color: colours.wine },
        data: steps.map(({ people }) => people),
        label: { show: narrow, position: [0, -18], color: colours.ink, fontSize: 13.5, fontWeight: "bold", formatter: (/** @type {any} */ { dataIndex }) => words(steps[dataIndex], dataIndex) },
      },
      { name: "went no further", type: "bar", stack: "all", itemStyle: { color: "transparent", borderColor: colours.critical, borderWidth: 1 }, data: lost, label: { show: !narrow, position: "right", color: colours.ink, fontSize: 13.5, fontWeight: "bold", formatter: (/** @type {any} */ { dataIndex }) => words(steps[dataIndex], dataIndex) } },
    ],
  };
}
