import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { freeAddress, freePort } from "../../envoy/ports.ts";
import { startEnvoy, type EnvoyProcess } from "../../envoy/process.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { send } from "../support/http-client.ts";
import { replaceConfiguration, watchDelivery } from "../support/ecds.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";
import { retainReviews, twoClusters } from "./two-clusters.ts";

// Plugins with the same vm_id and code share one VM and its globals; a configuration kept in one would leak into the other.

let mesh: TestMesh;
let envoy: EnvoyProcess;
let second: string;
let ecds: string;

beforeAll(async () => {
  mesh = await startMesh(
    twoClusters(retainReviews, [{ service: "default/reviews" }, { service: "default/ratings" }]),
  );
  const caller = mesh.caller("m1c1/sleep");
  const bootstrap = parse(await readFile(caller.bootstrap, "utf8")) as Bootstrap;
  // A folder of its own: it is the folder that Envoy watches for a rename.
  await cp(dirname(caller.ecds), join(mesh.dir, "second"), { recursive: true });
  ecds = join(mesh.dir, "second", basename(caller.ecds));
  await replaceConfiguration(
    ecds,
    '{"version":1,"localCluster":"m1c2","rules":[{"services":["default/ratings"],"mode":"strict"}]}',
  );
  const [first] = bootstrap.static_resources.listeners;
  const copy = structuredClone(first!);
  copy.name = "second";
  // The same vm_id and code; only the file that the configuration comes from is another.
  const text = JSON.stringify(copy).replaceAll(dirname(caller.ecds), dirname(ecds));
  bootstrap.static_resources.listeners = [first!, JSON.parse(text) as Listener];
  second = await freeAddress();
  const [firstPort, adminPort] = [await freePort(), await freePort()];
  setPort(first!, firstPort);
  setPort(bootstrap.static_resources.listeners[1]!, Number(second.split(":")[1]));
  setPort(bootstrap.admin, adminPort);
  const file = join(mesh.dir, "two-listeners.yaml");
  await writeFile(file, stringify(bootstrap, { defaultStringType: "QUOTE_DOUBLE" }));
  const { path } = await resolveEnvoy();
  envoy = await startEnvoy({ path, config: file, admin: `127.0.0.1:${adminPort}`, name: "two listeners" });
  firstAddress = `127.0.0.1:${firstPort}`;
});
afterAll(async () => {
  await envoy.stop();
  await mesh.stop();
});
let firstAddress: string;

/** How often each cluster answered 40 requests. */
async function answers(address: string, host: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = { m1c1: 0, m1c2: 0 };
  for (let i = 0; i < 40; i++) counts[(await send({ address, host })).cluster]!++;
  return counts;
}

test("two listeners with the same vm_id and different configurations each obey their own", async () => {
  for (let round = 0; round < 2; round++) {
    expect(await answers(firstAddress, "reviews:9080")).toEqual({ m1c1: 40, m1c2: 0 });
    expect(await answers(second, "ratings:9080")).toEqual({ m1c1: 0, m1c2: 40 });
    expect((await answers(firstAddress, "ratings:9080")).m1c2).toBeGreaterThan(5);
    expect((await answers(second, "reviews:9080")).m1c1).toBeGreaterThan(5);
  }
});

test("and one of them can be replaced without the other noticing", async () => {
  await watchDelivery(envoy.admin, () => replaceConfiguration(ecds, '{"version":1,"enabled":false}'));
  expect((await answers(second, "ratings:9080")).m1c1).toBeGreaterThan(5);
  expect(await answers(firstAddress, "reviews:9080")).toEqual({ m1c1: 40, m1c2: 0 });
});

interface Listener {
  name: string;
  address: { socket_address: { port_value: number } };
}
interface Bootstrap {
  admin: Pick<Listener, "address">;
  static_resources: { listeners: Listener[] };
}

function setPort(listener: Pick<Listener, "address">, port: number): void {
  listener.address.socket_address.port_value = port;
}
