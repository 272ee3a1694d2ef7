import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AccessLog, fromAccessLog } from "../../src/console/from-access-log.ts";
import { fromCounters } from "../../src/console/from-counters.ts";
import { Governor } from "../../src/console/governed.ts";
import { DecisionLog } from "../../src/console/log.ts";
import { reasonOf } from "../../src/console/reasons.ts";
import type { Identity } from "../../src/console/topology.ts";
import { orThrow, parsePolicy } from "../../src/index.ts";
import { flow, sample } from "./samples.ts";

const identity: Identity = {
  id: "m1c1/page",
  cluster: "m1c1",
  namespace: "default",
  name: "page",
  workload: "page-v1",
  kind: "sidecar",
  filtered: true,
};
const governor = new Governor(
  orThrow(
    parsePolicy(
      "version: 1\nclusters: [m1c1, m1c2]\nrules: [{services: [default/reviews], mode: strict}]\n",
      "policy.yaml",
    ),
  ),
);

describe("a reason", () => {
  test.each([
    ["strict", "local", "local", "strict by x/y: kept in a"],
    ["strict", "none", "none", "strict by x/y: no endpoint in a answered, and no other may"],
    ["strict", "remote", "leak", "strict by x/y: a leak, answered by b"],
    ["prefer", "local", "local", "prefer by x/y: a has a healthy endpoint"],
    ["prefer", "remote", "remote", "prefer by x/y: no healthy endpoint in a, so b"],
    [
      "observe",
      "remote",
      "remote",
      "observe by x/y: left alone, and it went to b; strict would have kept it in a",
    ],
    ["off", "remote", "remote", "off by x/y: left alone, and it went to b"],
    ["override", "remote", "remote", "the caller asked for it by the override, and may: it went to b"],
    ["none", "remote", "remote", "no rule names it: it went to b"],
    ["none", "unknown", "unknown", "no rule names it: answered by an endpoint that does not say where it is"],
    ["unfiltered", "local", "local", "this proxy has no filter: it stayed in a"],
    ["disabled", "none", "none", "the policy is off: no endpoint answered"],
  ])("for %s and %s", (mode, where, kind, reason) => {
    expect(reasonOf({ mode, where, rule: "x/y", home: "a", to: "b" })).toEqual({ kind, reason });
  });
});

describe("from counters", () => {
  const strict = { rule: "default/reviews", mode: "strict", pin: "m1c1", code: 200 };

  test("what a rule took comes from the filter, all else from where Envoy sent it", () => {
    const earlier = sample(
      0,
      [flow("default/reviews", "m1c1", 10), flow("default/details", "m1c2", 5)],
      [{ ...strict, servedBy: "m1c1", count: 10 }],
    );
    const later = sample(
      0,
      [flow("default/reviews", "m1c1", 14), flow("default/details", "m1c2", 8), flow("other/x", "m1c1", 0)],
      [{ ...strict, servedBy: "m1c1", count: 14 }],
    );
    expect(fromCounters(earlier, later, identity, governor)).toEqual([
      {
        count: 4,
        what: "m1c1/page → reviews",
        arrow: "m1c1/page default/reviews:80 m1c1",
        kind: "local",
        reason: "strict by default/reviews: kept in m1c1",
      },
      {
        count: 3,
        what: "m1c1/page → details",
        arrow: "m1c1/page default/details:80 m1c2",
        kind: "remote",
        reason: "no rule names it: it went to m1c2",
      },
    ]);
  });

  test("a leak is told, and that no endpoint answered", () => {
    const told = fromCounters(
      sample(0, []),
      sample(
        0,
        [flow("default/reviews", "m1c2", 2)],
        [
          { ...strict, servedBy: "m1c2", count: 2 },
          { ...strict, servedBy: undefined, code: 503, count: 1 },
        ],
      ),
      identity,
      governor,
    );
    expect(told.map(({ kind, count, reason }) => [kind, count, reason])).toEqual([
      ["leak", 2, "strict by default/reviews: a leak, answered by m1c2"],
      ["none", 1, "strict by default/reviews: no endpoint in m1c1 answered, and no other may"],
    ]);
  });

  test("an Envoy that began anew has counted since then", () => {
    const [told] = fromCounters(
      sample(0, [flow("a/b", "m1c1", 100)]),
      sample(0, [flow("a/b", "m1c1", 2)]),
      identity,
      governor,
    );
    expect(told?.count).toBe(2);
  });
});

