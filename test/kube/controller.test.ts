import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { at, fieldsOf, itemsOf, type Fields } from "../../src/input/loose.ts";
import { slowdown } from "../support/machine.ts";
import { startController, type TestController } from "./support/controller.ts";
import {
  apply,
  condition,
  endpoints,
  get,
  made,
  policy,
  populate,
  remove,
  SHOP,
  startMesh,
  type TestMesh,
} from "./support/mesh.ts";
import { eventually } from "./support/process.ts";

let mesh: TestMesh;
let controller: TestController;
const created: Fields[] = [];

beforeAll(async () => {
  mesh = await startMesh();
  for (const kube of [mesh.one, mesh.two]) await populate(kube, ...SHOP);
  controller = await startController(mesh.m1c1);
});
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(controller.process.output.slice(-3000));
  for (const one of created.splice(0).reverse()) {
    await remove(mesh.one, one);
    await eventually("it is gone", async () => (await get(mesh.one, one)) === undefined);
  }
});
afterAll(async () => {
  await controller.process.stop();
  await mesh.stop();
});

async function create(object: Fields): Promise<Fields> {
  created.push(object);
  return apply(mesh.one, object);
}

const strict = (ns: string | undefined, name: string, services: string[], more: Fields = {}) =>
  policy(ns, name, { rules: [{ services, mode: "strict" }], ...more });
const REVIEWS = strict("default", "reviews", ["default/reviews"]);
const ruleOf = async (host: string) =>
  (await made(mesh.one)).find((one) => at(one, "spec", "host") === `${host}.svc.cluster.local`);

it("makes a policy's objects, says that it holds, and takes them away with the policy", async () => {
  await create(REVIEWS);
  expect(await condition(mesh.one, REVIEWS, "Ready", "Held")).toMatchObject({
    ...{ status: "True", message: "kept local: 1" },
  });
  await condition(mesh.one, REVIEWS, "Accepted", "Accepted");
  await condition(mesh.one, REVIEWS, "Programmed", "Applied");
  expect((await get(mesh.one, REVIEWS))?.status).toMatchObject({
    ...{ summary: "1/1", clusters: ["m1c1", "m1c2"] },
    services: [{ service: "default/reviews", state: "Held", endpoints: { m1c1: 1, m1c2: 1 } }],
  });
  expect((await made(mesh.one)).map(({ kind }) => kind).sort()).toContain("DestinationRule");
  await eventually("Events say so, too", async () => {
    const { items } = await mesh.one.list("/api/v1/namespaces/default/events");
    const reasons = items.map(({ reason }) => reason);
    return ["Held", "Applied"].every((one) => reasons.includes(one));
  });
  await remove(mesh.one, REVIEWS);
  await eventually("gone", async () => (await get(mesh.one, REVIEWS)) === undefined);
  expect(await made(mesh.one)).toEqual([]);
});

