import { defineCommand } from "citty";
import { painter } from "./colour.ts";
import { columns } from "./columns.ts";
import type { Command } from "./command.ts";
import { commandsOf, find } from "./find.ts";
import { withHint } from "./flags.ts";
import { TOPICS } from "./help/topics.ts";
import { OK, UsageError, type Io } from "./io.ts";
import { usageOf } from "./usage.ts";

const args = {
  topic: {
    type: "positional",
    required: false,
    multiple: true,
    description: `A topic (${Object.keys(TOPICS).join(", ")}) or a command.`,
  },
} as const;

/** `cluster-local help`. */
export function helpCommand(io: Io, root: Command) {
  return defineCommand({
    meta: { name: "help", description: "Explains what the project is made of, topic by topic." },
    args,
    run: async ({ args: { _: words } }) => {
      const colours = io.colours?.out === true;
      if (words.length === 0) {
        for (const line of overview(colours)) io.out(line);
        return OK;
      }
      const topic = words.length === 1 && Object.hasOwn(TOPICS, words[0]!) ? TOPICS[words[0]!] : undefined;
      if (topic) {
        io.out(painter(colours)("bold", topic.title));
        io.out("");
        io.out(topic.text.trim());
        return OK;
      }
      const found = await find(root, words);
      if (found.rest.length > 0) {
        const options = [...Object.keys(TOPICS), ...Object.keys(commandsOf(root))];
        throw new UsageError(
          withHint(`nothing is known about "${words.join(" ")}"`, words.join(" "), options),
        );
      }
      io.out(await usageOf(found, colours, io.terminal?.size().columns));
      return OK;
    },
  });
}

function overview(colours: boolean): string[] {
  const topics = columns(Object.entries(TOPICS).map(([name, { title }]) => [name, title]));
  const paint = painter(colours);
  return [
    paint("bold", "cluster-local help TOPIC"),
    ...topics.map((line) => `  ${line}`),
    "",
    paint("bold", "cluster-local help COMMAND"),
    "  the same as cluster-local COMMAND --help; cluster-local --help lists the commands",
  ];
}
