import { beforeAll, describe, expect, test } from "vitest";
import { type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

const stringValue = "allowed: JSON in a google.protobuf.StringValue";
const rule = { services: ["default/reviews"], mode: "strict" };
const fields =
  '"version", "enabled", "localCluster", "clusterDomain", "clusters", "override", "names", "debug" or "rules"';
const withRule = (fields: object) => ({ version: 1, rules: [{ ...rule, ...fields }] });

describe("accepted", () => {
  test.each<[string, object]>([
    ["the smallest", { version: 1 }],
    [
      "the one in the documentation",
      {
        version: 1,
        enabled: true,
        localCluster: "m1c1",
        clusterDomain: "cluster.local",
        debug: false,
        rules: [rule],
      },
    ],
    [
      "every mode",
      {
        version: 1,
        clusters: ["m1c1", "m1c2"],
        rules: [
          { services: ["a/b", "c/*"], hosts: ["*.example.com", "example.com"], mode: "strict" },
          { services: ["d/e"], mode: "prefer" },
          { services: ["d/f"], mode: "prefer", order: ["m1c2"] },
          { services: ["*"], mode: "observe" },
          { hosts: ["*"], mode: "off" },
        ],
      },
    ],
    [
      "cluster ids that YAML would take for something else",
      { version: 1, clusters: ["on", "no", "1.10", "0x1", "1e3"] },
    ],
    [
      "names in upper case",
      { version: 1, rules: [{ services: ["Default/Reviews"], hosts: ["API.Example.com"], mode: "strict" }] },
    ],
  ])("%s", (_, configuration) => {
    expect(problems(core, configuration)).toEqual([]);
  });
});

describe("refused, with path, what was found, and what is allowed", () => {
  test.each<[unknown, string[]]>([
    [[], ["(root): found a list, allowed: an object"]],
    ["", [`(root): the configuration is empty or missing, ${stringValue}`]],
    [
      "\n{\n\u0007version\u0012\t\u0011\0\0\0\0\0\0",
      [`(root): the configuration is a google.protobuf.Struct, ${stringValue}`],
    ],
    [{}, ["version: missing"]],
    [{ version: 2 }, ["version: found 2, allowed: 1"]],
    [{ version: "1" }, ["version: found a string, allowed: 1"]],
    [{ version: 1, enabled: "yes" }, ["enabled: found a string, allowed: true or false"]],
    [{ version: 1, enabeld: true }, [`enabeld: unknown field, allowed: ${fields} (did you mean "enabled"?)`]],
    ['{"version": 1, "version": 1}', ["version: found a second time, allowed once"]],
    [
      { version: 1, localCluster: "a b" },
      [
        'localCluster: found "a b", allowed: a cluster id (printable ASCII without space, ",", ";" or "|", not "*")',
      ],
    ],
    [
      { version: 1, clusterDomain: "cluster..local" },
      ['clusterDomain: found "cluster..local", allowed: a DNS name such as cluster.local'],
    ],
    [{ version: 1, clusters: ["a", "b", "a"] }, ['clusters[2]: found "a" a second time, allowed once']],
    [{ version: 1, pin: {} }, [`pin: unknown field, allowed: ${fields}`]],
    [{ version: 1, rules: {} }, ["rules: found an object, allowed: a list of rules"]],
    [{ version: 1, rules: [3] }, ["rules[0]: found a number, allowed: an object"]],
    [
      { version: 1, rules: [{}] },
      [
        'rules[0]: names nothing, allowed: "services", "hosts" or both',
        'rules[0].mode: missing, allowed: "strict", "prefer", "observe" or "off"',
      ],
    ],
    [
      withRule({ mode: "stict" }),
      [
        'rules[0].mode: found "stict", allowed: "strict", "prefer", "observe" or "off" (did you mean "strict"?)',
      ],
    ],
    [
      withRule({ service: ["a/b"] }),
      [
        'rules[0].service: unknown field, allowed: "services", "hosts", "mode", "order", "callers", "paths", "methods", "percent" or "sticky" (did you mean "services"?)',
      ],
    ],
    [withRule({ services: [] }), ["rules[0].services: found an empty list, allowed: at least one entry"]],
    [
      withRule({ services: ["reviews"] }),
      ['rules[0].services[0]: found "reviews", allowed: "namespace/name", "namespace/*" or "*"'],
    ],
    [
      withRule({ services: ["default/rev*"] }),
      ['rules[0].services[0]: found "default/rev*", allowed: "namespace/name", "namespace/*" or "*"'],
    ],
    [
      withRule({ hosts: ["a*.example.com"] }),
      ['rules[0].hosts[0]: found "a*.example.com", allowed: a host name, "*.suffix" or "*"'],
    ],
    [
      withRule({ services: ["default/reviews", "default/reviews"] }),
      ["rules[0].services[1]: names the same hosts as rules[0].services[0], allowed once"],
    ],
    [
      withRule({ hosts: ["REVIEWS.default.svc.cluster.local"] }),
      ["rules[0].hosts[0]: names the same hosts as rules[0].services[0], allowed once"],
    ],
    [withRule({ order: ["m1c2"] }), ['rules[0].order: allowed only with mode "prefer"']],
    [
      withRule({ mode: "prefer" }),
      ['rules[0].order: missing, allowed with mode "prefer": cluster ids here, or in "clusters"'],
    ],
    [
      withRule({ mode: "prefer", order: [] }),
      ["rules[0].order: found an empty list, allowed: at least one entry"],
    ],
  ])("%j", (configuration, reasons) => {
    expect(problems(core, configuration)).toEqual(reasons);
  });

  test("without any local cluster", () => {
    expect(problems(core, { version: 1 }, { cluster: null })).toEqual([
      "localCluster: missing, and the proxy's node metadata has no CLUSTER_ID that is a cluster id",
    ]);
    expect(problems(core, { version: 1, localCluster: "m1c1" }, { cluster: null })).toEqual([]);
  });

  test("all at once, up to fifty, the rest counted", () => {
    const rules = Array.from({ length: 60 }, () => ({ services: ["x"], mode: "strict" }));
    const found = problems(core, { version: 1, rules });
    expect(found).toHaveLength(51);
    expect(found[50]).toBe("(and 10 more)");
  });

  test("a syntax error alone, whatever stands before it", () => {
    expect(problems(core, '{"version": 2, "rules": [}')).toEqual([
      "(root): not JSON: found '}' where a value is expected (line 1, column 26)",
    ]);
  });
});
