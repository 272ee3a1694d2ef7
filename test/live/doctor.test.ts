import { readFile, rename, writeFile } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { cachedBinary } from "../../envoy/cache.ts";
import { installEnvoy } from "../../envoy/install.ts";
import { waitUntil } from "../../envoy/wait.ts";
import type { Diagnosis, Finding } from "../../src/doctor/finding.ts";
import {
  managerOf,
  startExtra,
  type Bootstrap,
  type ExtraEnvoy,
  type Listener,
} from "../envoy/extra-envoy.ts";
import { policy } from "../envoy/two-clusters.ts";
import { cli } from "../support/cli.ts";
import { watchDelivery } from "../support/ecds.ts";
import { wasmPath } from "../support/generate.ts";
import { send } from "../support/http-client.ts";
import { startMesh, type TestMesh } from "../support/mesh.ts";

const rules = [
  { services: ["default/reviews"], mode: "strict" },
  { services: ["default/ratings"], mode: "prefer" },
  { services: ["default/httpbin"], mode: "observe" },
];

let mesh: TestMesh;
beforeAll(async () => {
  const services = [
    { service: "default/reviews" },
    { service: "default/ratings" },
    { service: "default/httpbin", port: 80 },
  ];
  const routes = [{ match: { prefix: "/" }, service: "default/reviews" }];
  const callers = [{ name: "sleep" }, { name: "plain", kind: "gateway" as const, routes }];
  mesh = await startMesh({
    policy: policy(rules),
    clusters: [
      { id: "m1c1", services, callers },
      { id: "m1c2", services },
    ],
  });
});
afterAll(() => mesh.stop());

let extra: ExtraEnvoy | undefined;
afterEach(async () => {
  await extra?.envoy.stop();
  extra = undefined;
});

interface Answer {
  code: number;
  errors: number;
  /** What is not as it should be: `error panic: ...`. */
  wrong: string[];
  findings: Finding[];
}

async function doctor(address: string, ...more: string[]): Promise<Answer> {
  const { code, out, err } = await cli(["doctor", "--json", "--admin", address, ...more]);
  expect(err).toEqual([]);
  const { proxies, errors } = JSON.parse(out.join("\n")) as { proxies: Diagnosis[]; errors: number };
  const { findings } = proxies[0]!;
  for (const { level, evidence, remedy } of findings) {
    expect(evidence.length).toBeGreaterThan(0);
    if (level === "error" || level === "warning") expect(remedy).toBeTruthy();
  }
  const wrong = findings.filter(({ level }) => level !== "ok");
  return { code, errors, findings, wrong: wrong.map((one) => `${one.level} ${one.check}: ${one.message}`) };
}

/** The diagnosis of an Envoy like the caller's, but for this change. */
let number = 0;
async function changed(change: (bootstrap: Bootstrap) => void): Promise<Answer> {
  extra = await startExtra(mesh, "m1c1/sleep", `changed-${number++}`, change);
  await settled(extra);
  return doctor(extra.envoy.admin.address);
}

/** Waits until health checks have been made: before the first one, endpoints are not healthy. */
async function settled({ envoy }: ExtraEnvoy): Promise<void> {
  await waitUntil(async () =>
    [...(await envoy.admin.clusters()).values()].flat().every(({ healthy }) => healthy),
  );
}

const cluster = ({ static_resources }: Bootstrap, service: string) =>
  static_resources.clusters.find(({ name }) => name.startsWith(`${service}.`))!;

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
    "subsets",
    "panic",
    "failover",
    "local-endpoints",
    "leaks",
    "forged",
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
    managerOf(static_resources.listeners[0]!).http_filters.splice(0, 2);
  });
  expect({ code, wrong }).toEqual({ code: 1, wrong: [`error ${message}`] });
});

