import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  diff,
  Explainer,
  orThrow,
  parseMesh,
  parsePolicy,
  type Difference,
  type Outcome,
  type Policy,
} from "../../src/index.ts";
import { requestClasses } from "../../src/diff/requests.ts";
import { policies } from "../support/policies.ts";

const file = join(import.meta.dirname, "../golden/tools/files/mesh.yaml");
const mesh = orThrow(parseMesh(readFileSync(file, "utf8"), "mesh.yaml"));
const callers = mesh.callers.filter(({ plugin }) => plugin);

/** A policy for the two clusters of that inventory. */
const readable = fc
  .tuple(policies, fc.constantFrom("x-send-to", "x-send-to", "x-go-to"))
  .map(([policy, header]) => {
    const text = JSON.stringify({ ...policy, clusters: ["m1c1", "m1c2"] }).replace(
      '"x-send-to"',
      `"${header}"`,
    );
    const parsed = parsePolicy(text.replaceAll('"m1c3"', '"m1c1"'), "policy.yaml");
    return parsed.ok ? parsed.value : undefined;
  });
const request = fc.record({
  caller: fc.constantFrom(...callers),
  service: fc.constantFrom(...mesh.services),
  method: fc.constantFrom("GET", "POST", "DELETE", "PUT"),
  path: fc.constantFrom("/", "/a", "/a/b", "/b/c", "/c"),
  asks: fc.option(
    fc.record({
      header: fc.constantFrom("x-send-to", "x-go-to"),
      value: fc.constantFrom("local", "any", "m1c1", "m1c2", "nowhere"),
    }),
    { nil: undefined },
  ),
});

type Request = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** What one request comes to, in the words of a difference. */
function outcome(policy: Policy, { caller, service, method, path, asks }: Request): Outcome {
  const host = `${service.name}.${service.namespace}:${service.port}`;
  const { decision, rule, share, endpoints } = new Explainer(policy, mesh).explain({
    ...{ cluster: caller.cluster, caller, host, method, path },
    headers: asks && [[asks.header, asks.value]],
  });
  const clusters = [...new Set(endpoints.allowed.map(({ cluster }) => cluster))];
  return { decision, rule, percent: share?.percent, clusters };
}

/** The differences that are about requests with the caller, the service and the override of this one. */
function about({ caller, service, asks }: Request, differences: Difference[], overridden: boolean) {
  return differences.filter(
    (told) =>
      told.cluster === caller.cluster &&
      told.caller === `${caller.namespace}/${caller.workload}` &&
      told.service === `${service.namespace}/${service.name}:${service.port}` &&
      JSON.stringify(told.asks) === JSON.stringify(overridden ? asks : undefined),
  );
}

describe("diff", () => {
  test("lists every request that two policies treat differently, and no other", { timeout: 120_000 }, () => {
    const found = { changed: 0, same: 0, overridden: 0 };
    const holds = fc.property(
      readable,
      readable,
      fc.array(request, { minLength: 5, maxLength: 5 }),
      (older, newer, requests) => {
        fc.pre(older !== undefined && newer !== undefined);
        const differences = diff(older, newer, mesh);
        for (const one of requests) {
          const [from, to] = [outcome(older, one), outcome(newer, one)];
          const overridden = [from, to].some(({ decision }) => decision === "override");
          const told = about(one, differences, overridden);
          const changes = JSON.stringify(from) !== JSON.stringify(to);
          found[changes ? "changed" : "same"]++;
          if (changes && overridden) found.overridden++;
          if (changes) expect(told.map(({ from, to }) => ({ from, to }))).toContainEqual({ from, to });
          else expect(told.filter(({ requests }) => ["", one.method].includes(requests))).toEqual([]);
        }
      },
    );
    fc.assert(holds, { numRuns: 250 });
    expect(Math.min(found.changed, found.same, found.overridden)).toBeGreaterThan(100);
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

test("an order is told as a move where there was none, and a share only where the rule pins", () => {
  const policy = (rule: string) =>
    orThrow(parsePolicy(`{version: 1, clusters: [m1c1, m1c2], rules: [${rule}]}`, "p.yaml"));
  const moves = (older: string, newer: string) =>
    diff(policy(older), policy(newer), mesh)
      .filter(({ service }) => service === "default/reviews:9080")
      .map(({ moves }) => moves);
  const all = "services: ['*']";
  expect(moves("", `{${all}, mode: prefer}`)).toEqual([true, true]);
  expect(moves("", `{${all}, mode: strict}`)).toEqual([true, true]);
  expect(moves("", `{${all}, mode: observe}`)).toEqual([false, false]);
  expect(moves(`{${all}, mode: strict, percent: 5}`, `{${all}, mode: strict, percent: 9}`)).toEqual([
    true,
    true,
  ]);
  expect(moves(`{${all}, mode: observe, percent: 5}`, `{${all}, mode: observe, percent: 9}`)).toEqual([
    false,
    false,
  ]);
  expect(moves("", `{${all}, mode: strict, percent: 0}`)).toEqual([false, false]);
});
