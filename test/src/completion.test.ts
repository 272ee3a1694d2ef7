import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";

const script = await scriptFor("bash");

async function scriptFor(shell: string): Promise<string> {
  const lines: string[] = [];
  await run(["completion", shell], { out: (line) => lines.push(line), err: (line) => lines.push(line) });
  return lines.join("\n");
}

/** What a real bash offers at the end of a command line. */
function offered(line: string): string[] {
  const words = line.split(" ");
  const quoted = words.map((word) => `'${word}'`).join(" ");
  const ask = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _cluster_local; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync("bash", ["--norc", "-c", `${script}\n${ask}`], { encoding: "utf8" });
  return printed.split("\n").filter((word) => word !== "");
}

test.each([
  ["cluster-local gen", ["generate"]],
  ["cluster-local generate ", ["envoy", "istio", "--help"]],
  ["cluster-local generate istio --rou", ["--routing"]],
  ["cluster-local generate istio --routing ", ["auto", "routes", "endpoints", "mesh-config"]],
  ["cluster-local generate istio --fail-closed --report j", ["json"]],
  ["cluster-local explain --json --pa", ["--path"]],
  ["cluster-local schema pl", ["plugin-config"]],
  ["cluster-local help mo", ["modes"]],
  ["cluster-local completion z", ["zsh"]],
  ["cluster-local validate --f", ["--fail-on-warnings"]],
])("bash completes %j", (line, words) => {
  expect(offered(line)).toEqual(words);
});

test.each(["cluster-local validate ", "cluster-local explain --policy ", "cluster-local explain -H "])(
  "bash offers files, by its own means, behind %j",
  (line) => {
    expect(offered(line)).toEqual([]);
  },
);

test.each(["zsh", "fish"])("the script for %s knows the same commands and options", async (shell) => {
  const words = await scriptFor(shell);
  for (const [, list] of script.matchAll(/compgen -W "([^"]+)"/g)) {
    for (const word of list!.split(" ")) expect(words).toContain(word.replace(/^--/, ""));
  }
});
