import { fieldsOf, itemsOf, type Fields } from "../../input/loose.ts";

/** RE2, which API servers use, repeats nothing more often. */
const MAX_REPEAT = 1000;

/**
 * A structural schema (what a CustomResourceDefinition may have) of a JSON Schema of zod's. What it cannot say is left out, for the
 * controller checks each policy with the whole schema and says in its status what is wrong: look-aheads, names of keys, unknown
 * fields (the API server refuses or drops these by itself).
 */
export function structural(schema: Fields): Fields {
  const { type, description, minItems, minimum, maximum, required } = schema;
  const choices = schema.const === undefined ? schema.enum : [schema.const];
  const properties = Object.entries(fieldsOf(schema.properties)).map(
    ([name, value]) => [name, structural(fieldsOf(value))] as const,
  );
  const values = fieldsOf(schema.additionalProperties);
  return {
    type: type === "number" && itemsOf(choices).every(Number.isInteger) && choices ? "integer" : type,
    ...given({ description, minItems, minimum, maximum, default: schema.default, enum: choices }),
    ...(typeof schema.pattern === "string" && pattern(schema.pattern)),
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(itemsOf(required).length > 0 && { required }),
    ...(schema.items !== undefined && { items: structural(fieldsOf(schema.items)) }),
    ...(type === "object" && Object.keys(values).length > 0 && { additionalProperties: structural(values) }),
  };
}

/** A look-ahead at the beginning that limits the length becomes `maxLength`; others, and long repetitions, are loosened. */
function pattern(text: string): Fields {
  const [, length] = /^\^\(\?=\.\{1,(\d+)\}\$\)/.exec(text) ?? [];
  const longest = [...text.matchAll(/\{\d+,(\d+)\}/g)].map(([, most]) => Number(most));
  const plain = text
    .replace(/\(\?[=!](?:[^()]|\([^()]*\))*\)/g, "")
    .replace(/\{(\d+),(\d+)\}/g, (all, least, most) =>
      Number(most) <= MAX_REPEAT ? all : least === "0" ? "*" : "+",
    );
  const tooLong = longest.find((most) => most > MAX_REPEAT);
  const limit = length === undefined ? tooLong && tooLong + 1 : Number(length);
  return { pattern: plain, ...(limit && { maxLength: limit }) };
}

function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
