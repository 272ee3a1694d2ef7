import { runCommand, type ArgsDef } from "citty";
import type { Command } from "./command.ts";
import { FileError } from "../files/file-error.ts";
import { InvalidInput } from "../input/problem.ts";
import { commandsOf, find } from "./find.ts";
import { checkFlags, withHint } from "./flags.ts";
import { BAD_INPUT, OK, USAGE, UsageError, type Io } from "./io.ts";
import { rootCommand } from "./root.ts";
import { usageOf } from "./usage.ts";

/** Runs a command line and returns its exit code (see io.ts). */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const root = rootCommand(io);
  if (args.length === 1 && ["--version", "-v"].includes(args[0]!)) {
    io.out((root.meta as { version: string }).version);
    return OK;
  }
  const found = await find(root, args);
  const { command, name, rest } = found;
  try {
    if (rest.some((arg) => arg === "--help" || arg === "-h")) {
      io.out(await usageOf(found, io.colours?.out === true, io.terminal?.size().columns));
      return OK;
    }
    if (command.subCommands && !command.run) throw new UsageError(missingCommand(command, rest));
    checkFlags(rest, (command.args ?? {}) as ArgsDef);
    // No command of its own was named, whatever the values of options look like.
    const { result } = await runCommand({ ...command, subCommands: {} }, { rawArgs: rest });
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

function missingCommand(command: Command, [next]: string[]): string {
  const names = Object.keys(commandsOf(command));
  if (next === undefined) return `a command is missing, allowed: ${names.join(", ")}`;
  if (next.startsWith("-")) return withHint(`unknown option ${next}`, next, ["--help", "--version"]);
  return withHint(`unknown command "${next}"`, next, names);
}