it("follows the labels of a user's subsets within a second", async () => {
  const rule = (version: string): Fields => ({
    ...{ apiVersion: "networking.istio.io/v1", kind: "DestinationRule" },
    metadata: { name: "reviews", namespace: "default" },
    spec: { host: "reviews", subsets: [{ name: "stable", labels: { version } }] },
  });
  await create(rule("v0"));
  await create(REVIEWS);
  await condition(mesh.one, REVIEWS, "Ready", "Held");
  const times: number[] = [];
  for (let round = 1; round <= 20; round++) {
    await apply(mesh.one, rule(`v${round}`));
    const started = performance.now();
    await eventually(
      "our copy has it",
      async () => JSON.stringify((await ruleOf("reviews.default"))?.spec).includes(`"v${round}"`),
      { everyMs: 10 },
    );
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  console.log(
    `label edit to our copy: median ${Math.round(times[10]!)} ms, p95 ${Math.round(times[18]!)} ms`,
  );
  expect(times[18]).toBeLessThan(1000 * slowdown());
});

it("puts back what somebody changes or deletes, and stops fighting with who goes on", async () => {
  await create(REVIEWS);
  await condition(mesh.one, REVIEWS, "Ready", "Held");
  const path = "/apis/networking.istio.io/v1/namespaces/default/destinationrules";
  const { name } = fieldsOf((await ruleOf("reviews.default"))?.metadata) as { name: string };
  for (let round = 0; round < 5; round++) {
    await mesh.one.patch(`${path}/${name}?fieldManager=intruder`, { spec: { subsets: [] } });
    await eventually(
      "put back",
      async () => itemsOf(at(await ruleOf("reviews.default"), "spec", "subsets")).length > 0,
    );
  }
  await mesh.one.patch(`${path}/${name}?fieldManager=intruder`, { spec: { subsets: [] } });
  const lost = await condition(mesh.one, REVIEWS, "Ready", "Undone");
  expect(lost).toMatchObject({
    status: "False",
    message: expect.stringContaining("again and again by intruder") as string,
  });
  expect(await controller.metrics()).toMatch(/corrected_total [5-9]/);
});

it("refuses a namespace's policy for services of others, and the newer of two for the same", async () => {
  const foreign = strict("shop", "greedy", ["shop/cart", "default/reviews"]);
  await create(foreign);
  const refused = await condition(mesh.one, foreign, "Accepted", "ForeignService");
  expect(refused.message).toContain('default/reviews: not of this namespace, allowed: services of "shop/"');
  await create(REVIEWS);
  await condition(mesh.one, REVIEWS, "Ready", "Held");
  // Creation times are of whole seconds.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const meshWide = strict(undefined, "all", ["default/reviews", "default/ratings"]);
  await create(meshWide);
  const conflict = await condition(mesh.one, meshWide, "Conflicted", "OlderPolicy");
  expect(conflict.message).toBe(
    "default/reviews is named by ClusterLocalPolicy default/reviews, which is older",
  );
  expect((await condition(mesh.one, meshWide, "Ready", "Held")).message).toBe("kept local: 1");
  await remove(mesh.one, REVIEWS);
  await eventually("the conflict is over", async () => {
    const { status } = (await get(mesh.one, meshWide))!;
    return !JSON.stringify(status).includes("Conflicted") && fieldsOf(status).summary === "2/2";
  });
});

it("says what is wrong with a policy that the API server could not refuse, and goes on with the others", async () => {
  const twice = policy("shop", "twice", {
    rules: [
      { services: ["shop/cart"], mode: "strict" },
      { services: ["shop/cart"], mode: "off" },
    ],
  });
  await create(twice);
  await create(REVIEWS);
  const invalid = await condition(mesh.one, twice, "Accepted", "Invalid");
  expect(invalid.message).toContain("names the same hosts as rules[0].services[0], allowed once");
  await condition(mesh.one, twice, "Programmed", "NotAccepted");
  await condition(mesh.one, REVIEWS, "Ready", "Held");
  const nobody = strict("shop", "nobody", ["shop/nobody"]);
  await create(nobody);
  await condition(mesh.one, nobody, "Ready", "NoService");
});

it("does not begin with an outage, but goes on being strict through one", async () => {
  await apply(mesh.two, endpoints("shop", "cart", []));
  const cart = strict("shop", "cart", ["shop/cart"]);
  await create(cart);
  const waiting = await condition(mesh.one, cart, "Ready", "NoLocalEndpoints");
  expect(waiting.message).toContain(
    "no ready endpoint in m1c2, where requests would get 503; spec.allowEmpty: true",
  );
  expect(await ruleOf("cart.shop")).toBeUndefined();
  await apply(mesh.one, strict("shop", "cart", ["shop/cart"], { allowEmpty: true }));
  await condition(mesh.one, cart, "Ready", "HeldWithoutEndpoints");
  expect(await ruleOf("cart.shop")).toBeDefined();
  await apply(mesh.two, endpoints("shop", "cart", ["10.1.0.1"]));
  await condition(mesh.one, cart, "Ready", "Held");
  await apply(mesh.one, cart);
  await apply(mesh.two, endpoints("shop", "cart", []));
  await condition(mesh.one, cart, "Ready", "HeldWithoutEndpoints");
  expect(await ruleOf("cart.shop")).toBeDefined();
  await apply(mesh.two, endpoints("shop", "cart", ["10.1.0.1"]));
  await condition(mesh.one, cart, "Ready", "Held");
});

it("is switched off and on within a second, whatever else is wrong", async () => {
  await create(
    policy("shop", "broken", { rules: [{ services: ["shop/cart", "shop/cart"], mode: "strict" }] }),
  );
  await create(REVIEWS);
  const all = strict(undefined, "all", ["default/ratings"]);
  await create(all);
  await condition(mesh.one, all, "Ready", "Held");
  const routes = async () => (await made(mesh.one)).filter(({ kind }) => kind !== "DestinationRule").length;
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    await apply(mesh.one, strict(undefined, "all", ["default/ratings"], { enabled: false }));
    await eventually("routes and filter are gone", async () => (await routes()) === 0, { everyMs: 10 });
    times.push(performance.now() - started);
    await condition(mesh.one, REVIEWS, "Programmed", "SwitchedOff");
    await eventually("all is gone", async () => (await made(mesh.one)).length === 0);
    await apply(mesh.one, all);
    await condition(mesh.one, REVIEWS, "Ready", "Held");
  }
  console.log(`switch off: ${times.map((ms) => Math.round(ms)).join(", ")} ms`);
  expect(Math.max(...times)).toBeLessThan(1000 * slowdown());
  await apply(mesh.one, strict("default", "reviews", ["default/reviews"], { enabled: false }));
  await condition(mesh.one, REVIEWS, "Programmed", "Disabled");
});

