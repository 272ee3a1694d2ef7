import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readJson } from "../../src/input/json.ts";
import { fieldsOf, ownOf } from "../../src/input/loose.ts";
import { readCarefully, readYaml } from "../../src/input/yaml.ts";
import { readDocuments } from "../../src/inventory/kubernetes/documents.ts";
import { portKind } from "../../src/inventory/kubernetes/protocol.ts";
import { parseMesh } from "../../src/inventory/mesh.ts";
import { namedService } from "../../src/live/service-name.ts";
import { parsePluginConfig } from "../../src/policy/plugin-config.ts";
import { parsePolicy } from "../../src/policy/policy.ts";
import { rowsOf } from "../../src/status/rows.ts";

/** What JavaScript's objects have of themselves may be the name of anything: a label, a cluster, an Envoy cluster. */
const ODD = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype", "length"];

const key = fc.oneof(fc.constantFrom(...ODD), fc.stringMatching(/^[a-e]{1,3}$/));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("x", 1, true, null),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4 }),
  ),
}));

/** All that a value holds, by its own keys alone; what has another prototype than a literal would is seen. */
function spelled(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(spelled);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  return Object.entries(value).map(([name, inner]) => [name, spelled(inner)]);
}

describe("keys that every object has", () => {
  test("are read as any others, by each reader, and nothing else gets them", () => {
    fc.assert(
      fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4 }), (value) => {
        const json = JSON.stringify(value);
        // JSON.parse makes own properties of all keys; the value of fast-check may not.
        const wanted = spelled(JSON.parse(json) as unknown);
        expect(spelled(readJson(json).value)).toEqual(wanted);
        const yaml = stringify(JSON.parse(json) as unknown);
        expect(spelled(readYaml(yaml).value)).toEqual(wanted);
        expect(spelled(readCarefully(yaml).value)).toEqual(wanted);
        const object = `{"kind": "Service", "spec": ${json}}`;
        const [found] = readDocuments(object, "a.json").values;
        expect(spelled(fieldsOf(found).spec)).toEqual(wanted);
        const [again] = readDocuments(stringify(JSON.parse(object) as unknown), "a.yaml").values;
        expect(spelled(fieldsOf(again).spec)).toEqual(wanted);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.for(ODD)("%s as an unknown field is told with its place", (odd) => {
    const rules = `rules: [{ services: ["*"], mode: strict }]`;
    const found = parsePolicy(`version: 1\nclusters: [a]\n${rules}\n${odd}: {x: 1}\n`, "policy.yaml");
    expect(found.ok ? [] : found.problems).toEqual([
      expect.objectContaining({ path: odd, line: 4, col: 1 }) as unknown,
    ]);
  });

  test.for(ODD)("%s as a name is taken or refused, never dropped", (odd) => {
    const config = { version: 1, names: JSON.parse(`{"${odd}": "default/a"}`) as unknown, rules: [] };
    const found = parsePluginConfig(JSON.stringify(config), "plugin.json");
    if (found.ok) expect(Object.keys(found.value.names ?? {})).toEqual([odd]);
    else expect(found.problems.map(({ path }) => path)).toEqual([`names.${odd}`]);
    const mesh = parseMesh(
      `version: 1\nclusters:\n  - id: ${odd}\n    services:\n      - service: default/a\n        port: 80\n        endpoints: ["127.0.0.1:1"]\n        labels: {${odd}: v1}\n`,
      "mesh.yaml",
    );
    if (mesh.ok) expect(Object.keys(mesh.value.services[0]!.endpoints[0]!.labels)).toEqual([odd]);
    else expect(mesh.problems.map(({ path }) => path)).toEqual([`clusters[0].services[0].labels.${odd}`]);
  });

  test.for(ODD)("%s is no name, label or protocol unless somebody gave it", (odd) => {
    expect(ownOf({}, odd)).toBeUndefined();
    expect(namedService(odd, {})).toEqual(
      namedService("plain", {}) && expect.objectContaining({ service: odd }),
    );
    expect(portKind("a", 80, odd)).toBe(portKind("a", 80, "unheard-of"));
  });

  test.for(ODD)("%s as a cluster is counted as any other", (odd) => {
    const flow = {
      service: "default/a",
      port: 80,
      to: odd,
      requests: 3,
      errors: 0,
      endpoints: 1,
      healthy: 1,
    };
    const later = { address: "", at: 0, proxy: { cluster: "m1c1" }, flows: [flow, flow] };
    const [row] = rowsOf(undefined, later as never);
    expect(Object.entries(row!.to)).toEqual([[odd, 6]]);
  });
});
