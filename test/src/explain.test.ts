import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { explain, orThrow, parseMesh, parsePolicy, type Question } from "../../src/index.ts";

const bookinfo = join(import.meta.dirname, "../../examples/bookinfo");
const mesh = orThrow(parseMesh(readFileSync(join(bookinfo, "mesh.yaml"), "utf8"), "mesh.yaml"));
const productpage = { namespace: "default", workload: "productpage-v1" };

/** A policy of these rules for m1c1 and m1c2, in JSON, which is YAML. */
const policy = (...rules: object[]) =>
  orThrow(parsePolicy(JSON.stringify({ version: 1, clusters: ["m1c1", "m1c2"], rules }), "policy.yaml"));
const strict = policy({ services: ["default/reviews"], mode: "strict" });
const ask = (question: Partial<Question> = {}): Question => ({
  ...{ cluster: "m1c1", caller: productpage, host: "reviews:9080" },
  ...question,
});

describe("explain", () => {
  test("a strict request: the rule, the pin, its Envoy cluster, and which endpoints may answer", () => {
    const answer = explain(strict, ask(), mesh);
    expect(answer).toMatchObject({
      decision: "strict",
      rule: "default/reviews",
      where: "rules[0].services[0]",
      destination: { host: "reviews.default.svc.cluster.local", port: 9080 },
      pin: "m1c1",
      removed: [],
      route: { envoyClusters: ["outbound|9080|m1c1|reviews.default.svc.cluster.local"] },
      endpoints: {
        allowed: [{ cluster: "m1c1", address: "127.0.0.1:17002" }],
        excluded: [{ cluster: "m1c2", why: "in m1c2; the request is pinned to m1c1" }],
      },
    });
  });

  test("the order of prefer is the pin, and an Envoy cluster of its own", () => {
    const { pin, route, endpoints } = explain(
      policy({ services: ["*"], mode: "prefer" }),
      ask({ cluster: "m1c2" }),
      mesh,
    );
    expect(pin).toBe("m1c2,m1c1");
    expect(route?.envoyClusters).toEqual(["outbound|9080|m1c2,m1c1|reviews.default.svc.cluster.local"]);
    expect(endpoints.allowed.map(({ cluster, turn }) => [cluster, turn])).toEqual([
      ["m1c2", 1],
      ["m1c1", 2],
    ]);
  });

  test.each([
    ["cluster", { cluster: "m1c3" }, 'did you mean "m1c1"?'],
    [
      "caller",
      { caller: { ...productpage, workload: "productpag-v1" } },
      'did you mean "default/productpage-v1"?',
    ],
    ["path", { path: "reviews" }, 'a path that begins with "/"'],
    ["method", { method: "get" }, "a method in upper case"],
  ])("refuses a wrong %s", (field, question, message) => {
    expect(() => explain(strict, ask(question), mesh)).toThrow(message);
    expect(() => explain(strict, ask(question), mesh)).toThrow(field);
  });
});
