// @ts-check
/**
 * What the API says of itself (its OpenAPI document): choices, routes, and the attribute table of conditions.
 * Nothing of it is copied here, so that a new attribute or channel appears in the studio by itself.
 */

import { call } from "../demo/api.js";

/**
 * @typedef {Record<string, any>} Schema JSON Schema 2020-12
 * @typedef {{description: string, example?: any, displayOnly?: boolean, ops: Map<string, Schema>}} Attribute `ops`: what each operator's value must be
 */

/** What only a request of the page can tell. */
const PAGES_OWN = /^(release\.|request\.(page|featureFlags)$)/;

export class Contract {
  #document;

  /** @param {any} document OpenAPI 3.1 @param {string} [grammar] the component that says what conditions are made of */
  constructor(document, grammar = "Audience") {
    this.#document = document;
    this.paths = document.paths;
    /** @type {Record<string, Schema>} */
    this.schemas = document.components.schemas;
    this.attributes = attributesOf(this.schemas[grammar]);
  }

  /** The same, with another table of attributes. @param {string} grammar */
  speaking(grammar) {
    return new Contract(this.#document, grammar);
  }

  /** The same without what only a page says of its reader: a message that is sent finds nobody by it. */
  lasting() {
    const same = new Contract(this.#document);
    same.attributes = new Map([...this.attributes].filter(([name, { displayOnly }]) => !displayOnly && !PAGES_OWN.test(name)));
    return same;
  }

  /** @returns {Promise<Contract>} */
  static async read() {
    return new Contract((await call("GET", "/api/openapi.json")).data);
  }

  /** Whether there is such a route. @param {string} method @param {string} path */
  has(method, path) {
    return Boolean(this.paths[path]?.[method.toLowerCase()]);
  }

  /**
   * The schema that a property of a component really has: references followed, null left aside.
   * @param {string} component
   * @param {string} property
   * @returns {Schema}
   */
  property(component, property) {
    return this.resolve(this.schemas[component]?.properties?.[property] ?? {});
  }

  /**
   * The values that a property, or the items of a list, can take.
   * @param {string} component
   * @param {string} property
   * @returns {string[]}
   */
  choices(component, property) {
    const schema = this.property(component, property);
    return schema.enum ?? this.resolve(schema.items ?? {}).enum ?? [];
  }

  /** @param {Schema} schema @returns {Schema} */
  resolve(schema) {
    if (schema.$ref) return this.resolve(this.schemas[schema.$ref.split("/").at(-1)] ?? {});
    const real = schema.anyOf?.filter((/** @type {Schema} */ one) => one.type !== "null");
    return real?.length === 1 ? this.resolve(real[0]) : schema;
  }
}

/**
 * The table behind the comparisons of a condition.
 * @param {Schema} audience
 * @returns {Map<string, Attribute>}
 */
function attributesOf(audience) {
  /** @type {Map<string, Attribute>} */
  const table = new Map(
    Object.entries(audience["x-attributes"] ?? {}).map(([name, told]) => [name, { ...told, ops: new Map() }]),
  );
  for (const { properties } of audience.anyOf) {
    for (const name of properties.attribute?.enum ?? []) {
      const attribute = table.get(name) ?? { description: "", ops: new Map() };
      for (const op of properties.op.enum) attribute.ops.set(op, properties.value);
      table.set(name, attribute);
    }
  }
  return table;
}

/**
 * A value to begin with that fits a schema, as far as there is one.
 * @param {Schema} schema
 * @returns {any}
 */
export function firstValue(schema) {
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return firstValue(schema.anyOf[0]);
  if (schema.type === "boolean") return true;
  if (schema.type === "array") return schema.items?.enum ? [schema.items.enum[0]] : [];
  if (schema.type === "object") return {};
  return schema.type === "string" ? "" : null;
}
