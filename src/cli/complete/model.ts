import type { ArgsDef } from "citty";
import type { Command } from "../command.ts";
import { commandsOf } from "../find.ts";
import { SCHEMA_NAMES } from "../../json-schema.ts";
import { TOPICS } from "../help/topics.ts";

/** What can be typed behind a command. */
export interface Place {
  /** The command's words without the program's: `generate envoy`; empty at the start. */
  path: string;
  commands: Described[];
  options: Option[];
  /** What its arguments may be; `files` for names of files. */
  words: string[] | "files";
}

export interface Described {
  name: string;
  description: string;
}

export interface Option extends Described {
  /** One letter, as in -H. */
  short: string | undefined;
  /** What its value may be; undefined for one that takes none. */
  values: string[] | "files" | "anything" | undefined;
}

/** Positional arguments whose values are known, by command. */
const WORDS: Record<string, string[] | "files"> = {
  schema: [...SCHEMA_NAMES],
  completion: ["bash", "zsh", "fish"],
  help: Object.keys(TOPICS),
  validate: "files",
};

/** Every place of the command line. */
export async function placesOf(root: Command, path: readonly string[] = []): Promise<Place[]> {
  const names = Object.entries(commandsOf(root));
  const commands = await Promise.all(names.map(async ([name, load]) => ({ name, command: await load() })));
  const place: Place = {
    path: path.join(" "),
    commands: commands.map(({ name, command }) => ({ name, description: descriptionOf(command) })),
    options: [
      ...Object.entries((root.args ?? {}) as ArgsDef).flatMap(([name, arg]) => optionOf(name, arg)),
      { name: "help", description: "Shows what the command does.", short: undefined, values: undefined },
    ],
    words: WORDS[path.join(" ")] ?? [],
  };
  const inner = await Promise.all(commands.map(({ name, command }) => placesOf(command, [...path, name])));
  return [place, ...inner.flat()];
}

function descriptionOf(command: Command): string {
  return (command.meta as { description?: string } | undefined)?.description ?? "";
}

function optionOf(name: string, arg: ArgsDef[string]): Option[] {
  if (arg.type === "positional") return [];
  const alias = "alias" in arg ? (arg.alias as unknown) : undefined;
  const short = typeof alias === "string" && alias.length === 1 ? alias : undefined;
  const hint = "valueHint" in arg ? (arg.valueHint ?? "") : "";
  return [
    {
      name,
      description: arg.description ?? "",
      short,
      values: arg.type === "boolean" ? undefined : valuesOf(hint),
    },
  ];
}

function valuesOf(hint: string): NonNullable<Option["values"]> {
  if (/^(?:FILE|PATH|DIR)$/.test(hint)) return "files";
  return /^[-a-z0-9]+(?:\|[-a-z0-9]+)+$/.test(hint) ? hint.split("|") : "anything";
}

/**
 * What leads to each place: the place before it, a space, and the next word, as in ` generate` and `generate envoy`. Scripts
 * walk over the words that are there and so find out where they are.
 */
export function stepsOf(places: readonly Place[]): string[] {
  const paths = places.map(({ path }) => path).filter((path) => path !== "");
  return paths.map((path) => (path.includes(" ") ? path : ` ${path}`));
}

/**
 * The branches of a `case` of bash and zsh over the place and the word before: where that is an option with a value.
 *
 * @param offer what offers the values; empty for nothing
 */
export function valueCases(
  { path, options }: Place,
  offer: (values: NonNullable<Option["values"]>) => string,
): string[] {
  return options.flatMap(({ name, short, values }) => {
    if (values === undefined) return [];
    const names = [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
    const pattern = names.map((one) => `"${path} ${one}"`).join("|");
    const offered = offer(values);
    return [`    ${pattern}) ${offered === "" ? "" : `${offered}; `}return ;;`];
  });
}
