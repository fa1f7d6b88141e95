// @ts-check
/** The Server-Timing header (W3C Server Timing §3): `name;dur=1.2;desc="text", name…`. */

/**
 * @typedef {object} Metric
 * @property {string} name
 * @property {number | null} duration milliseconds
 * @property {string | null} description
 */

const METRIC = /\s*([\w!#$%&'*+.^`|~-]+)((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:\\.|[^"\\])*"|[^\s,;]*))*)\s*(?:,|$)/gy;
const PARAMETER = /;\s*([\w-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,;]*))/g;

/**
 * Every metric of the header, in its order; what does not fit the grammar ends the reading.
 * @param {string | null} header
 * @returns {Metric[]}
 */
export function serverTiming(header) {
  return [...(header ?? "").matchAll(METRIC)].map(([, name, parameters]) => {
    /** @type {Metric} */
    const metric = { name, duration: null, description: null };
    for (const [, key, quoted, bare] of parameters.matchAll(PARAMETER)) {
      const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1");
      if (key.toLowerCase() === "dur" && Number.isFinite(Number(value))) metric.duration = Number(value);
      if (key.toLowerCase() === "desc") metric.description = value;
    }
    return metric;
  });
}
