/** `npm run bench [-- --quick] [--seconds N] [--out FILE]`: see README.md. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { removeAtExit } from "../../envoy/at-exit.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { measure, type Effort } from "./envoys/rounds.ts";
import { variants } from "./envoys/variants.ts";
import { takeFigures } from "./figures.ts";
import { loadBefore, machine } from "./machine.ts";
import { prepareModules } from "./modules.ts";
import { report } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    seconds: { type: "string" },
    out: { type: "string" },
  },
});

const effort: Effort = {
  seconds: Number(options.seconds ?? (options.quick ? 12 : 210)),
  requests: 500,
  warmUp: options.quick ? 1500 : 5000,
  connections: 8,
};
const figureEffort = options.quick ? { requests: 100_000, times: 1 } : { requests: 1_000_000, times: 5 };
if (!(effort.seconds > 0)) throw new Error(`--seconds ${options.seconds}: not a number of seconds`);

const busy = loadBefore();
const envoy = await resolveEnvoy({ log: progress });
const dir = mkdtempSync(join(tmpdir(), "cluster-local-bench-"));
removeAtExit(dir);
progress("compiling the modules to compare");
const modules = await prepareModules(dir);
const all = variants(modules);
const figures = await takeFigures(envoy.path, modules, dir, figureEffort, progress);
const readings = await measure(envoy.path, all, effort, dir, progress);
progress("");

const title = `Measured on ${machine(envoy.version)}; load before the run ${busy}.`;
const text = `${report(title, all, readings, effort, figures)}\n`;
process.stdout.write(text);
if (options.out !== undefined) writeFileSync(options.out, text);

/** Says what is being done, in one line of a terminal; nothing elsewhere. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
