import { z } from "zod";
import { oneOf } from "./words.ts";

/**
 * Builders for the fields of our files. The message of each zod issue says what is *allowed*, in the words that the
 * filter uses; `findings.ts` puts what was found before it. Issues of code "custom" carry a whole message, but for those
 * of `text` with a further test.
 */

/** An object with these fields and no others. */
export function object<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: ({ code }) => (code === "unrecognized_keys" ? oneOf(Object.keys(shape)) : "an object"),
  });
}

/** A text that matches and, where given, passes the test; `allowed` describes what does. */
export function text(allowed: string, pattern: RegExp, test?: (text: string) => boolean) {
  const error = () => allowed;
  const matching = z.string({ error }).regex(pattern, { error });
  if (!test) return matching;
  return matching.refine((text) => !pattern.test(text) || test(text), { error, params: { allowed: true } });
}

/** One of these names. */
export function choice<const Names extends readonly [string, ...string[]]>(names: Names) {
  return z.enum(names, { error: () => oneOf(names) });
}

export function flag() {
  return z.boolean({ error: () => "true or false" });
}

/** The only version of a file's format so far. */
export function version() {
  return z.literal(1, { error: () => "1" });
}

/** A number in a range, decimals included. */
export function number(allowed: string, from: number, to: number) {
  const error = () => allowed;
  return z.number({ error }).min(from, { error }).max(to, { error });
}

export function wholeNumber(allowed: string, from: number, to: number) {
  const error = () => allowed;
  return z.int({ error }).min(from, { error }).max(to, { error });
}

/** A list; `what` names its items: "a list of patterns". */
export function list<Item extends z.ZodType>(item: Item, what: string) {
  return z.array(item, { error: () => `a list of ${what}` });
}

/** A list of at least one item. */
export function someOf<Item extends z.ZodType>(item: Item, what: string) {
  return list(item, what).min(1, { error: () => "at least one entry" });
}

/** An object whose keys are names, too; `keys` describes what they may be. */
export function record<Key extends z.ZodString, Value extends z.ZodType>(
  key: Key,
  value: Value,
  keys: string,
) {
  return z.record(key, value, { error: ({ code }) => (code === "invalid_key" ? keys : "an object") });
}

/** For an object with such fields: refuses several and none. Runs beside other errors. */
export function exactlyOneOf(...fields: readonly [string, string, ...string[]]) {
  return counted(fields, (count) => count === 1, "exactly one");
}

/** For an object with such fields: refuses none. Runs beside other errors. */
export function someField(...fields: readonly [string, string, ...string[]]) {
  return counted(fields, (count) => count > 0, "at least one");
}

function counted(fields: readonly string[], isRight: (given: number) => boolean, allowed: string) {
  return z.superRefine<object>(
    (value, context) => {
      const given = fields.filter((field) => (value as Record<string, unknown>)[field] !== undefined);
      if (isRight(given.length)) return;
      context.addIssue({ code: "custom", message: `allowed: ${allowed} of ${oneOf(fields)}` });
    },
    { when: ({ value }) => isRecord(value) },
  );
}

/** Whether fields can be looked at: for the `when` of checks across fields. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** For a list of texts: refuses the second of two equal ones. Runs beside other errors, so that all are seen at once. */
export const distinct = z.superRefine<string[]>(
  (items, context) => {
    const seen = new Set<unknown>();
    items.forEach((item: unknown, index) => {
      if (typeof item === "string" && seen.has(item)) {
        context.addIssue({
          code: "custom",
          path: [index],
          message: `found ${JSON.stringify(item)} a second time, allowed once`,
          params: { code: "CL0204" },
        });
      }
      seen.add(item);
    });
  },
  { when: ({ value }) => Array.isArray(value) },
);
