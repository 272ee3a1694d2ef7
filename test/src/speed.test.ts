import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeLargeInventory } from "../support/large-inventory.ts";
import { memorySlowdown } from "../support/machine.ts";

/**
 * How long the commands take as processes, with a policy that names 10,000 services and an inventory that has them in two
 * clusters. Where the machine is slow the bounds are longer by as much. One try that holds is enough.
 */
const SERVICES = 10_000;
const TRIES = 8;

const main = join(import.meta.dirname, "../../build/js/cli/main.js");
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "cluster-local-speed-"));
  const names = Array.from({ length: SERVICES }, (_, i) => `team-${i % 50}/service-${i}`);
  const modes = ["strict", "prefer", "observe", '"off"'];
  const rules = names.map((name, i) => `  - services: [${name}]\n    mode: ${modes[i % 4]!}\n`);
  writeFileSync(join(dir, "policy.yaml"), `version: 1\nclusters: [m1c1, m1c2]\nrules:\n${rules.join("")}`);
  const clusters = [1, 2].map((number) => {
    const services = names.map(
      (name, i) => `      - service: ${name}
        port: 9080
        healthCheck: { path: /health }
        endpoints: ["10.${number}.${i >> 8}.${i & 255}:9080"]
`,
    );
    return `  - id: m1c${number}
    services:
${services.join("")}    callers:
      - { name: caller, namespace: team-0, listener: "127.0.0.1:1500${number}", admin: "127.0.0.1:1600${number}" }
`;
  });
  writeFileSync(join(dir, "mesh.yaml"), `version: 1\nclusters:\n${clusters.join("")}`);
});
afterAll(() => rmSync(dir, { recursive: true }));

test("explain answers within half a second", { timeout: 120_000 }, () => {
  const args = ["--policy", "policy.yaml", "--inventory", "mesh.yaml", "--cluster", "m1c1"];
  const request = ["--caller", "team-0/caller", "--host", "service-9000.team-0:9080"];
  const { printed, took, bound } = best(["explain", ...args, ...request], 500);
  expect(printed).toContain("stays in m1c1 (rule team-0/service-9000, strict): 1 of 2 endpoints may answer");
  expect(took).toBeLessThan(bound);
});

test.each(["yaml", "json"])(
  "explain answers within half a second from 26 MB of Kubernetes resources as %s",
  { timeout: 120_000 },
  (format) => {
    const yaml = join(dir, "yaml");
    writeLargeInventory(yaml, { services: SERVICES, clusters: ["m1c1"], routed: 10 });
    mkdirSync(join(dir, "json"), { recursive: true });
    for (const name of ["m1c1", "istio"]) {
      const text = JSON.stringify(load(readFileSync(join(yaml, `${name}.yaml`), "utf8")));
      writeFileSync(join(dir, "json", `${name}.json`), text);
    }
    writeFileSync(
      join(dir, "all.yaml"),
      'version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: ["*"], mode: strict}]\n',
    );
    const args = ["--policy", "all.yaml", "--inventory", format, "--cluster", "m1c1"];
    const request = ["--caller", "team-0/caller", "--host", "service-9000.team-0:8080"];
    const { printed, took, bound } = best(["explain", ...args, ...request], 500);
    expect(printed).toContain("stays in m1c1 (rule *, strict): 2 of 2 endpoints may answer");
    expect(printed).toContain("to outbound|8080|v1|service-9000.team-0.svc.cluster.local");
    expect(took).toBeLessThan(bound);
  },
);

test("validate answers within two seconds, also with errors", { timeout: 120_000 }, () => {
  const good = best(["validate", "policy.yaml", "mesh.yaml"], 2000);
  expect(good.printed).toContain("0 errors, 0 warnings");
  expect(good.took).toBeLessThan(good.bound);
  writeFileSync(
    join(dir, "wrong.yaml"),
    "version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: [team-0/servic-0], mode: strct}]\n",
  );
  const wrong = best(["validate", "wrong.yaml", "policy.yaml", "mesh.yaml"], 2000);
  expect(wrong.printed).toContain("1 error, 0 warnings");
  expect(wrong.took).toBeLessThan(wrong.bound);
});

/** The first run within its bound, or the last one; the bound is as the machine was just before and after the run. */
function best(args: readonly string[], boundMs: number): { printed: string; took: number; bound: number } {
  for (let tries = 1; ; tries++) {
    const before = memorySlowdown();
    const { printed, took } = timed([main, ...args]);
    const bound = (boundMs * (before + memorySlowdown())) / 2;
    if (took < bound || tries === TRIES) return { printed, took, bound };
  }
}

function timed(args: readonly string[]): { printed: string; took: number } {
  const start = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: dir, encoding: "utf8" });
  return { printed: stdout + stderr, took: performance.now() - start };
}
