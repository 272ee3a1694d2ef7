import { execFileSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { waitUntil } from "../../envoy/wait.ts";
import { accessLog } from "../../src/targets/envoy/access-log.ts";
import { managerOf, startExtra } from "../envoy/extra-envoy.ts";
import { send } from "../support/http-client.ts";
import { startEventful, type Eventful } from "./eventful.ts";
import { alertRules, example, filled, panels } from "./examples.ts";
import { missing, startPrometheus, type Prometheus } from "./prometheus.ts";
import { parseQuery, parseSeries, select } from "./queries.ts";

const noPrometheus = missing();
const queries = [
  ...alertRules().map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...panels().flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [`panel ${title}: ${expr}`, filled(expr)] as const),
  ),
];

let eventful: Eventful;
let prometheus: Prometheus | undefined;
beforeAll(async () => {
  eventful = await startEventful();
}, 60_000);
afterAll(async () => {
  await prometheus?.stop();
  await eventful.stop();
});

describe.skipIf(noPrometheus !== undefined)(
  `a real Prometheus${noPrometheus ? `: ${noPrometheus}` : ""}`,
  () => {
    const targets = () => [eventful.envoy, eventful.istio].map(({ envoy }) => envoy.admin.address);

    test("takes the configuration and the rules", () => {
      const folder = fileURLToPath(new URL("../../examples/observability", import.meta.url));
      const check = (...args: string[]) =>
        execFileSync("promtool", ["check", ...args], { cwd: folder, encoding: "utf8" });
      expect(check("rules", "alerts.yaml")).toContain(`SUCCESS: ${alertRules().length} rules found`);
      expect(check("config", "prometheus.yaml")).toContain("SUCCESS");
    });

    test("each alert minute by minute", () => {
      const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
      expect(execFileSync("promtool", ["test", "rules", "alerts.yaml"], options)).toContain("SUCCESS");
    });

    test("no alert fires while all is well", async () => {
      prometheus = await startPrometheus([...targets(), eventful.without.envoy.admin.address]);
      for (let i = 0; i < 4; i++) {
        await eventful.ordinary();
        await sleep(1000);
      }
      const alerts = (await prometheus.alerts()).map(({ labels }) => labels.alertname);
      // The dry run of a service that is only in the other cluster is part of what is well here, and an Envoy without the filter.
      const expected = ["ClusterLocalWouldFail", "ClusterLocalFilterAbsent"];
      expect(alerts.filter((alert) => !expected.includes(alert!))).toEqual([]);
    });

    test("every alert fires when it should, and names the proxy", async () => {
      const expected = alertRules()
        .map(({ alert }) => alert)
        .sort();
      let firing: string[] = [];
      for (let round = 0; round < 12 && firing.length < expected.length; round++) {
        await eventful.ordinary();
        await eventful.extraordinary();
        await sleep(1000);
        const alerts = (await prometheus!.alerts()).filter(({ state }) => state === "firing");
        firing = [...new Set(alerts.map(({ labels }) => labels.alertname!))].sort();
      }
      expect(firing).toEqual(expected);
      const summaries = (await prometheus!.alerts()).map(({ annotations }) => annotations.summary);
      const [address] = targets();
      expect(summaries).toContain(
        `${address}: requests of default/gone fail, its service has no healthy endpoint in the local cluster`,
      );
      expect(summaries.join("\n")).not.toContain("<no value>");
    }, 120_000);

    test.each(queries.filter(([name]) => name.startsWith("panel")))("%s has an answer", async (_, query) => {
      const result = await prometheus!.query(query);
      expect(result.length).toBeGreaterThan(0);
      expect(result.every(({ value }) => Number.isFinite(Number(value[1])))).toBe(true);
    });

    test("what Istio's tags make of the counters becomes the same labels", async () => {
      const [, istio] = targets();
      const labels = `instance="${istio}", rule="default/reviews", mode="strict", pin="m1c1", served_by="m1c1"`;
      expect(await prometheus!.query(`envoy_cluster_local_upstream{${labels}}`)).toHaveLength(1);
      const upstream = `instance="${istio}", upstream="outbound|9080||reviews.default.svc.cluster.local"`;
      expect(await prometheus!.query(`envoy_cluster_upstream_cx_tx_bytes_total{${upstream}}`)).toHaveLength(
        1,
      );
    });
  },
);

