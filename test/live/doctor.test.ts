import { readFile, rename, writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cachedBinary } from "../../envoy/cache.ts";
import { installEnvoy } from "../../envoy/install.ts";
import { waitUntil } from "../../envoy/wait.ts";
import { managerOf, type Listener } from "../envoy/extra-envoy.ts";
import { changed, doctor, mesh, settled, startChanged } from "./doctor-mesh.ts";

test("of a caller as it was generated: nothing is wrong, exit 0", async () => {
  await mesh.caller("m1c1/sleep").send({ host: "reviews:9080" });
  const { code, wrong, findings } = await doctor(mesh.caller("m1c1/sleep").envoy.admin.address);
  expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
  expect(findings.map(({ check }) => check)).toEqual([
    "filter",
    "order",
    "configuration",
    "refused",
    "fail-open",
    "routes",
    "panic",
    "failover",
    "local-endpoints",
    "leaks",
    "version",
  ]);
  expect(findings.find(({ check }) => check === "configuration")?.message).toMatch(
    /^it runs 3 rules \(1 strict, 1 prefer, 1 observe\), since 20\d\d-.*Z \(\d+ s ago\)$/,
  );
});

test("an Envoy without the filter: an error, but for gateways", async () => {
  const gateway = await doctor(mesh.caller("m1c1/plain").envoy.admin.address);
  const message = "filter: the filter is in no listener";
  expect({ code: gateway.code, wrong: gateway.wrong }).toEqual({ code: 0, wrong: [`note ${message}`] });
  const { code, wrong } = await changed(({ static_resources }) => {
    managerOf(static_resources.listeners[0]!).http_filters.splice(0, 1);
  });
  expect({ code, wrong }).toEqual({ code: 1, wrong: [`error ${message}`] });
});

test("a listener whose latest update was refused", async () => {
  let listeners = "";
  const extra = await startChanged("listeners", (bootstrap) => {
    const type = { "@type": "type.googleapis.com/envoy.config.listener.v3.Listener" };
    const resources = bootstrap.static_resources.listeners.splice(0).map((one) => ({ ...type, ...one }));
    listeners = join(mesh.dir, "listeners", "lds.json");
    writeFileSync(listeners, JSON.stringify({ resources }));
    const lds_config = { path_config_source: { path: listeners }, resource_api_version: "V3" };
    Object.assign(bootstrap, { dynamic_resources: { lds_config } });
  });
  await settled(extra);
  const { admin } = extra.envoy;
  expect((await doctor(admin.address)).wrong).toEqual([]);
  const update = JSON.parse(await readFile(listeners, "utf8")) as { resources: Listener[] };
  // The router has to be the last.
  managerOf(update.resources[0]!).http_filters.reverse();
  await writeFile(`${listeners}.new`, JSON.stringify(update));
  await rename(`${listeners}.new`, listeners);
  const isRefused = async () =>
    (await admin.stats("lds.update_rejected")).get("listener_manager.lds.update_rejected") === 1;
  expect(await waitUntil(isRefused)).toBe(true);
  const { code, findings } = await doctor(admin.address);
  expect({ code, first: findings[0] }).toMatchObject({
    code: 1,
    first: {
      check: "refused",
      message: "sleep: Envoy refused the latest update, and goes on with the one before",
      evidence: [expect.stringContaining("terminal filter")],
    },
  });
});

test("an Envoy of another version", async () => {
  const version = "1.37.0";
  const binary = cachedBinary(version) ?? (await installEnvoy(version));
  const extra = await startChanged("older", undefined, binary);
  await settled(extra);
  const { code, wrong, findings } = await doctor(extra.envoy.admin.address);
  expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
  expect(findings.at(-1)?.message).toBe("Envoy 1.37.0, supported: 1.37 to 1.40");
}, 300_000);

test("a local endpoint that is down", async () => {
  const down = mesh.endpoint("m1c1", "default/reviews");
  await down.stop();
  await mesh.waitForHealth(down, false);
  const caller = mesh.caller("m1c1/sleep");
  expect((await caller.send({ host: "reviews:9080" })).status).toBe(503);
  const { code, wrong, findings } = await doctor(caller.envoy.admin.address);
  expect(code).toBe(1);
  expect(wrong).toContain(
    "error local-endpoints: default/reviews:9080: no healthy endpoint in m1c1: its requests get 503",
  );
  expect(wrong).toContain("warning answers: default/reviews: 1 request found no endpoint (503)");
  expect(findings[0]?.evidence).toEqual([
    "default/reviews:9080, rule default/reviews: 1 of 2 endpoints in m1c1 (failed_active_health_check)",
  ]);
});