describe("filters around it", () => {
  const filters = (bootstrap: Bootstrap) => managerOf(bootstrap.static_resources.listeners[0]!).http_filters;

  test.each<[string, (bootstrap: Bootstrap) => void, string[]]>([
    [
      "header_to_metadata before it",
      (bootstrap) => filters(bootstrap).unshift(...filters(bootstrap).splice(1, 1)),
      [
        "error order: header_to_metadata is before the filter: requests are not pinned, and a client's own header is obeyed",
      ],
    ],
    [
      "no header_to_metadata",
      (bootstrap) => filters(bootstrap).splice(1, 1),
      ["error order: no header_to_metadata after the filter reads x-cluster-local: requests are not pinned"],
    ],
    [
      "header_to_metadata that leaves the header on",
      (bootstrap) => {
        const { request_rules } = filters(bootstrap)[1]!.typed_config as {
          request_rules: { remove: boolean }[];
        };
        request_rules[0]!.remove = false;
      },
      ["warning order: x-cluster-local is not removed by header_to_metadata: it reaches the backends"],
    ],
    [
      "header_to_metadata without the order of prefer",
      (bootstrap) => (filters(bootstrap)[1]!.typed_config as { request_rules: object[] }).request_rules.pop(),
      [
        "error order: header_to_metadata does not write x-cluster-local-order to envoy.lb's fallback_list: prefer has no effect",
      ],
    ],
    [
      "Lua after it",
      (bootstrap) =>
        filters(bootstrap).splice(2, 0, {
          name: "envoy.filters.http.lua",
          typed_config: {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            default_source_code: { inline_string: "function envoy_on_request(handle) end" },
          },
        }),
      [
        "warning order: after the filter come others that may choose another route or change its headers: envoy.filters.http.lua",
      ],
    ],
  ])("%s", async (_, change, expected) => {
    const { wrong, code } = await changed(change);
    expect({ wrong, code }).toEqual({ wrong: expected, code: expected[0]!.startsWith("error") ? 1 : 0 });
  });
});

describe("clusters", () => {
  test.each<[string, (bootstrap: Bootstrap) => void, string[]]>([
    [
      "no subset selector",
      (bootstrap) => delete cluster(bootstrap, "reviews").lb_subset_config,
      [
        "error subsets: default/reviews:9080: no subset selector on the key cluster: pins have no effect, requests go anywhere",
      ],
    ],
    [
      "a selector that falls back",
      (bootstrap) => {
        const config = cluster(bootstrap, "reviews").lb_subset_config as { subset_selectors: object[] };
        config.subset_selectors = [{ keys: ["cluster"] }];
      },
      [
        "error subsets: default/reviews:9080: the subset selector falls back: where there is no local endpoint, requests leave the cluster",
      ],
    ],
    [
      "no order of prefer",
      (bootstrap) => {
        delete (cluster(bootstrap, "ratings").lb_subset_config as { metadata_fallback_policy?: string })
          .metadata_fallback_policy;
      },
      ["error subsets: default/ratings:9080: no metadata_fallback_policy: the order of prefer has no effect"],
    ],
    [
      "the panic threshold of Envoy's default",
      (bootstrap) => delete cluster(bootstrap, "reviews").common_lb_config,
      [
        "warning panic: default/reviews:9080: when most local endpoints are dead, Envoy still sends to them: prefer never moves on, strict waits",
      ],
    ],
    [
      "no health checks",
      (bootstrap) => delete cluster(bootstrap, "ratings").health_checks,
      ["warning panic: default/ratings:9080: nothing tells Envoy that endpoints are dead"],
    ],
    [
      "endpoints that do not say their cluster",
      (bootstrap) => {
        for (const endpoint of endpointsOf(bootstrap, "reviews")) delete endpoint.metadata;
      },
      [
        "error subsets: default/reviews:9080: endpoints that do not say their cluster: pinned requests never reach them",
        "error local-endpoints: default/reviews:9080: no endpoint in m1c1: its requests get 503",
      ],
    ],
    [
      "no local endpoint, for each mode",
      (bootstrap) => {
        for (const service of ["reviews", "ratings", "httpbin"]) endpointsOf(bootstrap, service).shift();
      },
      [
        "error local-endpoints: default/reviews:9080: no endpoint in m1c1: its requests get 503",
        "warning local-endpoints: default/ratings:9080: no endpoint in m1c1: its requests go to other clusters",
        "note local-endpoints: default/httpbin:80: no endpoint in m1c1: its requests would get 503, were the rule strict",
      ],
    ],
    [
      "outlier detection beside priorities",
      (bootstrap) => {
        const httpbin = cluster(bootstrap, "httpbin") as unknown as Assigned;
        const [local, remote] = httpbin.load_assignment.endpoints[0]!.lb_endpoints;
        httpbin.load_assignment.endpoints = [
          { lb_endpoints: [local!] },
          { lb_endpoints: [remote!], priority: 1 },
        ];
        (httpbin as { outlier_detection?: object }).outlier_detection = {};
      },
      [
        "warning failover: default/httpbin: outlier detection turns on failover by locality: when local endpoints are ejected, requests go to other clusters",
      ],
    ],
  ])("%s", async (_, change, expected) => {
    const { wrong, code } = await changed(change);
    expect({ wrong, code }).toEqual({ wrong: expected, code: expected[0]!.startsWith("error") ? 1 : 0 });
  });

  interface Assigned {
    load_assignment: { endpoints: { lb_endpoints: { metadata?: object }[]; priority?: number }[] };
  }
  function endpointsOf(bootstrap: Bootstrap, service: string) {
    return (cluster(bootstrap, service) as unknown as Assigned).load_assignment.endpoints[0]!.lb_endpoints;
  }

  test("leaks, where both the selector falls back and there is no local endpoint: counted by the filter", async () => {
    extra = await startExtra(mesh, "m1c1/sleep", "leaking", (bootstrap) => {
      (cluster(bootstrap, "reviews").lb_subset_config as { subset_selectors: object[] }).subset_selectors = [
        { keys: ["cluster"] },
      ];
      endpointsOf(bootstrap, "reviews").shift();
    });
    await settled(extra);
    mesh.reset();
    for (let i = 0; i < 5; i++) {
      await send({ address: extra.address, host: "reviews:9080" });
      await send({ address: extra.address, host: "httpbin", headers: { "x-cluster-local": "m1c2" } });
    }
    expect(mesh.endpoint("m1c2", "default/reviews").count()).toBe(5);
    const { wrong, findings } = await doctor(extra.envoy.admin.address);
    expect(wrong).toContain("error leaks: 5 pinned requests answered by another cluster");
    expect(wrong).toContain("warning forged: clients sent 5 headers of the pin, which had no effect");
    expect(findings.find(({ check }) => check === "leaks")?.evidence).toEqual([
      "wasmcustom.cluster_local.leaked: 5",
      'cluster_local_upstream{where="remote",rule="default/reviews",mode="strict"} 5',
    ]);
  });
});