describe("each query", () => {
  test.each(queries)("%s: is PromQL, and its metrics and labels are there", async (_, query) => {
    if (!(await eventful.envoy.envoy.admin.prometheus()).includes("leaky")) await eventful.extraordinary();
    await eventful.ordinary();
    const instance = eventful.envoy.envoy.admin.address;
    const series = parseSeries(`up 1\n${await eventful.envoy.envoy.admin.prometheus()}`, {
      ...{ instance, job: "envoy", cluster: "m1c1" },
    });
    const { selectors, groupedBy } = parseQuery(query);
    expect(selectors.length).toBeGreaterThan(0);
    for (const selector of selectors) {
      const selected = select(selector, series);
      expect(selected.length, selector.text).toBeGreaterThan(0);
      for (const label of groupedBy) expect(Object.keys(selected[0]!), selector.text).toContain(label);
    }
  });

  test("that names what is not there is found out", () => {
    const series = parseSeries('x_upstream{served_by="a",rule="a/b"} 1\n', {});
    const found = (query: string) => select(parseQuery(query).selectors[0]!, series).length;
    expect(found('rate(x_upstream{served_by=~"a|b"}[5m])')).toBe(1);
    expect(found('rate(x_upstream{served_by="c"}[5m])')).toBe(0);
    expect(found("x_upstreams")).toBe(0);
    expect(() => parseQuery("sum by (")).toThrow("not PromQL");
  });
});

describe("the dashboard", () => {
  test("has panels that say what they show, each with its own id, and none over another", () => {
    const all = panels();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { title, description, gridPos } of all) {
      expect(description, title).not.toBe("");
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
    }
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe("the access log", () => {
  interface Log {
    typed_config: { log_format: { json_format: Record<string, string> } };
  }

  test("is what the generator writes", () => {
    const { access_log: written } = parse(example("access-log.yaml")) as { access_log: unknown };
    expect(written).toEqual(accessLog({ accessLog: true }));
  });

  test.each([
    [
      "access-log.yaml",
      () =>
        (parse(example("access-log.yaml")) as { access_log: Log[] }).access_log[0]!.typed_config.log_format
          .json_format,
    ],
    [
      "istio-mesh-config.yaml",
      () =>
        JSON.parse(
          (parse(example("istio-mesh-config.yaml")) as { accessLogFormat: string }).accessLogFormat,
        ) as Record<string, string>,
    ],
  ])("%s: a real Envoy writes each field", async (name, format) => {
    const file = join(eventful.mesh.dir, `${name}.log`);
    await writeFile(file, "");
    const extra = await startExtra(eventful.mesh, "m1c1/sleep", `log-${name}`, ({ static_resources }) => {
      managerOf(static_resources.listeners[0]!).access_log = [
        {
          name: "envoy.access_loggers.file",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            path: file,
            log_format: { json_format: format() },
          },
        },
      ];
    });
    try {
      await waitUntil(
        async () => (await send({ address: extra.address, host: "reviews:9080" })).status === 200,
      );
      await extra.envoy.admin.logging("info");
    } finally {
      // What is buffered, Envoy writes when it ends.
      await extra.envoy.stop();
    }
    const line = JSON.parse((await readFile(file, "utf8")).trim().split("\n").at(-1)!) as Record<
      string,
      unknown
    >;
    expect(Object.keys(line).sort()).toEqual(Object.keys(format()).sort());
    expect(line).toMatchObject({
      status: 200,
      authority: "reviews:9080",
      upstream_host: eventful.mesh.endpoint("m1c1", "default/reviews").address,
      rule: "default/reviews",
      mode: "strict",
      pin: "m1c1",
    });
  });
});
