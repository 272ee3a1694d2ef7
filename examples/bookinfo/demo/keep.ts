import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openConsole } from "../../../src/cli/console.ts";
import type { Bookinfo } from "./bookinfo.ts";
import { generate, generateArgs } from "./generate.ts";
import { visit } from "./measure.ts";
import { bold, dim, heading, print, red } from "./output.ts";

/** How many pages are opened a second while the demo is kept, so that there is traffic to see. */
const PAGES_PER_SECOND = 10;

/** Leaves the demo running, with retention on, and applies the policy file whenever it is saved. */
export async function keepRunning(bookinfo: Bookinfo): Promise<never> {
  await bookinfo.setRetention(true);
  explain(bookinfo, await startConsole(bookinfo));
  void openPages(bookinfo);
  process.once("SIGINT", () => {
    print("\nEnded.");
    process.exit(0);
  });
  applyEdits(bookinfo);
  return bookinfo.failure;
}

/** The console of this mesh; its address. */
async function startConsole({ files }: Bookinfo): Promise<string> {
  const problems: string[] = [];
  const console = await openConsole(
    { policy: files.policy, inventory: files.mesh, out: files.out, listen: "127.0.0.1:0" },
    { out: print, err: (line) => problems.push(line) },
  );
  if (!console) throw new Error(problems.join("\n"));
  return console.url;
}

/** Opens both pages in turn for as long as the demo runs; what fails shows on the console's page. */
async function openPages(bookinfo: Bookinfo): Promise<never> {
  for (let index = 0; ; index++) {
    visit(bookinfo, index % 2 ? 2 : 1).catch(() => {});
    await sleep(1000 / PAGES_PER_SECOND);
  }
}

function explain(bookinfo: Bookinfo, console: string): void {
  const { files, gateway } = bookinfo;
  heading("The demo keeps running, with retention on. Open:");
  print(`   ${bold(console)}   the traffic, and the switch`);
  print(`   ${bold(`http://${gateway}/productpage1`)}   in m1c1: never stars`);
  print(`   ${bold(`http://${gateway}/productpage2`)}   in m1c2: always stars`);
  print();
  print("Edit the policy, for example `enabled` or the rule's `mode`. It is applied when you save it:");
  print(`   ${bold(files.policy)}`);
  print("The same by hand:");
  const [generate, envoy, ...args] = generateArgs(files);
  print(`   node build/js/cli/main.js ${generate} ${envoy} ${args.join(" ")}`);
  print("Let reviews v1 hang for a while:");
  const { pid } = bookinfo.app("reviews", "m1c1");
  print(`   kill -STOP ${pid}; sleep 10; kill -CONT ${pid}`);
  print();
  print(dim("Ctrl-C ends everything."));
}

function applyEdits({ files }: Bookinfo): void {
  let applied: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const apply = async () => {
    try {
      const text = await readFile(files.policy, "utf8");
      if (text === applied) return;
      applied = text;
      await generate(files, print);
      print(`Applied ${files.policy}.`);
    } catch (error) {
      print(red(`Not applied; the policy before it stays.\n${(error as Error).message}`));
    }
  };
  // The folder, for many editors write another file and rename it; and later, for they write more than once.
  watch(files.dir, (_, name) => {
    if (name !== basename(files.policy)) return;
    clearTimeout(timer);
    timer = setTimeout(() => void apply(), 100);
  });
}
