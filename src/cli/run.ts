import { stripVTControlCharacters } from "node:util";
import { renderUsage, runCommand, type ArgsDef } from "citty";
import type { Command } from "./command.ts";
import { FileError } from "../files/file-error.ts";
import { InvalidInput } from "../input/problem.ts";
import { checkFlags, withHint } from "./flags.ts";
import { BAD_INPUT, OK, USAGE, UsageError, type Io } from "./io.ts";
import { rootCommand } from "./root.ts";

/** Runs a command line and returns its exit code (see io.ts). */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const root = rootCommand(io);
  if (args.length === 1 && args[0] === "--version") {
    io.out((root.meta as { version: string }).version);
    return OK;
  }
  const { command, parent, name, rest } = find(root, args);
  try {
    if (rest.some((arg) => arg === "--help" || arg === "-h")) {
      io.out(stripVTControlCharacters(await renderUsage(command, parent)).replace(/ +$/gm, ""));
      return OK;
    }
    if (command.subCommands) throw new UsageError(missingCommand(command, rest));
    checkFlags(rest, (command.args ?? {}) as ArgsDef);
    const { result } = await runCommand(command, { rawArgs: rest });
    return typeof result === "number" ? result : OK;
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${name}: ${error.message}`);
      io.err(`Try: ${name} --help`);
      return USAGE;
    }
    if (error instanceof FileError || error instanceof InvalidInput) {
      io.err(error.message);
      return BAD_INPUT;
    }
    throw error;
  }
}

interface Found {
  command: Command;
  parent: Command | undefined;
  /** As the user would type it. */
  name: string;
  rest: string[];
}

/** Goes down from command to command while the arguments name one. */
function find(root: Command, args: readonly string[]): Found {
  const found: Found = { command: root, parent: undefined, name: "cluster-local", rest: [...args] };
  for (;;) {
    const next = found.rest[0];
    const commands = commandsOf(found.command);
    if (next === undefined || !Object.hasOwn(commands, next)) return found;
    found.parent = { meta: { name: found.name } };
    found.command = commands[next]!;
    found.name += ` ${next}`;
    found.rest.shift();
  }
}

function commandsOf(command: Command): Record<string, Command> {
  return (command.subCommands ?? {}) as Record<string, Command>;
}

function missingCommand(command: Command, [next]: string[]): string {
  const names = Object.keys(commandsOf(command));
  if (next === undefined) return `a command is missing, allowed: ${names.join(", ")}`;
  if (next.startsWith("-")) return withHint(`unknown option ${next}`, next, ["--help", "--version"]);
  return withHint(`unknown command "${next}"`, next, names);
}
