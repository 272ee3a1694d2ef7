import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startChild } from "../../envoy/children.ts";
import { waitUntil } from "../../envoy/wait.ts";
import type { CostEstimate, FlowRate, ProxySample } from "../../src/index.ts";
import { run } from "../../src/cli/run.ts";
import { many, policy } from "../envoy/two-clusters.ts";
import { cli } from "../support/cli.ts";
import { startLoad } from "../support/load.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

let mesh: TestMesh;
beforeAll(async () => {
  const services = [{ service: "default/reviews" }, { service: "default/httpbin", port: 80 }];
  const cluster = (id: string) => ({ id, services, callers: [{ name: "sleep" }] });
  mesh = await startMesh({
    policy: policy([{ services: ["default/reviews"], mode: "strict" }]),
    clusters: [cluster("m1c1"), cluster("m1c2")],
  });
});
afterAll(() => mesh.stop());
beforeEach(() => mesh.reset());

const admin = (caller: string) => mesh.caller(caller).envoy.admin.address;

interface LookJson {
  proxies: (ProxySample & { rates?: FlowRate[] })[];
  unreachable: string[];
  cost?: CostEstimate;
}

test("--once --json with prices: what the receivers counted, and what of it crossed", async () => {
  await many(mesh.caller("m1c1/sleep"), 30, { host: "reviews:9080" });
  await many(mesh.caller("m1c1/sleep"), 40, { host: "httpbin" });
  const crossed = mesh.endpoint("m1c2", "default/httpbin").count();
  expect(crossed).toBeGreaterThan(0);
  const prices = join(mesh.dir, "prices.yaml");
  writeFileSync(prices, "version: 1\nperMillionRequests: 1000000\n");
  const { code, out, err } = await cli([
    ...["status", "--once", "--json", "--prices", prices],
    ...["--admin", admin("m1c1/sleep"), "--admin", admin("m1c2/sleep"), "--admin", "127.0.0.1:1"],
  ]);
  const look = JSON.parse(out.join("\n")) as LookJson;
  expect({ code, err }).toEqual({ code: 1, err: [] });
  expect(look.unreachable).toEqual([expect.stringMatching(/^127\.0\.0\.1:1: nothing listens there/)]);
  expect(look.proxies.map(({ proxy }) => proxy.cluster)).toEqual(["m1c1", "m1c2"]);
  // At one unit a request, the amount is the number of requests.
  expect(look.cost).toMatchObject({ currency: "USD", requests: crossed, amount: crossed });
  expect(look.cost?.crossings).toMatchObject([
    {
      caller: "default/sleep",
      from: "m1c1",
      to: "m1c2",
      service: "default/httpbin",
      port: 80,
      requests: crossed,
    },
  ]);
});

test("live: a program that prints look after look, with rates, and ends by Ctrl-C", async () => {
  const load = startLoad(50, () => mesh.caller("m1c1/sleep").send({ host: "reviews:9080" }));
  const args = ["--import", "tsx", join(import.meta.dirname, "../../src/cli/main.ts")];
  const options = ["--json", "--interval", "500ms", "--admin", admin("m1c1/sleep")];
  const child = await startChild(process.execPath, [...args, "status", ...options], { name: "status" });
  await waitUntil(() => child.log.length >= 4, { timeoutMs: 20_000 });
  child.signal("SIGINT");
  expect(await child.exited).toBe("exit code 0");
  await load.stop();
  const looks = child.log.map((line) => JSON.parse(line) as LookJson);
  expect(looks[0]!.proxies[0]!.rates).toBeUndefined();
  const local = looks[3]!.proxies[0]!.rates!.find(
    ({ service, to }) => service === "default/reviews" && to === "m1c1",
  );
  expect(local!.requestsPerSecond).toBeGreaterThan(20);
  expect(local!.requestsPerSecond).toBeLessThan(100);
}, 40_000);

test("on a terminal: drawn in place, as high as it is, and the terminal is left as it was", async () => {
  const written: string[] = [];
  const terminal = {
    size: () => ({ columns: 80, rows: 24 }),
    write: (text: string) => void written.push(text),
  };
  const nothing = () => undefined;
  const running = run(["status", "--interval", "100ms", "--admin", admin("m1c1/sleep")], {
    out: nothing,
    err: nothing,
    terminal,
    colours: { out: true, err: false },
  });
  await waitUntil(() => written.filter((text) => text.includes("requests per second")).length >= 2);
  process.emit("SIGINT");
  expect(await running).toBe(0);
  const esc = "\u001b[";
  expect(written[0]).toBe(`${esc}?7l`);
  expect(written.at(-1)).toBe(`${esc}?7h\n`);
  for (const look of written.slice(1, -1)) {
    expect(look.startsWith(`${esc}H`) && look.endsWith(`${esc}J`)).toBe(true);
    expect(look.split("\n").length).toBeLessThanOrEqual(24);
    expect(look).toContain(`${esc}1m`);
  }
});

test("nobody at any address: says so, and exits with 1", async () => {
  const { out, code } = await cli(["status", "--once", "--admin", "127.0.0.1:1"]);
  expect({ code, out }).toEqual({
    code: 1,
    out: ["127.0.0.1:1: nothing listens there: is the proxy up, and its admin interface at this address?"],
  });
});
