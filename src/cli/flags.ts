import { parseArgs } from "node:util";
import type { ArgsDef } from "citty";
import { didYouMean } from "../input/nearest.ts";
import { UsageError } from "./io.ts";

/**
 * What a flag or a positional argument may say beside what citty knows: that it may be given several times. `valuesOf` has
 * all the values of a flag, citty's `_` all arguments.
 */
interface Repeatable {
  multiple?: boolean;
}

/**
 * Refuses what the command does not know: citty ignores unknown flags, takes a missing value for an empty one, and the
 * last of a repeated flag. Throws UsageError.
 */
export function checkFlags(rawArgs: string[], args: ArgsDef): void {
  const flags = new Map(Object.entries(args).filter(([, { type }]) => type !== "positional"));
  const known = [...flags.keys(), "help"].map((name) => `--${name}`);
  const tokens = tokensOf(rawArgs, args);
  const given = new Set<string>();
  const places = Object.values(args).filter(({ type }) => type === "positional");
  let positionals = places.some((place) => (place as Repeatable).multiple) ? Infinity : places.length;
  for (const token of tokens) {
    if (token.kind === "positional" && positionals-- <= 0)
      throw new UsageError(`unexpected argument "${token.value}"`);
    if (token.kind !== "option") continue;
    const flag = flags.get(token.name);
    if (!flag) throw new UsageError(withHint(`unknown option ${token.rawName}`, token.rawName, known));
    if (given.has(token.name) && (flag as Repeatable).multiple !== true)
      throw new UsageError(`option ${token.rawName} given twice, allowed once`);
    given.add(token.name);
    if (flag.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`option ${token.rawName} takes no value`);
    } else if (!token.value || (!token.inlineValue && /^-./.test(token.value))) {
      // "-" alone is standard input.
      throw new UsageError(`option ${token.rawName} needs a value`);
    }
  }
  for (const [name, flag] of flags) {
    if (flag.required === true && !given.has(name)) throw new UsageError(`option --${name} is missing`);
  }
  const values = tokens.filter(({ kind }) => kind === "positional").length;
  const missing = Object.entries(args).filter(([, { type }]) => type === "positional")[values];
  if (missing?.[1].required === true) throw new UsageError(`${missing[0].toUpperCase()} is missing`);
}

/** All values of a flag, in order; of a flag that says `multiple: true` there may be several. */
export function valuesOf(rawArgs: string[], args: ArgsDef, name: string): string[] {
  return tokensOf(rawArgs, args).flatMap((token) =>
    token.kind === "option" && token.name === name && token.value !== undefined ? [token.value] : [],
  );
}

function tokensOf(rawArgs: string[], args: ArgsDef) {
  const options = Object.fromEntries(
    Object.entries(args)
      .filter(([, { type }]) => type !== "positional")
      .map(([name, flag]) => [
        name,
        {
          type: flag.type === "boolean" ? ("boolean" as const) : ("string" as const),
          ...("alias" in flag && typeof flag.alias === "string" && { short: flag.alias }),
        },
      ]),
  );
  return parseArgs({ args: rawArgs, options, strict: false, tokens: true }).tokens;
}

export function withHint(message: string, found: string, options: readonly string[]): string {
  const hint = didYouMean(found, options);
  return `${message}, allowed: ${options.join(", ")}${hint === undefined ? "" : ` (${hint})`}`;
}
