import { z } from "zod";
import { choice, flag, object, text } from "../input/fields.ts";
import { parseText } from "../input/parse.ts";
import { servicePattern } from "../policy/names.ts";
import { Refused } from "./refused.ts";
import { SWITCH_MODES } from "./switch.ts";

/** Sets the switch, or shows what that would write. */
export const setRequest = object({
  /** Of the policy view that the change began with. */
  revision: text("a revision", /^[ -~]{1,500}$/),
  enabled: flag(),
  rule: object({
    number: z.union([z.literal("new"), z.int().nonnegative()], {
      error: () => 'the number of a rule, or "new"',
    }),
    mode: choice(SWITCH_MODES),
    scope: z.union([z.literal("all"), z.array(servicePattern)], {
      error: () => '"all" or a list of patterns',
    }),
  }).optional(),
});

/** Asks about an arrow; see ArrowQuestion. */
export const explainRequest = object({
  arrow: text("the id of an arrow", /^[^\0]{1,600}$/),
  path: text('a path that begins with "/"', /^\/[!-~]{0,1000}$/).optional(),
  method: text("a method in upper case", /^[-A-Z]{1,32}$/).optional(),
  asks: text("what an override may ask for", /^[!-~]{1,253}$/).optional(),
});

/** The body of a request, checked. Throws Refused. */
export function readRequest<S extends z.ZodType>(schema: S, body: string): z.output<S> {
  const parsed = parseText(schema, body, "request", "json");
  if (parsed.ok) return parsed.value;
  throw new Refused(
    400,
    parsed.problems.map(({ path, message }) => `${path}: ${message}`),
  );
}