describe("the configuration", () => {
  const address = () => mesh.caller("m1c1/sleep").envoy.admin.address;
  const generated = () => mesh.setPolicy(policy(rules));

  test("refused, with the filter's own reason; and accepted again", async () => {
    expect(
      await mesh.setPlugin("m1c1/sleep", '{"version":1,"rules":[{"services":["a"],"mode":"strickt"}]}'),
    ).toBe("refused");
    const refused = await doctor(address());
    expect({ code: refused.code, wrong: refused.wrong }).toEqual({
      code: 1,
      wrong: ["error refused: Envoy refused the latest configuration, and goes on with the one before"],
    });
    const { evidence } = refused.findings[0]!;
    expect(evidence[0]).toBe("extension_config_discovery.http_filter.cluster_local.update_rejected: 1");
    expect(evidence.join("\n")).toContain(
      'rules[0].mode: found "strickt", allowed: "strict", "prefer", "observe" or "off" (did you mean "strict"?)',
    );

    await mesh.setPlugin("m1c1/sleep", '{"version":1,"clusters":["m1c1","m1c2"]}');
    const accepted = await doctor(address());
    expect(accepted.wrong).toEqual([
      "note refused: 1 update refused since Envoy started; a later one was accepted",
    ]);
    expect(accepted.code).toBe(0);
  });

  test.each<[string, object, string]>([
    [
      "switched off",
      { enabled: false },
      "warning configuration: it is switched off: no request is kept local",
    ],
    [
      "of another cluster",
      { localCluster: "m1c2" },
      "error configuration: it takes m1c2 for its cluster, but the proxy says that it is in m1c1",
    ],
    [
      "for other clusters",
      { clusters: ["east", "west"] },
      "error configuration: the proxy is in m1c1, which is none of the policy's clusters: east, west",
    ],
    ["with debug", { debug: true }, "note configuration: debug is on: answers tell callers what was decided"],
  ])("%s", async (_, fields, expected) => {
    const text = JSON.stringify({ version: 1, clusters: ["m1c1", "m1c2"], ...fields });
    expect(await mesh.setPlugin("m1c1/sleep", text)).toBe("live");
    expect((await doctor(address())).wrong).toContain(expected);
  });

  test("beside a policy: drift, in which field, and none", async () => {
    await generated();
    const file = join(mesh.dir, "policy.json");
    await writeFile(file, JSON.stringify(policy(rules)));
    expect((await doctor(address(), "--policy", file)).wrong.filter((one) => one.includes("drift"))).toEqual(
      [],
    );
    await writeFile(file, JSON.stringify(policy([{ ...rules[0], mode: "off" }, ...rules.slice(1)])));
    const { code, wrong, findings } = await doctor(address(), "--policy", file);
    expect(code).toBe(1);
    expect(wrong).toContain(`error drift: ${file} is not what runs: rules differs`);
    expect(findings.find(({ check }) => check === "drift")?.evidence).toEqual([
      'rules[0]: policy {"services":["default/reviews"],"mode":"off"}, running {"services":["default/reviews"],"mode":"strict"}',
    ]);
  });

  test("FAIL_OPEN", async () => {
    extra = await startExtra(mesh, "m1c1/sleep", "fail-open", () => undefined);
    const text = await readFile(extra.ecds, "utf8");
    await writeFile(`${extra.ecds}.new`, text.replace("FAIL_RELOAD", "FAIL_OPEN"));
    await rename(`${extra.ecds}.new`, extra.ecds);
    const { envoy } = extra;
    const isOpen = async () => JSON.stringify(await envoy.admin.configDump()).includes("FAIL_OPEN");
    expect(await waitUntil(isOpen)).toBe(true);
    expect((await doctor(envoy.admin.address)).wrong).toContain(
      "error fail-open: with FAIL_OPEN, a filter that fails lets requests go anywhere, and obeys a client's own header",
    );
  });

  test("in the listener itself, without discovery", async () => {
    const { resources } = parse(await readFile(mesh.caller("m1c1/sleep").ecds, "utf8")) as {
      resources: { typed_config: object }[];
    };
    const { findings, wrong } = await changed(({ static_resources }) => {
      const { typed_config } = resources[0]!;
      managerOf(static_resources.listeners[0]!).http_filters[0] = { name: "cluster_local", typed_config };
    });
    expect(wrong).toEqual([]);
    expect(findings.map(({ check }) => check)).not.toContain("refused");
    expect(findings.find(({ check }) => check === "configuration")?.message).toMatch(
      /^it runs 3 rules .*, since 20/,
    );
  });

  test("a filter whose VM has died", async () => {
    extra = await startExtra(mesh, "m1c1/sleep", "dying", ({ static_resources }) => {
      managerOf(static_resources.listeners[0]!).stat_prefix = "dying";
    });
    const { address, ecds, envoy } = extra;
    const debug = wasmPath.replace(".wasm", ".debug.wasm");
    const text = (await readFile(ecds, "utf8")).replaceAll(wasmPath, debug);
    await watchDelivery(envoy.admin, async () => {
      await writeFile(`${ecds}.new`, text);
      await rename(`${ecds}.new`, ecds);
    });
    const ask = (headers = {}) => send({ address, host: "reviews:9080", headers });
    expect((await ask({ "x-cluster-local-fault": "now" })).status).toBe(503);
    expect(await waitUntil(async () => (await ask()).status === 200)).toBe(true);
    expect((await doctor(envoy.admin.address)).wrong).toEqual([
      "warning fail-open: the filter's VM has died and was replaced",
    ]);
  });

  test("refused at Envoy's start: it never had one", async () => {
    await mesh.setPlugin("m1c1/sleep", "{");
    extra = await startExtra(mesh, "m1c1/sleep", "waiting", () => undefined);
    const { code, wrong } = await doctor(extra.envoy.admin.address);
    await generated();
    expect({ code, wrong }).toEqual({
      code: 1,
      wrong: ["error refused: Envoy refused its only configuration: every request of its listeners gets 500"],
    });
  });
});

test("a listener whose latest update was refused", async () => {
  let listeners = "";
  extra = await startExtra(mesh, "m1c1/sleep", "listeners", (bootstrap) => {
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
  const version = "1.36.4";
  const binary = cachedBinary(version) ?? (await installEnvoy(version));
  extra = await startExtra(mesh, "m1c1/sleep", "older", () => undefined, binary);
  await settled(extra);
  const { code, wrong, findings } = await doctor(extra.envoy.admin.address);
  expect({ code, wrong }).toEqual({ code: 0, wrong: [] });
  expect(findings.at(-1)?.message).toBe("Envoy 1.36.4, supported: 1.36 to 1.40");
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
