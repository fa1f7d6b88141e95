// @ts-check
/** Numbers of the API in the words of people: how exact, as of when, how long. */

import { figure, momentWords } from "../demo/words.js";

/**
 * @typedef {object} Sized how many, as far as it may be told
 * @property {number} [count]
 * @property {number} [under] fewer than that, and no more is told
 * @property {boolean} [exact]
 * @property {number} [bound] most by which `count` is wrong
 */

/** @param {Sized} size */
export const sizeWords = ({ count, under }) => (typeof count === "number" ? figure(count) : `under ${under ?? 20}`);

/** @param {Sized} size */
export const exactWords = ({ count, exact, bound }) => (typeof count !== "number" ? "smaller groups are not counted out" : exact ? "counted exactly" : `rounded; off by ${figure(bound ?? 0)} at most`);

/** Different people, as far as they can be told apart. @param {{value: number, exact: boolean, low: number, high: number}} count */
export const uniqueWords = ({ value, exact, low, high }) => (exact ? `${figure(value)} different people, counted exactly` : `about ${figure(value)} different people, between ${figure(low)} and ${figure(high)}`);

/** @param {string} moment */
export const asOfWords = (moment) => `As of ${momentWords(moment)}.`;

/** A share as "12 %". @param {number | null | undefined} share */
export const percent = (share) => (share === null || share === undefined ? "–" : `${figure(Math.round(share * 1000) / 10)} %`);

/** @param {number | null | undefined} milliseconds */
export function durationWords(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "–";
  const minutes = milliseconds / 60_000;
  if (minutes < 1) return `${figure(Math.round(milliseconds / 1000))} s`;
  if (minutes < 90) return `${figure(Math.round(minutes))} min`;
  return minutes < 48 * 60 ? `${figure(Math.round(minutes / 6) / 10)} h` : `${figure(Math.round(minutes / 144) / 10)} days`;
}

/** Shortened so that a label fits. @param {string} text @param {number} most */
export const clipped = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** "1 campaign", "2 campaigns". @param {number} number @param {string} thing */
export const several = (number, thing) => `${figure(number)} ${thing}${number === 1 ? "" : "s"}`;
