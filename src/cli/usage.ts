import type { ArgDef, ArgsDef } from "citty";
import { painter } from "./colour.ts";
import type { Command } from "./command.ts";
import { commandsOf, type Found } from "./find.ts";

/** A name and what is said of it. */
type Entry = readonly [name: string, text: string];

/** As wide as lines get on the widest terminal: longer ones are hard to read. */
const WIDEST = 100;
/** Names that are longer have their text below them. */
const LONGEST = 24;

/**
 * What a command is for, how it is called, and its options, as `--help` prints them.
 *
 * @param width of the terminal, in characters
 */
export async function usageOf({ command, name }: Found, colours: boolean, width = 80): Promise<string> {
  const paint = painter(colours);
  const within = Math.min(width, WIDEST);
  const args = Object.entries((command.args ?? {}) as ArgsDef);
  const commands = await Promise.all(
    Object.entries(commandsOf(command)).map(async ([word, load]): Promise<Entry> => [
      word,
      descriptionOf(await load()),
    ]),
  );
  const positional = args.filter(([, { type }]) => type === "positional");
  const options = args.filter(([, { type }]) => type !== "positional");
  const required = options.filter((one) => one[1].required === true).map((one) => entryOf(one)[0]);
  const call = [
    name,
    ...(commands.length > 0 ? ["COMMAND"] : []),
    ...required,
    ...(options.length > required.length ? ["[options]"] : []),
    ...positional.map(([word, one]) => placeOf(word, one)),
  ];
  const general: Entry[] = [
    ["-h, --help", "Print this."],
    ...(name.includes(" ") ? [] : [["-v, --version", "Print the version."] as const]),
  ];
  const section = (title: string, entries: readonly Entry[]) =>
    entries.length > 0 ? ["", paint("bold", title), ...listed(entries, within)] : [];
  return [
    ...wrapped(descriptionOf(command), within),
    "",
    ...wrapped(call.join(" "), within - 2, 4).map((line) => `  ${line}`),
    ...section("Commands", commands),
    ...section("Arguments", positional.map(entryOf)),
    ...section("Options", [...options.map(entryOf), ...general]),
    ...(commands.length > 0 ? ["", `${name} COMMAND --help says more of each.`] : []),
  ].join("\n");
}

function descriptionOf({ meta }: Command): string {
  return (meta as { description?: string } | undefined)?.description ?? "";
}

function entryOf([name, one]: [string, ArgDef]): Entry {
  const { description = "" } = one;
  if (one.type === "positional") return [name.toUpperCase(), description];
  const short = "alias" in one && typeof one.alias === "string" ? `-${one.alias}, ` : "";
  const value =
    one.type === "boolean" ? "" : ` ${"valueHint" in one && one.valueHint ? one.valueHint : "VALUE"}`;
  return [`${short}--${name}${value}`, description];
}

/** A positional argument in the line that shows the call. */
function placeOf(name: string, one: ArgDef): string {
  const place = name.toUpperCase() + ((one as { multiple?: boolean }).multiple === true ? "..." : "");
  return one.required === false ? `[${place}]` : place;
}

/** Names in one column, what is said of them in another. */
function listed(entries: readonly Entry[], width: number): string[] {
  const column =
    Math.max(...entries.map(([name]) => name.length).filter((length) => length <= LONGEST), 0) + 4;
  return entries.flatMap(([name, text]) => {
    const lines = wrapped(text, width - column);
    const first = name.length + 4 <= column ? (lines.shift() ?? "") : "";
    return [
      `  ${name.padEnd(column - 2)}${first}`.trimEnd(),
      ...lines.map((line) => " ".repeat(column) + line),
    ];
  });
}

/** A text as lines that fit, broken between words; a word that is longer stays whole. */
function wrapped(text: string, width: number, indent = 0): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : " ".repeat(indent) + word);
  }
  return lines;
}
