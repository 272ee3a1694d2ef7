import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeAtExit } from "../../envoy/at-exit.ts";
import { freeAddress } from "../../envoy/ports.ts";
import { startEnvoy } from "../../envoy/process.ts";
import { resolveEnvoy } from "../../envoy/resolve.ts";
import { generateEnvoy, orThrow, parseMesh, parsePolicy, writeFiles } from "../../src/index.ts";
import { wasmPath } from "../support/generate.ts";
import { cli } from "../support/cli.ts";
import { inOne, managerOf } from "../support/in-one.ts";

const SERVICES = 5_000;

test("5,000 services with endpoints in both clusters, in a real Envoy", async () => {
  const dir = await mkdtemp(join(tmpdir(), "cluster-local-size-"));
  const remove = removeAtExit(dir);
  const [listener, admin] = [await freeAddress(), await freeAddress()];
  const services = (endpoint: string) => [{ service: "default/one", port: 80, endpoints: [endpoint] }];
  const mesh = {
    version: 1,
    clusters: [
      {
        id: "m1c1",
        services: services("127.0.0.1:9"),
        callers: [{ name: "sleep", namespace: "default", listener, admin }],
      },
      { id: "m1c2", services: services("127.0.0.2:9") },
    ],
  };
  const policy = { version: 1, clusters: ["m1c1", "m1c2"], rules: [{ services: ["*"], mode: "strict" }] };
  const files = generateEnvoy(
    orThrow(parsePolicy(JSON.stringify(policy), "policy.json")),
    orThrow(parseMesh(JSON.stringify(mesh), "mesh.json")),
    { basePath: dir, wasmPath },
  );
  writeFiles(dir, files);
  const bootstrap = await inOne(join(dir, "m1c1/sleep"), dir);
  // One service as the generator writes it, 5,000 times: but for health checks, whose sockets are more than a process may have.
  const times = <T>(one: T): T[] =>
    Array.from({ length: SERVICES }, (_, index) => {
      const text = JSON.stringify(one);
      const name = `service-${index}.ns-${index % 50}`;
      return JSON.parse(text.replaceAll("one.default", name).replaceAll('"one', `"service-${index}`)) as T;
    });
  const { static_resources: parts } = bootstrap;
  for (const cluster of parts.clusters) delete cluster.health_checks;
  parts.clusters = parts.clusters.flatMap(times);
  const { route_config: routes } = managerOf(parts.listeners[0]!);
  routes.virtual_hosts = times(routes.virtual_hosts[0]!).map((one, index) => ({
    ...one,
    // The names without a namespace would be those of several.
    domains: [`service-${index}.ns-${index % 50}.svc.cluster.local`],
  }));
  const config = join(dir, "envoy.json");
  await writeFile(config, JSON.stringify(bootstrap));
  await writeFile(join(dir, "cluster_local.yaml"), files.get("m1c1/sleep/cluster_local.yaml")!);
  const envoy = await startEnvoy({
    path: (await resolveEnvoy()).path,
    config,
    admin,
    logLevel: "error",
    timeoutMs: 120_000,
  });
  try {
    const timed = async (...args: string[]) => {
      const start = performance.now();
      const { out } = await cli([...args, "--json", "--admin", admin]);
      return { seconds: (performance.now() - start) / 1000, json: JSON.parse(out.join("\n")) as Answer };
    };
    const status = await timed("status", "--once");
    expect(status.json.proxies[0]!.flows).toHaveLength(2 * SERVICES);
    const doctor = await timed("doctor");
    const of = (check: string) =>
      doctor.json.proxies[0]!.findings!.filter((finding) => finding.check === check);
    expect(of("routes")).toMatchObject([
      { level: "ok", message: `pins lead where they should for all ${SERVICES} services` },
    ]);
    expect(of("local-endpoints")).toMatchObject([{ level: "ok" }]);
    console.log(
      `5,000 services: status ${status.seconds.toFixed(1)} s, doctor ${doctor.seconds.toFixed(1)} s`,
    );
    // Some 2 s and 4 s where nothing else runs; what this is for is anything that grows with the square of their number.
    expect(status.seconds).toBeLessThan(20);
    expect(doctor.seconds).toBeLessThan(30);
  } finally {
    await envoy.stop();
    remove();
  }
}, 240_000);

interface Answer {
  proxies: { flows?: unknown[]; findings?: { check: string; level: string; message: string }[] }[];
}
