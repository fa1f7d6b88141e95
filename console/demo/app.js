// @ts-check
/**
 * The page: ask what to show, show it, report what became of it, ask again when told to (messaging-platform.md §8).
 */

import { Acks } from "./acks.js";
import { call, Problem } from "./api.js";
import { Consent } from "./consent.js";
import { Drawer } from "./drawer.js";
import { byId } from "./element.js";
import { Board, CHANNELS } from "./messages/board.js";
import { Mine } from "./mine/badge.js";
import { notify, quiet } from "./notice.js";
import { People } from "./people.js";
import { Releases } from "./releases.js";
import { Schedule } from "./schedule.js";
import { keepVisitor } from "./site.js";

const FEATURE_FLAGS = ["demo"];
const FIRST_RETRY_S = 10;
const LAST_RETRY_S = 300;

const address = new URL(location.href);
const people = new People(() => restart());
const drawer = new Drawer(people);
const acks = new Acks(drawer.acked);
const board = new Board((message, action) => acks.add(message, action));
const mine = new Mine(people);
const schedule = new Schedule(() => decide());
const consent = new Consent(byId("consent"), () => introduce());
const releases = new Releases(() => restart());

let failures = 0;
let round = new AbortController();

/** Ask the server what to show now; a newer question replaces one that is under way. */
async function decide() {
  round.abort();
  const { signal } = (round = new AbortController());
  schedule.stop();
  try {
    const answer = await ask(signal);
    failures = 0;
    quiet();
    drawer.answer(answer, schedule.in(answer.data.nextCheckInSeconds));
    board.show(answer.data.messages, answer.skew);
  } catch (error) {
    if (signal.aborted) return;
    const named = error instanceof Problem ? error.retryAfter : null;
    schedule.in(named ?? Math.min(FIRST_RETRY_S * 2 ** failures++, LAST_RETRY_S));
    notify(error, () => decide());
  }
}

/** Let the server learn the browser's new id, so that it takes over what was shown to the address; show nothing. */
function introduce() {
  ask(new AbortController().signal, []).catch(() => {}); // else it learns the id with the next question
}

/**
 * @param {AbortSignal} signal
 * @param {string[]} channels what may be shown
 */
function ask(signal, channels = CHANNELS) {
  const { uid, visitorId, roles } = people.current;
  const explain = roles?.some((role) => role === "admin" || role === "organizer");
  const body = {
    releaseId: releases.current,
    featureFlags: FEATURE_FLAGS,
    visitorId: uid ? undefined : (visitorId ?? consent.visitorId),
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    page: location.pathname,
    channels,
  };
  return people.signIns.as(people.current, (token) => {
    signal.throwIfAborted();
    return call("POST", `/api/experience/decide${explain ? "?explain=true" : ""}`, { body, token, signal });
  });
}

/** Another person or release: begin as if the page had just been opened. */
function restart() {
  const { id, uid, visitorId } = people.current;
  address.searchParams.set("as", id);
  address.searchParams.set("release", releases.current);
  history.replaceState(null, "", address);
  board.clear();
  mine.begin();
  if (uid || visitorId) consent.hide();
  else consent.askOnce();
  return decide();
}

/** Play the person's first time once more. */
async function startOver() {
  try {
    await people.startOver(consent.visitorId);
    await restart();
  } catch (error) {
    notify(error, () => startOver());
  }
}

byId("start-over").addEventListener("click", () => startOver());
byId("privacy").addEventListener("click", () => consent.reconsider());
keepVisitor();
const demo = await people.load(address.searchParams.get("as"));
releases.offer(demo.releases ?? [], address.searchParams.get("release"), demo.release);
await acks.flush(); // what was closed before must not come back
await restart();
