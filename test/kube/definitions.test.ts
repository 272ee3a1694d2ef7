import { afterAll, beforeAll, expect, it } from "vitest";
import { definitions } from "../../src/controller/crd/definitions.ts";
import type { Kube } from "../../src/kube/client.ts";
import type { Fields } from "../../src/input/loose.ts";
import { ApiServer } from "./support/api-server.ts";
import { eventually } from "./support/process.ts";

let server: ApiServer;
let kube: Kube;

beforeAll(async () => {
  server = await ApiServer.start("m1c1");
  kube = await server.client("admin");
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  for (const one of definitions()) {
    const { name } = one.metadata as { name: string };
    await kube.apply(`${path}/${name}`, one, "test");
    await eventually(`${name} is served`, async () => {
      const { status } = await kube.request("GET", `${path}/${name}`);
      return JSON.stringify(status).includes('"type":"Established"');
    });
  }
});
afterAll(() => server.stop());

const POLICIES = "/apis/cluster-local.dev/v1alpha1/namespaces/default/clusterlocalpolicies";

function create(spec: Fields): Promise<Fields> {
  const body = {
    ...{ apiVersion: "cluster-local.dev/v1alpha1", kind: "ClusterLocalPolicy" },
    ...{ metadata: { name: "reviews" }, spec },
  };
  return eventually("the kind is served", async () => {
    try {
      return await kube.request("POST", `${POLICIES}?dryRun=All&fieldValidation=Strict`, { body });
    } catch (error) {
      if ((error as { status?: number }).status === 404) return undefined;
      return { refused: (error as Error).message };
    }
  });
}

it("takes the policy file's spec and fills in what may be left out", async () => {
  const { spec } = await create({ rules: [{ services: ["default/reviews"], mode: "strict" }] });
  expect(spec).toEqual({
    ...{ version: 1, enabled: true, allowEmpty: false },
    rules: [{ services: ["default/reviews"], mode: "strict" }],
  });
});

it.each([
  [
    { rules: [{ services: ["default/reviews"], mode: "strickt" }] },
    /spec.rules\[0\].mode: .*"strickt".*"strict"/,
  ],
  [{ rules: [{ mode: "strict" }] }, /names nothing, allowed: "services", "hosts" or both/],
  [{ rules: [{ services: ["reviews"], mode: "strict" }] }, /spec.rules\[0\].services\[0\]/],
  [
    { rules: [{ services: ["default/reviews"], mode: "strict", order: ["a"] }] },
    /"order" is allowed only with/,
  ],
  [
    { rules: [{ services: ["default/reviews"], mode: "off", sticky: { cookie: "a" } }] },
    /only with "percent"/,
  ],
  [{ rules: [{ services: ["d/r"], mode: "off", paths: [{ exact: "/", prefix: "/" }] }] }, /exactly one of/],
  [{ rules: [{ services: ["d/r"], mode: "off", percent: 101 }] }, /less than or equal to 100/],
  [{ rules: [{ services: ["d/r"], mode: "off", modes: 1 }] }, /unknown field "spec.rules\[0\].modes"/],
  [{ override: {} }, /unknown field "spec.override"/],
])("refuses %j", async (spec, message) => {
  expect((await create(spec)).refused).toMatch(message);
});
