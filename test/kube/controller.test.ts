import { afterAll, beforeAll, expect, it } from "vitest";
import { fieldsOf, itemsOf, type Fields } from "../../src/input/loose.ts";
import { startController, type TestController } from "./support/controller.ts";
import { apply, endpoints, get, policy, remove, service, startMesh, type TestMesh } from "./support/mesh.ts";
import { eventually } from "./support/process.ts";

let mesh: TestMesh;
let controller: TestController;

beforeAll(async () => {
  mesh = await startMesh();
  for (const kube of [mesh.one, mesh.two]) {
    await apply(kube, service("default", "reviews"));
    await apply(kube, endpoints("default", "reviews", ["10.1.0.1"]));
  }
  controller = await startController(mesh.m1c1);
});
afterAll(async () => {
  await controller.process.stop();
  if (process.env.KUBE_VERBOSE) console.log(controller.process.output);
  await mesh.stop();
});

const REVIEWS = policy("default", "reviews", { rules: [{ services: ["default/reviews"], mode: "strict" }] });

async function condition(object: Fields, type: string): Promise<Fields | undefined> {
  const found = await get(mesh.one, object);
  return itemsOf(fieldsOf(found?.status).conditions)
    .map(fieldsOf)
    .find((one) => one.type === type);
}

it("makes a policy's objects, says that it holds, and takes them away with the policy", async () => {
  await apply(mesh.one, REVIEWS);
  const ready = await eventually("ready", async () => {
    const found = await condition(REVIEWS, "Ready");
    if (found?.status !== "True")
      throw new Error(JSON.stringify(found) + controller.process.output.slice(-2000));
    return found;
  });
  expect(ready.reason).toBe("Held");
  const rules = await mesh.one.list("/apis/networking.istio.io/v1/destinationrules");
  expect(rules.items).toHaveLength(1);
  await remove(mesh.one, REVIEWS);
  await eventually("gone", async () => (await get(mesh.one, REVIEWS)) === undefined);
  for (const path of ["networking.istio.io/v1/destinationrules", "networking.istio.io/v1alpha3/envoyfilters"])
    expect((await mesh.one.list(`/apis/${path}`)).items).toEqual([]);
});
