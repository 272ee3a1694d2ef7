import { copyFile, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { managerOf, startExtra, type ExtraEnvoy, type HttpConnectionManager } from "../envoy/extra-envoy.ts";
import { policy } from "../envoy/two-clusters.ts";
import { replaceConfiguration, watchDelivery } from "../support/ecds.ts";
import { send } from "../support/http-client.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

/** A mesh, and in it an Envoy to which everything can happen that dashboards and alerts are for. */
export interface Eventful {
  mesh: TestMesh;
  envoy: ExtraEnvoy;
  /** Like it, with Istio's tags and metadata in place of the generator's. */
  istio: ExtraEnvoy;
  /** One whose listener has no filter. */
  without: ExtraEnvoy;
  /** Requests that are governed and go well, to both. */
  ordinary: () => Promise<void>;
  /** One of each: a leak, a failure, a refused configuration, a dead VM and so on. */
  extraordinary: () => Promise<void>;
  stop: () => Promise<void>;
}

const HEADER = "x-somewhere-else";

export async function startEventful(): Promise<Eventful> {
  const both = ["reviews", "ratings", "details"].map((name) => ({ service: `default/${name}` }));
  const remote = ["httpbin", "leaky", "gone"].map((name) => ({ service: `default/${name}`, port: 80 }));
  const rules = [
    { services: ["default/reviews", "default/leaky", "default/gone"], mode: "strict" },
    { services: ["default/ratings"], mode: "prefer" },
    { services: ["default/httpbin"], mode: "observe" },
    { services: ["default/details"], mode: "off" },
  ];
  const override = { header: HEADER, allow: ["m1c2"], from: ["default"] };
  const mesh = await startMesh({
    policy: policy(rules, { override }),
    clusters: [
      { id: "m1c1", services: both, callers: [{ name: "sleep" }] },
      { id: "m1c2", services: [...both, ...remote] },
    ],
  });
  const envoy = await startExtra(mesh, "m1c1/sleep", "eventful", ({ static_resources }) => {
    managerOf(static_resources.listeners[0]!).stat_prefix = "eventful";
    const of = (subset: string) =>
      static_resources.clusters.find(({ name }) => name.startsWith(`outbound|80|${subset}|leaky.`))!;
    // What no generator writes: the local cluster's endpoints are all that there are.
    of("m1c1").load_assignment = of("").load_assignment;
  });
  const istio = await startExtra(mesh, "m1c1/sleep", "istio-tags", (bootstrap) => {
    // tools/packaging/common/envoy_bootstrap.json of Istio.
    const cluster = { tag_name: "cluster_name", regex: "^cluster(\\.(.+);)" };
    Object.assign(bootstrap, { stats_config: { use_all_default_tags: false, stats_tags: [cluster] } });
    for (const cluster of bootstrap.static_resources.clusters) {
      cluster.alt_stat_name = `${cluster.name};`;
      sayWorkloads(cluster);
    }
    const [counter] = statsLogger(managerOf(bootstrap.static_resources.listeners[0]!)).counters;
    counter.stat.tags.find(({ name }) => name === "served_by")!.value_format =
      "%UPSTREAM_METADATA(istio:workload)%";
  });
  const without = await startExtra(mesh, "m1c1/sleep", "without", ({ static_resources }) => {
    managerOf(static_resources.listeners[0]!).http_filters.shift();
  });
  await useDebugModule(mesh, envoy);
  const ask = ({ address }: ExtraEnvoy, host: string, headers: Record<string, string> = {}) =>
    send({ address, host, headers });

  return {
    mesh,
    envoy,
    istio,
    without,
    async ordinary() {
      for (const one of [envoy, istio]) {
        for (const host of ["reviews:9080", "ratings:9080", "details:9080", "httpbin"]) await ask(one, host);
      }
    },
    async extraordinary() {
      await ask(envoy, "leaky");
      await ask(envoy, "gone");
      await ask(envoy, "reviews:9080", { [HEADER]: "m1c2" });
      await ask(envoy, "reviews:9080", { [HEADER]: "nowhere" });
      await ask(envoy, "reviews:9080", { "x-fault": "now" });
      await sleep(300);
      // The next request is what brings a new VM.
      await ask(envoy, "reviews:9080");
      const good = await readFile(envoy.ecds, "utf8");
      await replaceConfiguration(envoy.ecds, '{"version": 2}');
      await sleep(300);
      await replace(envoy.ecds, good);
    },
    async stop() {
      await Promise.all([envoy, istio, without].map(({ envoy }) => envoy.stop()));
      await mesh.stop();
    },
  };
}

interface StatsLogger {
  counters: [{ stat: { tags: { name: string; value_format: string }[] } }];
}
function statsLogger(manager: HttpConnectionManager): StatsLogger {
  return (manager.access_log as { typed_config: StatsLogger }[])[0]!.typed_config;
}

/** Lets endpoints say their cluster as Istio's do: as the last part of their workload. */
function sayWorkloads(cluster: object): void {
  const { load_assignment: assignment } = cluster as {
    load_assignment?: { endpoints?: { lb_endpoints: { metadata: { filter_metadata: object } }[] }[] };
  };
  for (const { metadata } of (assignment?.endpoints ?? []).flatMap(({ lb_endpoints }) => lb_endpoints)) {
    const { "envoy.lb": lb } = metadata.filter_metadata as { "envoy.lb": { cluster: string } };
    metadata.filter_metadata = { istio: { workload: `x-v1;default;x;v1;${lb.cluster}` } };
  }
}

/** The module that traps when a header says so. */
async function useDebugModule(mesh: TestMesh, { envoy, ecds }: ExtraEnvoy): Promise<void> {
  const module = join(mesh.dir, "debug.wasm");
  await copyFile(fileURLToPath(new URL("../../build/cluster-local.debug.wasm", import.meta.url)), module);
  const text = (await readFile(ecds, "utf8")).replaceAll(/[^"\s]*cluster-local\.wasm/g, module);
  await watchDelivery(envoy.admin, () => replace(ecds, text));
}

async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}
