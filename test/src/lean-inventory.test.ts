import { readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Explainer, orThrow, parsePolicy, type Question } from "../../src/index.ts";
import { stringify } from "yaml";
import { readInventory } from "../../src/inventory/kubernetes/model.ts";
import type { InventoryFile } from "../../src/inventory/kubernetes/read.ts";
import { splitList } from "../../src/inventory/kubernetes/split.ts";
import { writeLargeInventory } from "../support/large-inventory.ts";

const object = (kind: string, name: string, more: object = {}) => ({
  apiVersion: "v1",
  kind,
  metadata: { name, namespace: "default", annotations: { text: "- a\n}, {\n  kind: List\n" } },
  ...more,
});
const list = (items: object[]) => ({
  apiVersion: "v1",
  items,
  kind: "List",
  metadata: { resourceVersion: "" },
});
/** As kubectl prints it: lists stand where their names do. */
const dump = (value: object) => stringify(value, { indentSeq: false, lineWidth: 0 });
const items = [object("Service", "a"), object("Service", "b"), object("Pod", "c")];

describe("a List is taken apart as it is read", () => {
  test.each([
    ["yaml", dump(list(items))],
    ["json", `${JSON.stringify(list(items), undefined, 4)}\n`],
    ["json without space", JSON.stringify(list(items))],
  ])("%s", (_, text) => {
    const split = splitList(text);
    expect(split?.items.map((one) => load(one))).toEqual(items);
    expect(split?.items.map((one) => one.includes(split.field("kind", "Pod")))).toEqual([false, false, true]);
  });

  test.each([
    ["another order", dump({ kind: "List", apiVersion: "v1", items })],
    ["several documents", `${dump(list(items))}---\n${dump(list(items))}`],
    ["a List of one kind", dump({ ...list(items), kind: "ServiceList" })],
    ["something behind it", `${JSON.stringify(list(items))} {}`],
    ["JSON in another layout", JSON.stringify(list(items), undefined, 2)],
    ["no List", dump(items[0]!)],
  ])("%s is read whole", (_, text) => {
    expect(splitList(text)).toBeUndefined();
  });
});

describe("what concerns a request is told from the text", () => {
  const dir = mkdtempSync(join(tmpdir(), "cluster-local-lean-"));
  const clusters = ["m1c1", "m1c2"];
  let files: InventoryFile[];
  beforeAll(() => {
    writeLargeInventory(dir, { services: 300, clusters, routed: 3 });
    files = ["m1c1", "m1c2", "istio"].map((name) => ({
      file: `${name}.yaml`,
      text: readFileSync(join(dir, `${name}.yaml`), "utf8"),
      ...(name !== "istio" && { cluster: name }),
    }));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  test("the answers are those of the whole inventory", () => {
    const policy = orThrow(
      parsePolicy('version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: ["*"], mode: strict}]\n', "p.yaml"),
    );
    const whole = readInventory(files, clusters, policy.clusterDomain).inventory;
    const explainer = new Explainer(policy, whole);
    for (let i = 0; i < 300; i += 7) {
      const host = `service-${i}.team-${i % 50}`;
      const question: Question = {
        ...{ cluster: "m1c1", host: `${host}:8080`, path: i % 2 === 0 ? "/slow" : "/" },
        caller: { namespace: "team-0", workload: "caller" },
      };
      const concern = { host: question.host, workloads: ["caller"] };
      const { inventory } = readInventory(files, clusters, policy.clusterDomain, concern);
      expect(inventory.services.size).toBeLessThan(150);
      expect(new Explainer(policy, inventory).explain(question)).toEqual(explainer.explain(question));
    }
  });
});
