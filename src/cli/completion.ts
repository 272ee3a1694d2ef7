import { defineCommand } from "citty";
import type { Command } from "./command.ts";
import { bashScript } from "./complete/bash.ts";
import { fishScript } from "./complete/fish.ts";
import { placesOf } from "./complete/model.ts";
import { zshScript } from "./complete/zsh.ts";
import { withHint } from "./flags.ts";
import { OK, UsageError, type Io } from "./io.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
const SHELLS = Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[];

const args = {
  shell: { type: "positional", required: true, description: `${SHELLS.join(", ")}.` },
} as const;

/** `cluster-local completion`. */
export function completionCommand(io: Io, root: Command) {
  return defineCommand({
    meta: { name: "completion", description: "Prints what completes commands and options in a shell." },
    args,
    run: async ({ args: { shell } }) => {
      const known = SHELLS.find((one) => one === shell);
      if (!known) throw new UsageError(withHint(`unknown shell "${shell}"`, shell, SHELLS));
      io.out(SCRIPTS[known](await placesOf(root)));
      return OK;
    },
  });
}
