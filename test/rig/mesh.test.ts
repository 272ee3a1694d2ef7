import { existsSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { countBy, sendMany } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

const policy = (enabled: boolean) => ({
  version: 1,
  enabled,
  clusters: ["m1c1", "m1c2"],
  rules: [{ services: ["default/httpbin"], mode: "strict" }],
});

describe("a test mesh", () => {
  let mesh: TestMesh;

  beforeAll(async () => {
    mesh = await startMesh({
      policy: policy(false),
      clusters: ["m1c1", "m1c2"].map((id) => ({
        id,
        services: [{ service: "default/httpbin" }],
        callers: [{ name: "sleep" }],
      })),
    });
  });
  afterAll(() => mesh.stop());
  beforeEach(() => mesh.reset());

  const answeredBy = async (caller: string) => {
    const samples = await sendMany(20, () =>
      mesh.caller(caller).send({ host: "httpbin:9080", path: "/get" }),
    );
    return countBy(samples, ({ answer }) => answer?.cluster ?? "error");
  };

  test("sends through its Envoys, and a new policy is live once it is set", async () => {
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c1: 10, m1c2: 10 });
    await mesh.setPolicy(policy(true));
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c1: 20 });
    expect(await answeredBy("m1c2/sleep")).toEqual({ m1c2: 20 });
    expect(mesh.endpoint("m1c1", "default/httpbin").count({ path: "/get" })).toBe(30);
    await mesh.setPolicy(policy(true)); // changes nothing, and waits for nothing
    await mesh.setPolicy(policy(false));
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c1: 10, m1c2: 10 });
  });

  test("tells whether a plugin configuration was taken or refused", async () => {
    await mesh.setPolicy(policy(true));
    expect(await mesh.setPlugin("m1c1/sleep", "{")).toBe("refused");
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c1: 20 });
    expect(await mesh.setPlugin("m1c1/sleep", '{"version": 1, "rules": []}')).toBe("live");
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c1: 10, m1c2: 10 });
    await mesh.setPolicy(policy(false));
  });

  test("sees a backend that hangs as unhealthy, and as healthy again", async () => {
    const endpoint = mesh.endpoint("m1c1", "default/httpbin");
    endpoint.hang();
    await mesh.waitForHealth(endpoint, false);
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c2: 20 });
    endpoint.resume();
    await mesh.waitForHealth(endpoint);
    expect(await answeredBy("m1c1/sleep")).toEqual({ m1c1: 10, m1c2: 10 });
  });

  test("names what does not exist", () => {
    expect(() => mesh.caller("m1c3/sleep")).toThrow("no caller m1c3/sleep");
    expect(() => mesh.endpoint("m1c1", "default/none")).toThrow("no endpoint 0 of default/none in m1c1");
  });
});

test("a mesh leaves no process, port or file behind, also when it is used with `await using`", async () => {
  const gone = await (async () => {
    await using mesh = await startMesh({
      policy: policy(true),
      clusters: [
        { id: "m1c1", services: [{ service: "default/httpbin" }], callers: [{ name: "sleep" }] },
        { id: "m1c2", services: [{ service: "default/httpbin", backends: 0 }] },
      ],
    });
    expect(await mesh.caller("m1c1/sleep").send({ host: "httpbin.default" })).toMatchObject({
      cluster: "m1c1",
    });
    return mesh;
  })();
  expect(existsSync(gone.dir)).toBe(false);
  const { envoy, address } = gone.caller("m1c1/sleep");
  expect(envoy.running).toBe(false);
  await expect(gone.caller("m1c1/sleep").send({})).rejects.toThrow("ECONNREFUSED");
  await expect(fetch(`http://${address}`)).rejects.toThrow();
});

test("a mesh whose policy is wrong says what is wrong with it, and starts nothing", async () => {
  await expect(
    startMesh({ policy: { version: 1, clusters: [] }, clusters: [{ id: "m1c1" }] }),
  ).rejects.toThrow(/policy\.yaml.*clusters/);
});
