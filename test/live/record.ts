import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { EVIDENCE } from "../../src/live/evidence.ts";
import { many, policy } from "../envoy/two-clusters.ts";
import type { Recording } from "../support/fake-admin.ts";
import { wasmPath } from "../support/generate.ts";
import { startMesh } from "../support/mesh.ts";

/**
 * Records what Envoys answer, for the goldens of doctor and status: `npx tsx test/live/record.ts` starts a mesh and records a
 * caller of it as `envoy`; `npx tsx test/live/record.ts ADDRESS NAME` records the Envoy at an admin address, such as one of
 * the Istio suite.
 */
const [address, name] = process.argv.slice(2);
if (address !== undefined && name !== undefined) await write(name, address);
else await recordMesh();

async function recordMesh(): Promise<void> {
  const services = [{ service: "default/reviews" }, { service: "default/httpbin", port: 80 }];
  const rules = [
    { services: ["default/reviews"], mode: "strict" },
    { services: ["*"], mode: "observe" },
  ];
  await using mesh = await startMesh({
    policy: policy(rules),
    clusters: [
      { id: "m1c1", services, callers: [{ name: "sleep" }] },
      { id: "m1c2", services },
    ],
  });
  await many(mesh.caller("m1c1/sleep"), 40, { host: "reviews:9080" });
  await many(mesh.caller("m1c1/sleep"), 40, { host: "httpbin" });
  await write("envoy", mesh.caller("m1c1/sleep").envoy.admin.address, {
    [mesh.dir]: "/envoy",
    [wasmPath]: "/filter.wasm",
  });
}

/** @param paths of this machine, and what stands for them */
async function write(file: string, admin: string, paths: Record<string, string> = {}): Promise<void> {
  const ask = async (path: string) => (await fetch(`http://${admin}${path}`)).text();
  const json = async (path: string) => JSON.parse(await ask(path)) as unknown;
  const stats = "^(cluster\\..*\\.upstream_cx_[rt]x_bytes_total$|extension_config_discovery\\.|wasm\\.)";
  const { version, state, node } = (await json("/server_info")) as Record<string, Record<string, unknown>>;
  delete node!.extensions;
  const recording: Recording = {
    "/server_info": { version, state, node },
    "/clusters": await json("/clusters?format=json"),
    "/config_dump": (await json("/config_dump?include_eds")) as Recording["/config_dump"],
    "/stats": await ask(`/stats?filter=${encodeURIComponent(stats)}`),
    "/stats/prometheus": await ask(`/stats/prometheus?filter=${encodeURIComponent(EVIDENCE)}`),
  };
  const unused = ["BootstrapConfigDump", "SecretsConfigDump", "ScopedRoutesConfigDump"];
  recording["/config_dump"].configs = recording["/config_dump"].configs.filter(
    (config) => !unused.some((type) => String(config["@type"]).endsWith(type)),
  );
  const text = Object.entries(paths).reduce(
    (text, [path, instead]) => text.replaceAll(path, instead),
    JSON.stringify(recording, null, 2),
  );
  writeFileSync(join(import.meta.dirname, `recordings/${file}.json`), `${text}\n`);
}
