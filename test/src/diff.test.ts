import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diff, Explainer, orThrow, parseMesh, parsePolicy, type Policy } from "../../src/index.ts";
import { requestClasses } from "../../src/diff/requests.ts";
import { policies } from "../support/policies.ts";

const file = join(import.meta.dirname, "../golden/tools/files/mesh.yaml");
const mesh = orThrow(parseMesh(readFileSync(file, "utf8"), "mesh.yaml"));
const callers = mesh.callers.filter(({ plugin }) => plugin);

/** A policy for the two clusters of that inventory. */
const readable = policies.map((policy) => {
  const text = JSON.stringify({ ...policy, override: undefined, clusters: ["m1c1", "m1c2"] });
  const parsed = parsePolicy(text.replaceAll('"m1c3"', '"m1c1"'), "policy.yaml");
  return parsed.ok ? parsed.value : undefined;
});
const request = fc.record({
  caller: fc.constantFrom(...callers),
  service: fc.constantFrom(...mesh.services),
  method: fc.constantFrom("GET", "POST", "DELETE", "PUT"),
  path: fc.constantFrom("/", "/a", "/a/b", "/b/c", "/c"),
});

/** What one request comes to, in the words of a difference. */
function outcome(
  policy: Policy,
  { caller, service, method, path }: NonNullable<typeof request extends fc.Arbitrary<infer T> ? T : never>,
) {
  const host = `${service.name}.${service.namespace}:${service.port}`;
  const { decision, rule, share, endpoints } = new Explainer(policy, mesh).explain({
    ...{ cluster: caller.cluster, caller, host, method, path },
  });
  return [decision, rule, share?.percent, [...new Set(endpoints.allowed.map(({ cluster }) => cluster))]];
}

describe("diff", () => {
  test("lists every request that two policies treat differently, and no other", { timeout: 120_000 }, () => {
    const found = { changed: 0, same: 0 };
    const holds = fc.property(
      readable,
      readable,
      fc.array(request, { minLength: 5, maxLength: 5 }),
      (older, newer, requests) => {
        fc.pre(older !== undefined && newer !== undefined);
        const differences = diff(older, newer, mesh);
        for (const one of requests) {
          const { caller, service } = one;
          const changes = JSON.stringify(outcome(older, one)) !== JSON.stringify(outcome(newer, one));
          found[changes ? "changed" : "same"]++;
          const told = differences.filter(
            (difference) =>
              difference.cluster === caller.cluster &&
              difference.caller === `${caller.namespace}/${caller.workload}` &&
              difference.service === `${service.namespace}/${service.name}:${service.port}`,
          );
          if (changes) expect(told).not.toEqual([]);
          else expect(told.filter(({ requests }) => requests === "")).toEqual([]);
        }
      },
    );
    fc.assert(holds, { numRuns: 150 });
    expect(Math.min(found.changed, found.same)).toBeGreaterThan(100);
  });

  test("tells nothing of a policy and itself", () => {
    const holds = fc.property(readable, (policy) => {
      fc.pre(policy !== undefined);
      expect(diff(policy, policy, mesh)).toEqual([]);
    });
    fc.assert(holds, { numRuns: 100 });
  });
});

test("requests are told apart by what rules name, and by nothing else", () => {
  expect(requestClasses([{ services: ["*"], mode: "strict" }]).map(({ name }) => name)).toEqual([""]);
  const classes = requestClasses([
    { services: ["*"], mode: "strict", methods: ["GET"], paths: [{ exact: "/a" }, { prefix: "/b" }] },
  ]);
  expect(classes.map(({ name, method, path }) => [name, method, path])).toEqual([
    ["GET /a", "GET", "/a"],
    ["GET /b*", "GET", "/b~other"],
    ["GET other paths", "GET", "/~other"],
    ["other methods /a", "POST", "/a"],
    ["other methods /b*", "POST", "/b~other"],
    ["other methods other paths", "POST", "/~other"],
  ]);
});
