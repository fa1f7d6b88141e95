// @ts-check
/** When people log in: every hour of the week by how many come on an average one, and how it went over time. */

import { el } from "../../demo/element.js";
import { figure } from "../../demo/words.js";
import { axis, chart } from "../charts/chart.js";
import { week } from "../charts/week.js";
import { choice, day, dayField } from "../controls.js";
import { asOfWords } from "../words.js";

const PATH = "/api/analytics/heatmaps";
const DAYS = 90;
const CITIES = "city:";
const OWN = "org:";

/** @type {import("../app.js").Page} */
export const heat = {
  id: "heat",
  name: "Hours",
  title: "When people come by",
  lead: "Logins by hour and weekday, at the place of whoever logs in. An evening goes on until six in the morning, and belongs to the day it began.",
  async open({ session, signal, say }) {
    const asked = { scope: "all", granularity: "weekly", from: day(-DAYS), to: day(0) };
    const answer = el("div", { class: "answer" });
    const show = async () => {
      const { data } = await session.ask("GET", `${PATH}?${new URLSearchParams(asked)}`, { signal });
      answer.replaceChildren(week(data), overTime(data));
      say(`${figure(total(data))} logins.`);
    };
    const set = (/** @type {keyof typeof asked} */ name) => (/** @type {string} */ value) => {
      asked[name] = value;
      return show();
    };
    await show();
    const organizations = session.organizerIds.map((id) => /** @type {[string, string]} */ ([`${OWN}${id}`, `Around ${id}`]));
    const where = choice("Where", [["all", "Everywhere"], ...organizations], asked.scope, set("scope"));
    const named = /** @type {HTMLInputElement} */ (el("input", { id: "city", type: "text", placeholder: "such as boston", autocomplete: "off", spellcheck: "false", onchange: () => set("scope")(named.value.trim() ? `${CITIES}${named.value.trim()}` : "all") }));
    const city = el("div", { class: "field short" }, el("label", { for: "city" }, "Or in the city"), named);
    return [
      el(
        "div",
        { class: "panel controls", role: "group", "aria-label": "Which logins" },
        where,
        city,
        choice("Over time by", ["daily", "weekly", "monthly"].map((each) => [each, { daily: "day", weekly: "week", monthly: "month" }[each] ?? each]), asked.granularity, set("granularity")),
        dayField("From", asked.from, set("from")),
        dayField("Until", asked.to, set("to")),
      ),
      answer,
    ];
  },
};

/** @param {any} data */
const total = ({ cells }) => cells.reduce((/** @type {number} */ sum, /** @type {any} */ { logins }) => sum + logins, 0);

/** @param {any} data */
function overTime({ series, granularity, asOf, exact }) {
  const names = { daily: "day", weekly: "week", monthly: "month" };
  const most = series.reduce((/** @type {any} */ best, /** @type {any} */ each) => (each.logins > best.logins ? each : best), { logins: 0, start: "" });
  return chart({
    title: "Logins over time",
    words: series.length ? `By ${names[/** @type {keyof typeof names} */ (granularity)]}; the most were ${figure(most.logins)}, from ${most.start} on.` : "There are none in this time.",
    height: () => 240,
    draw: (colours) => ({
      grid: { left: 48, right: 16, top: 16, bottom: 30 },
      xAxis: axis(colours, { type: "category", data: series.map(({ start }) => start), splitLine: { show: false } }),
      yAxis: axis(colours, { type: "value", minInterval: 1 }),
      tooltip: { renderMode: "richText", trigger: "axis", backgroundColor: colours.sheet, borderColor: colours.line, textStyle: { color: colours.ink } },
      series: [{ name: "logins", type: "bar", data: series.map(({ logins }) => logins), barMaxWidth: 40 }],
    }),
    table: { caption: "Logins over time", head: ["From", "Logins"], rows: series.map((/** @type {any} */ { start, logins }) => [start, figure(logins)]) },
    notes: [exact ? "Counted exactly. " : "", asOfWords(asOf)],
  });
}
