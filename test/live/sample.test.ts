import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { rates, sample, type Flow, type ProxySample } from "../../src/index.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { startExtra } from "../envoy/extra-envoy.ts";
import { replaceConfiguration } from "../support/ecds.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { many, policy } from "../envoy/two-clusters.ts";

let mesh: TestMesh;
beforeAll(async () => {
  const services = [{ service: "default/reviews" }, { service: "default/httpbin", port: 80, backends: 2 }];
  const rules = [
    { services: ["default/reviews"], mode: "strict" },
    { services: ["default/httpbin"], mode: "observe" },
  ];
  mesh = await startMesh({
    policy: policy(rules),
    clusters: [
      {
        id: "m1c1",
        services,
        callers: [
          { name: "sleep" },
          {
            name: "plain",
            namespace: "edge",
            kind: "gateway",
            routes: [{ match: { prefix: "/" }, service: "default/reviews" }],
          },
        ],
      },
      { id: "m1c2", services },
    ],
  });
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const look = (caller: string) => sample(mesh.caller(caller).envoy.admin.address);

function flow({ flows }: ProxySample, service: string, to: string): Flow {
  return flows.find((flow) => flow.service === service && flow.to === to)!;
}

function received(cluster: string, service: string): number {
  const endpoints = mesh.endpoints.filter((one) => one.cluster === cluster && one.service === service);
  return endpoints.reduce((sum, endpoint) => sum + endpoint.count(), 0);
}

test("flows count what the receivers counted, by service and cluster", async () => {
  const before = await look("m1c1/sleep");
  await many(mesh.caller("m1c1/sleep"), 30, { host: "reviews:9080" });
  await many(mesh.caller("m1c1/sleep"), 40, { host: "httpbin" });
  const after = await look("m1c1/sleep");

  expect(after.proxy).toMatchObject({ cluster: "m1c1", namespace: "default", workload: "sleep" });
  for (const service of ["default/reviews", "default/httpbin"]) {
    for (const to of ["m1c1", "m1c2"]) {
      const [then, now] = [flow(before, service, to), flow(after, service, to)];
      expect(now.requests - then.requests, `${service} to ${to}`).toBe(received(to, service));
      const endpoints = service === "default/httpbin" ? 2 : 1;
      expect(now).toMatchObject({ errors: 0, endpoints, healthy: endpoints });
      expect(now.bytesReceived > 0, `${service} to ${to}`).toBe(now.requests > 0);
    }
  }
  expect(after.requests).toMatchObject({ retained: 30, observed: 40 });
  expect(after.answered).toContainEqual({
    rule: "default/reviews",
    mode: "strict",
    pin: "m1c1",
    servedBy: "m1c1",
    code: 200,
    count: 30,
  });
  expect(after.leaked).toBe(0);

  const rate = rates(before, { ...after, at: before.at + 10_000 }).find(({ port }) => port === 9080);
  expect(rate).toMatchObject({ service: "default/reviews", port: 9080, to: "m1c1", requestsPerSecond: 3 });
  expect(rates(undefined, after)[0]).toMatchObject({ requestsPerSecond: 0 });
});

test("an Envoy without the filter shows its flows, and counts nothing of ours", async () => {
  await many(mesh.caller("m1c1/plain"), 20, {});
  const plain = await look("m1c1/plain");
  expect(flow(plain, "default/reviews", "m1c1").requests).toBe(received("m1c1", "default/reviews"));
  expect(flow(plain, "default/reviews", "m1c2").requests).toBe(received("m1c2", "default/reviews"));
  expect(plain.requests).toEqual({ retained: 0, preferred: 0, observed: 0, bypassed: 0 });
  expect(plain.answered).toEqual([]);
});

test("an endpoint that is down is counted as one that is not healthy", async () => {
  const down = mesh.endpoint("m1c2", "default/httpbin", 1);
  await down.stop();
  await mesh.waitForHealth(down, false);
  expect(flow(await look("m1c1/sleep"), "default/httpbin", "m1c2")).toMatchObject({
    endpoints: 2,
    healthy: 1,
  });
});

test("an Envoy cluster whose name says nothing is the service that the configuration's `names` say", async () => {
  const extra = await startExtra(mesh, "m1c1/sleep", "named", (bootstrap) => {
    const text = JSON.stringify(bootstrap).replaceAll(
      "outbound|9080||reviews.default.svc.cluster.local",
      "blue",
    );
    Object.assign(bootstrap, JSON.parse(text));
  });
  try {
    await replaceConfiguration(extra.ecds, '{"version":1,"names":{"blue":"default/reviews"}}');
    const named = async () => (await sample(extra.envoy.admin.address)).flows.map(({ service }) => service);
    expect(await waitUntil(async () => (await named()).includes("default/reviews"))).toBe(true);
    expect(await named()).not.toContain("blue");
  } finally {
    await extra.envoy.stop();
  }
});

describe("what cannot be looked at", () => {
  const servers: { close: () => unknown }[] = [];
  afterAll(() => servers.forEach((server) => server.close()));

  async function serve(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const answering = (status: number, body: string) =>
    serve(createServer((_, response) => response.writeHead(status).end(body)));
  const errorOf = (address: string) =>
    sample(address, { timeoutMs: 300 }).then(
      () => "no error",
      (error: unknown) =>
        `${(error as Error).name}: ${(error as Error).message.replace(/127\.0\.0\.1:\d+/, "ADDRESS")}`,
    );

  test.each([
    ["a dead address", () => Promise.resolve("127.0.0.1:1"), /^LiveError: ADDRESS: nothing listens there/],
    [
      "one that never answers",
      () => serve(createTcpServer()),
      /^LiveError: ADDRESS: no answer within 0.3 s$/,
    ],
    [
      "one that speaks no HTTP",
      () => serve(createTcpServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n"))),
      /^LiveError: ADDRESS: it answers, but not in HTTP: this is not an Envoy's admin interface$/,
    ],
    [
      "one without permission",
      () => answering(403, "RBAC"),
      /GET \/server_info answered 403: no permission$/,
    ],
    ["another server", () => answering(404, ""), /answered 404: this is not an Envoy's admin interface$/],
    ["one that answers HTML", () => answering(200, "<html>"), /answered something that is not JSON/],
    ["another server's JSON", () => answering(200, "{}"), /answers, but is not an Envoy's admin interface$/],
    ["no such host", () => Promise.resolve("nowhere.invalid:15000"), /^LiveError: nowhere.invalid:15000: /],
    [
      "no address",
      () => Promise.resolve("ftp://x"),
      /^LiveError: found "ftp:\/\/x", allowed: the address of/,
    ],
    ["no address at all", () => Promise.resolve(""), /^LiveError: found "", allowed: the address of/],
  ])("%s", async (_, address, message) => {
    expect(await errorOf(await address())).toMatch(message);
  });
});
