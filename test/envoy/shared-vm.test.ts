import { cp } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../envoy/ports.ts";
import { replaceConfiguration, watchDelivery } from "../support/ecds.ts";
import { send } from "../support/http-client.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { startExtra, type ExtraEnvoy, type Listener } from "./extra-envoy.ts";
import { policy, twoClusters } from "./two-clusters.ts";

// Plugins with the same vm_id and code share one VM and its globals; a configuration kept in one would leak into the other.

// The routes are the same for both: they know both clusters.
const override = { header: "x-send-to", allow: ["m1c2"], from: ["default"] };
const known = policy([{ services: ["default/reviews"], mode: "strict" }], { override });

let mesh: TestMesh;
let extra: ExtraEnvoy;
let second: string;
let ecds: string;

beforeAll(async () => {
  mesh = await startMesh(
    twoClusters(known, [{ service: "default/reviews" }, { service: "default/ratings" }]),
  );
  const caller = mesh.caller("m1c1/sleep");
  // A folder of its own: it is the folder that Envoy watches for a rename.
  await cp(dirname(caller.ecds), join(mesh.dir, "second"), { recursive: true });
  ecds = join(mesh.dir, "second", basename(caller.ecds));
  await replaceConfiguration(
    ecds,
    '{"version":1,"localCluster":"m1c2","rules":[{"services":["default/ratings"],"mode":"strict"}]}',
  );
  const port = await freePort();
  second = `127.0.0.1:${port}`;
  extra = await startExtra(mesh, "m1c1/sleep", "first", ({ static_resources: { listeners } }) => {
    // The same vm_id and code; only the file that the configuration comes from is another.
    const text = JSON.stringify(listeners[0]).replaceAll(join(mesh.dir, "first"), dirname(ecds));
    const copy = JSON.parse(text) as Listener;
    copy.name = "second";
    copy.address.socket_address.port_value = port;
    listeners.push(copy);
  });
});
afterAll(async () => {
  await extra.envoy.stop();
  await mesh.stop();
});

/** How often each cluster answered 40 requests. */
async function answers(address: string, host: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = { m1c1: 0, m1c2: 0 };
  for (let i = 0; i < 40; i++) counts[(await send({ address, host })).cluster]!++;
  return counts;
}

test("two listeners with the same vm_id and different configurations each obey their own", async () => {
  for (let round = 0; round < 2; round++) {
    expect(await answers(extra.address, "reviews:9080")).toEqual({ m1c1: 40, m1c2: 0 });
    expect(await answers(second, "ratings:9080")).toEqual({ m1c1: 0, m1c2: 40 });
    expect((await answers(extra.address, "ratings:9080")).m1c2).toBeGreaterThan(5);
    expect((await answers(second, "reviews:9080")).m1c1).toBeGreaterThan(5);
  }
});

test("and one of them can be replaced without the other noticing", async () => {
  await watchDelivery(extra.envoy.admin, () => replaceConfiguration(ecds, '{"version":1,"enabled":false}'));
  expect((await answers(second, "ratings:9080")).m1c1).toBeGreaterThan(5);
  expect(await answers(extra.address, "reviews:9080")).toEqual({ m1c1: 40, m1c2: 0 });
});
