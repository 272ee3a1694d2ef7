import { parseArgs } from "node:util";
import type { ArgsDef } from "citty";
import { didYouMean } from "../input/nearest.ts";
import { UsageError } from "./io.ts";

/**
 * Refuses what the command does not know: citty ignores unknown flags, takes a missing value for an empty one, and the
 * last of a repeated flag. Throws UsageError.
 */
export function checkFlags(rawArgs: string[], args: ArgsDef): void {
  const flags = new Map(Object.entries(args).filter(([, { type }]) => type !== "positional"));
  const known = [...flags.keys(), "help"].map((name) => `--${name}`);
  const options = Object.fromEntries(
    [...flags].map(([name, { type }]) => [
      name,
      { type: type === "boolean" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: rawArgs, options, strict: false, tokens: true });
  const given = new Set<string>();
  let positionals = Object.keys(args).length - flags.size;
  for (const token of tokens) {
    if (token.kind === "positional" && positionals-- <= 0)
      throw new UsageError(`unexpected argument "${token.value}"`);
    if (token.kind !== "option") continue;
    const flag = flags.get(token.name);
    if (!flag) throw new UsageError(withHint(`unknown option ${token.rawName}`, token.rawName, known));
    if (given.has(token.name)) throw new UsageError(`option ${token.rawName} given twice, allowed once`);
    given.add(token.name);
    if (flag.type === "boolean") {
      if (token.value !== undefined) throw new UsageError(`option ${token.rawName} takes no value`);
    } else if (!token.value || (!token.inlineValue && token.value.startsWith("-"))) {
      throw new UsageError(`option ${token.rawName} needs a value`);
    }
  }
  for (const [name, flag] of flags) {
    if (flag.required === true && !given.has(name)) throw new UsageError(`option --${name} is missing`);
  }
}

export function withHint(message: string, found: string, options: readonly string[]): string {
  const hint = didYouMean(found, options);
  return `${message}, allowed: ${options.join(", ")}${hint === undefined ? "" : ` (${hint})`}`;
}
