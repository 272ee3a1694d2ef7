/** `npm run demo`: two clusters on this machine that mix their traffic, then one switch that keeps it at home. */
import { parseArgs } from "node:util";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { localDown, off, offAgain, on } from "./demo/acts.ts";
import { startBookinfo } from "./demo/bookinfo.ts";
import { keepRunning } from "./demo/keep.ts";
import { bold, dim, print, red, seconds } from "./demo/output.ts";

const usage = `Usage: npm run demo [-- --keep]

  --keep   leave it running afterwards: pages to open, a policy to edit
  --help   print this`;

async function main(keep: boolean): Promise<void> {
  const start = performance.now();
  print(`${bold("Bookinfo in two clusters")}: m1c1 has reviews v1 (no stars), m1c2 has reviews v2 (stars).`);
  print("/productpage1 is m1c1's productpage, /productpage2 is m1c2's; both ask `reviews`.");
  const envoy = await resolveEnvoy({ log: print });
  const bookinfo = await startBookinfo(envoy.path);
  print(
    dim(
      `8 apps and 4 Envoys (${envoy.version}, ${envoy.source}) are up after ${seconds(performance.now() - start)}.`,
    ),
  );
  for (const act of [off, on, localDown, offAgain]) {
    await Promise.race([act(bookinfo), bookinfo.failure]);
  }
  print();
  print(
    `${bold("All four acts are as claimed")}, counted at the receivers, in ${seconds(performance.now() - start)}.`,
  );
  if (keep) await keepRunning(bookinfo);
}

function readOptions(): { keep?: boolean; help?: boolean } {
  try {
    return parseArgs({ options: { keep: { type: "boolean" }, help: { type: "boolean" } } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

const { keep = false, help = false } = readOptions();
try {
  if (help) print(usage);
  else await main(keep);
} catch (error) {
  console.error(`\n${red("The demo failed.")} ${(error as Error).message}`);
  process.exitCode = 1;
}
// Apps and Envoys are still running: they are ended on the way out.
process.exit();
