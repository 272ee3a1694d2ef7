import { afterAll, beforeAll, expect, it } from "vitest";
import { slowdown } from "../support/machine.ts";
import { startController, type TestController } from "./support/controller.ts";
import { startIstiod, type Istiod } from "./support/istiod.ts";
import {
  apply,
  condition,
  endpoints,
  get,
  policy,
  remove,
  service,
  startMesh,
  type TestMesh,
} from "./support/mesh.ts";
import { eventually } from "./support/process.ts";
import { Sidecar } from "./support/sidecar.ts";

let mesh: TestMesh;
let istiod: Istiod;
let controller: TestController;
const sidecars: Sidecar[] = [];

beforeAll(async () => {
  mesh = await startMesh();
  const settings = "enableAutoMtls: false\ndefaultProviders: {metrics: []}\n";
  const metadata = { name: "istio", namespace: "istio-system" };
  await apply(mesh.one, { apiVersion: "v1", kind: "ConfigMap", metadata, data: { mesh: settings } });
  for (const [kube, address] of [
    [mesh.one, "10.1.0.1"],
    [mesh.two, "10.2.0.1"],
  ] as const) {
    await apply(kube, service("default", "reviews"));
    await apply(kube, endpoints("default", "reviews", [address]));
  }
  // istiod reads more of a cluster than the controller does.
  await apply(mesh.one, {
    ...{ apiVersion: "v1", kind: "Secret", stringData: { m1c2: mesh.m1c2.kubeconfig("admin") } },
    metadata: { name: "m1c2", namespace: "istio-system", labels: { "istio/multiCluster": "true" } },
  });
  istiod = await startIstiod(mesh.m1c1);
  controller = await startController(mesh.m1c1, ["--istiod", istiod.debug]);
  for (const cluster of ["m1c1", "m1c2"]) sidecars.push(await Sidecar.start(mesh.m1c1, istiod, cluster));
}, 300_000);
afterAll(async () => {
  for (const { process } of sidecars) await process.stop();
  await controller.process.stop();
  await istiod.process.stop();
  await mesh.stop();
});

const REVIEWS = policy("default", "reviews", { rules: [{ services: ["default/reviews"], mode: "strict" }] });
const NAME = "outbound|9080||reviews.default.svc.cluster.local";

/** The endpoints of both clusters' Envoys, once they are these. */
const hold = (expected: string[][]) =>
  eventually(
    `endpoints ${JSON.stringify(expected)}`,
    async () => {
      const found = await Promise.all(sidecars.map((one) => one.hosts(NAME)));
      if (JSON.stringify(found) !== JSON.stringify(expected)) throw new Error(JSON.stringify(found));
      return true;
    },
    { everyMs: 20 },
  );
const EVERYWHERE = [
  ["10.1.0.1", "10.2.0.1"],
  ["10.1.0.1", "10.2.0.1"],
];
const AT_HOME = [["10.1.0.1"], ["10.2.0.1"]];

it("has the endpoints of the own cluster alone in real Envoys of both clusters soon after a policy", async () => {
  await hold(EVERYWHERE);
  const [on, off]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    let started = performance.now();
    await apply(mesh.one, REVIEWS);
    await hold(AT_HOME);
    on.push(Math.round(performance.now() - started));
    await condition(mesh.one, REVIEWS, "Ready", "Held");
    started = performance.now();
    await remove(mesh.one, REVIEWS);
    await hold(EVERYWHERE);
    off.push(Math.round(performance.now() - started));
    await eventually("gone", async () => (await get(mesh.one, REVIEWS)) === undefined);
  }
  console.log(
    `policy to Envoys of both clusters: ${on.join(", ")} ms; removed: ${off.join(", ")} ms; slowdown ${slowdown().toFixed(1)}`,
  );
  for (const one of sidecars) expect(await one.rejected()).toEqual([]);
  expect(Math.max(...on)).toBeLessThan(2000 * slowdown());
});

it("stays at home while the controller is dead, and when endpoints elsewhere come and go", async () => {
  await apply(mesh.one, REVIEWS);
  await hold(AT_HOME);
  await condition(mesh.one, REVIEWS, "Ready", "Held");
  await controller.process.stop("SIGKILL");
  await apply(mesh.two, endpoints("default", "reviews", ["10.2.0.1", "10.2.0.2"]));
  await hold([["10.1.0.1"], ["10.2.0.1", "10.2.0.2"]]);
  await apply(mesh.one, endpoints("default", "reviews", []));
  await hold([[], ["10.2.0.1", "10.2.0.2"]]);
  for (const one of sidecars) expect(await one.rejected()).toEqual([]);
});
