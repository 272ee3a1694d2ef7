import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROUTINGS } from "../../src/targets/istio/options.ts";
import { writeLargeInventory } from "../support/large-inventory.ts";

/**
 * How long `cluster-local generate istio` takes for a large mesh, as a user would run it (a process of its own, from YAML
 * to written files): `node --import tsx test/bench/generate.ts [SERVICES] [ROUTED]`. Each ROUTED-th service has a
 * VirtualService and a DestinationRule. The best of three, in seconds.
 */
const [services = 5000, routed = 10] = process.argv.slice(2).map(Number);
const RUNS = 3;
/** Seconds that the default routing may take for 5,000 services. */
const BAR = 3;

const dir = mkdtempSync(join(tmpdir(), "cluster-local-generate-"));
try {
  const inventory = join(dir, "inventory");
  const policy = join(dir, "policy.yaml");
  writeLargeInventory(inventory, { services, clusters: ["m1c1", "m1c2"], routed });
  writeFileSync(policy, 'version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: ["*"], mode: strict}]\n');
  console.log(`${services} services in 2 clusters, every ${routed}th with routes and subsets of its own`);
  for (const routing of ROUTINGS) {
    const times = Array.from({ length: RUNS }, (_, run) => seconds(routing, join(dir, `${routing}-${run}`)));
    const bar = routing === "auto" && services === 5000 ? ` (bar: ${BAR} s)` : "";
    console.log(`${routing.padEnd(12)} ${Math.min(...times).toFixed(1)} s${bar}`);
  }

  function seconds(routing: string, out: string): number {
    const args = ["--policy", policy, "--inventory", inventory, "--routing", routing, "--out", out];
    const start = performance.now();
    const { status } = spawnSync(process.execPath, ["build/js/cli/main.js", "generate", "istio", ...args]);
    // 3: routes that have no name of their own are left out with --routing routes.
    if (status !== 0 && status !== 3)
      throw new Error(`generate istio --routing ${routing}: exit code ${status}`);
    return (performance.now() - start) / 1000;
  }
} finally {
  rmSync(dir, { recursive: true });
}