it("never deletes what lacks its label, and leaves users' objects to the byte", async () => {
  const theirs: Fields = {
    ...{ apiVersion: "networking.istio.io/v1", kind: "DestinationRule" },
    metadata: {
      name: "by-hand",
      namespace: "default",
      labels: { "app.kubernetes.io/managed-by": "cluster-local" },
    },
    spec: { host: "ratings.default.svc.cluster.local" },
  };
  await create(theirs);
  const before = await get(mesh.one, theirs);
  await create(REVIEWS);
  await condition(mesh.one, REVIEWS, "Ready", "Held");
  await remove(mesh.one, REVIEWS);
  await eventually("gone", async () => (await get(mesh.one, REVIEWS)) === undefined);
  expect(await get(mesh.one, theirs)).toEqual(before);
});

it("leaves out a service whose objects the API server refuses, and no other", async () => {
  const admission = "/apis/admissionregistration.k8s.io/v1";
  const name = "no-rule-for-ratings";
  const matchConstraints = {
    resourceRules: [
      {
        ...{ apiGroups: ["networking.istio.io"], apiVersions: ["*"] },
        ...{ operations: ["CREATE", "UPDATE"], resources: ["destinationrules"] },
      },
    ],
  };
  const validations = [{ expression: "!object.spec.host.startsWith('ratings')", message: "not this one" }];
  await mesh.one.apply(
    `${admission}/validatingadmissionpolicies/${name}`,
    {
      ...{
        apiVersion: "admissionregistration.k8s.io/v1",
        kind: "ValidatingAdmissionPolicy",
        metadata: { name },
      },
      spec: { failurePolicy: "Fail", matchConstraints, validations },
    },
    "test",
  );
  await mesh.one.apply(
    `${admission}/validatingadmissionpolicybindings/${name}`,
    {
      ...{ apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicyBinding" },
      ...{ metadata: { name }, spec: { policyName: name, validationActions: ["Deny"] } },
    },
    "test",
  );
  const probe: Fields = {
    ...{ apiVersion: "networking.istio.io/v1", kind: "DestinationRule" },
    ...{ metadata: { name: "probe", namespace: "shop" }, spec: { host: "ratings.x" } },
  };
  await eventually("the API server refuses it", async () => {
    const refused = await apply(mesh.one, probe).then(
      () => false,
      () => true,
    );
    if (!refused) await remove(mesh.one, probe);
    return refused;
  });
  const both = strict("default", "both", ["default/reviews", "default/ratings"]);
  await create(both);
  const partly = await condition(mesh.one, both, "Ready", "NotHeld");
  expect(partly.message).toMatch(/default\/ratings: DestinationRule .*not this one/);
  expect((await get(mesh.one, both))?.status).toMatchObject({ summary: "1/2" });
  expect(await ruleOf("reviews.default")).toBeDefined();
  await mesh.one.request("DELETE", `${admission}/validatingadmissionpolicybindings/${name}`);
  await mesh.one.request("DELETE", `${admission}/validatingadmissionpolicies/${name}`);
});