describe("from an access log", () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "cluster-local-log-"))));
  afterEach(() => rmSync(dir, { recursive: true }));
  const line = (fields: object) =>
    `${JSON.stringify({ method: "GET", authority: "reviews:9080", path: "/a?b", status: 200, flags: "-", ...fields })}\n`;

  test("only what is added is read, whole lines of it, and again from the start of a new one", () => {
    const file = join(dir, "access.log");
    writeFileSync(file, "old\n");
    const log = new AccessLog(file);
    expect(log.lines()).toEqual([]);
    appendFileSync(file, "one\ntwo\nthr");
    expect(log.lines()).toEqual(["one", "two"]);
    appendFileSync(file, "ee\n");
    expect(log.lines()).toEqual(["three"]);
    writeFileSync(file, "new\n");
    expect(log.lines()).toEqual(["new"]);
    rmSync(file);
    expect(log.lines()).toBeUndefined();
  });

  test("of a burst only the end is read", () => {
    const file = join(dir, "access.log");
    writeFileSync(file, "");
    const log = new AccessLog(file);
    appendFileSync(file, "x".repeat(99).concat("\n").repeat(10_000));
    const { length } = log.lines()!;
    expect(length).toBeGreaterThan(2000);
    expect(length).toBeLessThan(3000);
    expect(log.lines()).toEqual([]);
  });

  test("lines that say the same are counted; what is no line of ours is left out", () => {
    const rule = { rule: "default/reviews", mode: "strict", pin: "m1c1" };
    const strict = line({ ...rule, served_by: "m1c1" });
    const none = line({ ...rule, status: 503, flags: "UH", served_by: null });
    const other = line({
      authority: "details:9080",
      upstream_cluster: "outbound|9080||details.default.svc.cluster.local",
      served_by: "m1c2",
      rule: null,
      mode: "-",
    });
    const lines = [strict, strict, none, other, "no JSON", "[]", "7"].map((text) => text.trim());
    expect(fromAccessLog(lines, identity, governor)).toEqual([
      {
        kind: "local",
        count: 2,
        what: "m1c1/page → GET reviews:9080: 200",
        reason: "strict by default/reviews: kept in m1c1",
      },
      {
        kind: "none",
        count: 1,
        what: "m1c1/page → GET reviews:9080: 503 UH",
        reason: "strict by default/reviews: no endpoint in m1c1 answered, and no other may",
      },
      {
        kind: "remote",
        count: 1,
        what: "m1c1/page → GET details:9080: 200",
        reason: "no rule names it: it went to m1c2",
      },
    ]);
  });
});

describe("the log", () => {
  const told = (what: string, count = 1) => ({ kind: "local" as const, what, reason: "why", count });

  test("counts what is decided alike, and begins anew after a pause", () => {
    const log = new DecisionLog();
    log.note([told("a", 2), told("b")], 1000);
    expect(log.note([told("a", 3)], 5000)).toEqual([
      { id: 1, kind: "local", what: "a", reason: "why", count: 5, since: 1000, until: 5000 },
    ]);
    expect(log.note([told("a")], 16_000)).toMatchObject([{ id: 3, count: 1, since: 16_000 }]);
    expect(log.entries.map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  test("keeps so many entries and no more", () => {
    const log = new DecisionLog();
    for (let i = 0; i < 500; i++) log.note([told(`caller ${i}`)], i);
    expect(log.entries).toHaveLength(200);
    expect(log.entries[0]?.what).toBe("caller 300");
    log.tell("switch", "on", "written", 501);
    expect(log.entries.at(-1)).toMatchObject({ id: 501, kind: "switch", what: "on" });
  });
});
