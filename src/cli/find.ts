import type { Command } from "./command.ts";

/** A command of the command line. */
export interface Found {
  command: Command;
  /** As the user would type it. */
  name: string;
  /** The arguments behind its name. */
  rest: string[];
}

/** Goes down from command to command while the arguments name one. */
export async function find(root: Command, args: readonly string[]): Promise<Found> {
  const found: Found = { command: root, name: "cluster-local", rest: [...args] };
  for (;;) {
    const next = found.rest[0];
    const commands = commandsOf(found.command);
    if (next === undefined || !Object.hasOwn(commands, next)) return found;
    found.command = await commands[next]!();
    found.name += ` ${next}`;
    found.rest.shift();
  }
}

/** The commands of a command, each loaded when it is called for: nobody waits for what the others need. */
export function commandsOf({ subCommands }: Command): Record<string, () => Promise<Command>> {
  const entries = Object.entries((subCommands ?? {}) as Record<string, Command | (() => Promise<Command>)>);
  const loaded = entries.map(([name, command]) => [
    name,
    typeof command === "function" ? command : () => Promise.resolve(command),
  ]);
  return Object.fromEntries(loaded) as Record<string, () => Promise<Command>>;
}
