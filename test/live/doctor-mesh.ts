import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { waitUntil } from "../../envoy/wait.ts";
import type { Diagnosis, Finding } from "../../src/doctor/finding.ts";
import { startExtra, type Bootstrap, type ExtraEnvoy } from "../envoy/extra-envoy.ts";
import { policy } from "../envoy/two-clusters.ts";
import { cli } from "../support/cli.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

/** The mesh of the doctor's tests, and its diagnosis of Envoys in it: for each test file that imports this. */
export const rules = [
  { services: ["default/reviews"], mode: "strict" },
  { services: ["default/ratings"], mode: "prefer" },
  { services: ["default/httpbin"], mode: "observe" },
];

export let mesh: TestMesh;
beforeAll(async () => {
  const services = [
    { service: "default/reviews" },
    { service: "default/ratings" },
    { service: "default/httpbin", port: 80 },
  ];
  const routes = [{ match: { prefix: "/" }, service: "default/reviews" }];
  const callers = [{ name: "sleep" }, { name: "plain", kind: "gateway" as const, routes }];
  mesh = await startMesh({
    policy: policy(rules),
    clusters: [
      { id: "m1c1", services, callers },
      { id: "m1c2", services },
    ],
  });
});
afterAll(() => mesh.stop());

let extra: ExtraEnvoy | undefined;
afterEach(async () => {
  await extra?.envoy.stop();
  extra = undefined;
});

export interface Answer {
  code: number;
  errors: number;
  /** What is not as it should be: `error panic: ...`. */
  wrong: string[];
  findings: Finding[];
}

/** What `cluster-local doctor --json` says of one Envoy. */
export async function doctor(address: string, ...more: string[]): Promise<Answer> {
  const { code, out, err } = await cli(["doctor", "--json", "--admin", address, ...more]);
  expect(err).toEqual([]);
  const { proxies, errors } = JSON.parse(out.join("\n")) as { proxies: Diagnosis[]; errors: number };
  const { findings } = proxies[0]!;
  for (const { level, evidence, remedy } of findings) {
    expect(evidence.length).toBeGreaterThan(0);
    if (level === "error" || level === "warning") expect(remedy).toBeTruthy();
  }
  const wrong = findings.filter(({ level }) => level !== "ok");
  return { code, errors, findings, wrong: wrong.map((one) => `${one.level} ${one.check}: ${one.message}`) };
}

/** Another Envoy like the caller's, but for this change; it ends with the test. */
export async function startChanged(
  name: string,
  change: (bootstrap: Bootstrap) => void = () => undefined,
  binary?: string,
): Promise<ExtraEnvoy> {
  extra = await startExtra(mesh, "m1c1/sleep", name, change, binary);
  return extra;
}

/** The diagnosis of an Envoy like the caller's, but for this change. */
let number = 0;
export async function changed(change: (bootstrap: Bootstrap) => void): Promise<Answer> {
  const started = await startChanged(`changed-${number++}`, change);
  await settled(started);
  return doctor(started.envoy.admin.address);
}

/** Waits until health checks have been made: before the first one, endpoints are not healthy. */
export async function settled({ envoy }: ExtraEnvoy): Promise<void> {
  await waitUntil(async () =>
    [...(await envoy.admin.clusters()).values()].flat().every(({ healthy }) => healthy),
  );
}
