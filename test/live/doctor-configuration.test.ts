import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { waitUntil } from "../../envoy/wait.ts";
import { managerOf } from "../envoy/extra-envoy.ts";
import { policy } from "../envoy/two-clusters.ts";
import { watchDelivery } from "../support/ecds.ts";
import { wasmPath } from "../support/generate.ts";
import { send } from "../support/http-client.ts";
import { changed, doctor, mesh, rules, startChanged } from "./doctor-mesh.ts";

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
    const extra = await startChanged("fail-open");
    const text = await readFile(extra.ecds, "utf8");
    await writeFile(`${extra.ecds}.new`, text.replace("FAIL_RELOAD", "FAIL_OPEN"));
    await rename(`${extra.ecds}.new`, extra.ecds);
    const { envoy } = extra;
    const isOpen = async () => JSON.stringify(await envoy.admin.configDump()).includes("FAIL_OPEN");
    expect(await waitUntil(isOpen)).toBe(true);
    expect((await doctor(envoy.admin.address)).wrong).toContain(
      "warning fail-open: default/ratings:9080, default/reviews:9080: with FAIL_OPEN, requests go anywhere wherever the filter cannot run",
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
    const extra = await startChanged("dying", ({ static_resources }) => {
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
    expect((await ask({ "x-fault": "now" })).status).toBe(503);
    expect(await waitUntil(async () => (await ask()).status === 200)).toBe(true);
    expect((await doctor(envoy.admin.address)).wrong).toEqual([
      "warning fail-open: the filter's VM has died and was replaced",
    ]);
  });

  test("refused at Envoy's start: it never had one", async () => {
    await mesh.setPlugin("m1c1/sleep", "{");
    const extra = await startChanged("waiting");
    const { code, wrong } = await doctor(extra.envoy.admin.address);
    await generated();
    expect({ code, wrong }).toEqual({
      code: 1,
      wrong: ["error refused: Envoy refused its only configuration: every request of its listeners gets 500"],
    });
  });
});
