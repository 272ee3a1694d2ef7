import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROUTINGS } from "../../src/targets/istio/options.ts";
import { writeLargeInventory } from "../support/large-inventory.ts";

/**
 * How long `cluster-local generate istio` takes for a large mesh, as a user would run it (a process of its own, files
 * written): `node --import tsx test/bench/generate.ts [SERVICES] [ROUTED]`. Each ROUTED-th service has a VirtualService
 * and a DestinationRule. The best of three, in seconds.
 */
const [services = 5000, routed = 10] = process.argv.slice(2).map(Number);
const RUNS = 3;

const dir = mkdtempSync(join(tmpdir(), "cluster-local-generate-"));
try {
  const inventory = join(dir, "inventory");
  const policy = join(dir, "policy.yaml");
  writeLargeInventory(inventory, { services, clusters: ["m1c1", "m1c2"], routed });
  writeFileSync(policy, 'version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: ["*"], mode: strict}]\n');
  console.log(`${services} services in 2 clusters, every ${routed}th with routes and subsets of its own`);
  for (const routing of ROUTINGS) {
    const times = Array.from({ length: RUNS }, (_, run) => seconds(routing, join(dir, `${routing}-${run}`)));
    console.log(`${routing.padEnd(16)} ${Math.min(...times).toFixed(1)} s`);
  }

  function seconds(routing: string, out: string): number {
    const image = routing === "native" ? [] : ["--image", "oci://images.example/cluster-local:1"];
    const args = ["--policy", policy, "--inventory", inventory, "--routing", routing, "--out", out, ...image];
    const start = performance.now();
    execFileSync(process.execPath, ["build/js/cli/main.js", "generate", "istio", ...args], {
      stdio: "ignore",
    });
    return (performance.now() - start) / 1000;
  }
} finally {
  rmSync(dir, { recursive: true });
}
