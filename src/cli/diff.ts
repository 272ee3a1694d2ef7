import { defineCommand } from "citty";
import { diff } from "../diff/index.ts";
import { QuestionError } from "../explain/index.ts";
import { formatProblem } from "../input/problem.ts";
import { readAnyInventory } from "../inventory/any.ts";
import { INVENTORY } from "./args.ts";
import { differenceLines } from "./difference-lines.ts";
import { valuesOf } from "./flags.ts";
import { BAD_INPUT, OK, UsageError, type Io } from "./io.ts";
import { readPolicy } from "./read-policy.ts";
import { reading } from "./reading.ts";
import { reportProblems } from "./report.ts";

const args = {
  policy: {
    type: "string",
    required: true,
    multiple: true,
    valueHint: "FILE",
    description: "Given twice: the policy as it is, and as it is to be.",
  },
  inventory: { ...INVENTORY, required: true },
  json: { type: "boolean", description: "Print the differences as JSON." },
} as const;

const UNDONE = "nothing was compared";

/** `cluster-local diff`. */
export function diffCommand(io: Io) {
  return defineCommand({
    meta: { name: "diff", description: "Says whose requests go elsewhere under another policy." },
    args,
    run: ({ args: given, rawArgs }) => {
      const files = valuesOf(rawArgs, args, "policy");
      if (files.length !== 2)
        throw new UsageError(
          `option --policy given ${files.length === 1 ? "once" : `${files.length} times`}, allowed: twice, the old policy and the new one`,
        );
      const [older, newer] = files.map(readPolicy) as [Read, Read];
      if (!older.ok || !newer.ok)
        return reportProblems(
          io,
          [...(older.ok ? [] : older.problems), ...(newer.ok ? [] : newer.problems)],
          UNDONE,
        );
      reading(io, given.inventory);
      const inventory = readAnyInventory(given.inventory, newer.value);
      if (inventory.kind === "wrong") return reportProblems(io, inventory.problems, UNDONE);
      try {
        const mesh = inventory.kind === "mesh" ? inventory.mesh : inventory.inventory;
        const differences = diff(older.value, newer.value, mesh, io.busy);
        if (given.json === true) io.out(JSON.stringify(differences, null, 2));
        else for (const line of differenceLines(differences, io.colours?.out === true)) io.out(line);
        return OK;
      } catch (error) {
        // The inventory and a policy do not know the same clusters: no option is wrong, but one of the files.
        if (!(error instanceof QuestionError)) throw error;
        io.err(
          formatProblem({ code: "CL0301", file: given.inventory, path: error.field, message: error.reason }),
        );
        return BAD_INPUT;
      }
    },
  });
}

type Read = ReturnType<typeof readPolicy>;
