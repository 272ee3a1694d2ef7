/** The built filter and tools: those of the clone when they are up to date, else built here from a copy of its sources. */
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { repository } from "./paths.mjs";
import { run } from "./run.mjs";

/** A tmpfs of this container: the clone is mounted read-only, and may be another user's. */
const copy = "/tmp/cluster-local";

/** What building reads, and what the tools read when they run. */
const sources = [
  ...["package.json", "package-lock.json", ".npmrc", "asconfig.json", "tsconfig.json", "tsconfig.build.json"],
  ...["assembly", "src", "envoy/version.json"],
];
/** Of the 20 packages that developing needs. Without the others it is half the memory, and a third of the time. */
const buildPackages = ["@solo-io/proxy-runtime", "@types/node", "assemblyscript", "typescript"];

/** npm tries three times. With the pauses that it has by default it takes more than a minute to say that there is no registry. */
const patience = { NPM_CONFIG_FETCH_RETRY_MINTIMEOUT: "1000", NPM_CONFIG_FETCH_RETRY_MAXTIMEOUT: "5000" };

/** Resolves with the folder that they are in. Throws an error of one line when they cannot be built. */
export async function findTools() {
  if (await isUpToDate(repository)) return repository;
  if (!existsSync(copy) || !(await isUpToDate(copy))) await build();
  return copy;
}

/** As `npm test` and the other commands of the clone judge it. */
async function isUpToDate(clone) {
  const { status } = await run(process.execPath, [join(clone, "src/dev/setup.mjs"), "--check"]);
  return status === 0;
}

async function build() {
  console.log(
    "The clone is not built, or not up to date: building the filter and the tools in this container.",
  );
  for (const path of sources) {
    cpSync(join(repository, path), join(copy, path), { recursive: true, preserveTimestamps: true });
  }
  keepBuildPackages(join(copy, "package.json"));
  const start = performance.now();
  const setup = [join(copy, "src/dev/setup.mjs"), "--without-envoy"];
  const { status, output } = await run(process.execPath, setup, { env: { ...patience, ...process.env } });
  if (status !== 0) throw new Error(`${whyFailed(output)} ${advice}`);
  console.log(`It took ${Math.round((performance.now() - start) / 1000)} s.`);
}

function keepBuildPackages(path) {
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  const kept = Object.entries(manifest.devDependencies).filter(([name]) => buildPackages.includes(name));
  writeFileSync(path, JSON.stringify({ ...manifest, devDependencies: Object.fromEntries(kept) }));
}

const advice = "Or build in the clone (`npm ci && npm run build`); what is there is used.";

/** The one line that says most, for what a machine may lack; for anything else all that was printed. */
function whyFailed(output) {
  if (/npm ci .*cannot be run: .*ENOENT/.test(output)) {
    return "There is no npm in this image, and the filter is not built: take an image with npm.";
  }
  const registry = /^npm error .*request to (\S+?\/\/[^/\s]+)\S* failed, reason: (.*)$/m.exec(output);
  if (registry) {
    const [, address, reason] = registry;
    return `npm cannot reach the registry ${address} (${reason}): set NPM_CONFIG_REGISTRY or HTTPS_PROXY.`;
  }
  return `${output.trimEnd()}\nThe filter cannot be built (see above).`;
}
