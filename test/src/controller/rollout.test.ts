import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import type { Fields } from "../../../src/input/loose.ts";
import { Departed } from "../../../src/controller/departed.ts";
import type { KubeObject } from "../../../src/inventory/kubernetes/object.ts";
import { judge, verdictOn } from "../../../src/controller/prometheus.ts";
import {
  leftMs,
  progressOf,
  rolloutOf,
  ruleAt,
  type Progress,
  type Verdict,
} from "../../../src/controller/rollout.ts";

const RULE: Fields = {
  ...{ services: ["default/reviews"], mode: "prefer", order: ["m1c2"], sticky: { header: "x-user" } },
  rollout: {
    steps: [
      { percent: 5, for: "10m" },
      { percent: 50, for: "1h" },
    ],
    maxFailures: 2,
  },
};
const ROLLOUT = rolloutOf(RULE)!;
const START = Date.parse("2026-01-01T00:00:00Z");
const FINE: Verdict = { is: "fine", message: "" };
const MINUTE = 60_000;

function go(
  known: Progress | undefined,
  minute: number,
  more: { isReady?: boolean; verdict?: Verdict } = {},
) {
  const now = START + minute * MINUTE;
  return progressOf({ index: 0, fields: RULE }, ROLLOUT, known, {
    now,
    isReady: true,
    verdict: FINE,
    ...more,
  });
}

it("observes as long as the first step, goes from step to step, and ends with all requests", () => {
  const observing = go(undefined, 0);
  expect(observing).toMatchObject({ step: 0, state: "Observing" });
  expect(observing.message).toBe("observes; for 5% from 2026-01-01T00:10:00Z");
  expect(ruleAt(observing, RULE, ROLLOUT)).toEqual({ services: ["default/reviews"], mode: "observe" });
  expect(leftMs(observing, ROLLOUT, START + 4 * MINUTE)).toBe(6 * MINUTE);
  expect(go(observing, 9)).toMatchObject({ step: 0 });
  const first = go(observing, 10);
  expect(first.message).toBe("for 5% of the requests; for 50% from 2026-01-01T00:20:00Z");
  const { services, mode, order, sticky } = RULE;
  expect(ruleAt(first, RULE, ROLLOUT)).toEqual({ services, mode, order, sticky, percent: 5 });
  const second = go(first, 20);
  expect(second.message).toBe("for 50% of the requests; for all from 2026-01-01T01:20:00Z");
  const whole = go(second, 80);
  expect(whole).toMatchObject({ state: "Complete", message: "for all requests" });
  expect(ruleAt(whole, RULE, ROLLOUT)).toEqual({ services, mode, order, sticky });
  expect(leftMs(whole, ROLLOUT, START)).toBeUndefined();
  expect(go(whole, 200)).toBe(whole);
});

it("waits while what the step asks for does not hold, or nothing is known of its requests", () => {
  const observing = go(undefined, 0);
  expect(go(observing, 11, { isReady: false })).toMatchObject({
    ...{ step: 0, message: expect.stringContaining("waits, as what this step asks for") as string },
  });
  const first = go(observing, 10);
  const verdict: Verdict = { is: "unknown", message: "only 3 requests" };
  expect(go(first, 21, { verdict })).toMatchObject({
    ...{ step: 1, message: expect.stringContaining("waits: only 3 requests") as string },
  });
});

it("goes back when kept requests fail, and stays there until the rule is another one", () => {
  const first = go(go(undefined, 0), 10);
  const back = go(first, 11, { verdict: { is: "failing", message: "9.0% failed" } });
  expect(back).toMatchObject({ step: 0, state: "WentBack" });
  expect(back.message).toContain("went back to observe at 5%: 9.0% failed");
  expect(ruleAt(back, RULE, ROLLOUT)).toMatchObject({ mode: "observe" });
  expect(go(back, 500)).toBe(back);
  const fields = { ...RULE, mode: "strict" };
  const { state } = progressOf({ index: 0, fields }, ROLLOUT, back, {
    ...{ now: START, isReady: true, verdict: FINE },
  });
  expect(state).toBe("Observing");
});

it.each([
  [
    [
      ["strict", "200", 97],
      ["strict", "503", 3],
      ["off", "200", 500],
    ],
    2,
    "failing",
  ],
  [
    [
      ["strict", "200", 97],
      ["strict", "503", 3],
      ["off", "200", 97],
      ["off", "500", 3],
    ],
    2,
    "fine",
  ],
  [
    [
      ["strict", "200", 99],
      ["prefer", "404", 20],
      ["strict", "0", 1],
    ],
    2,
    "fine",
  ],
  [[["strict", "503", 3]], 2, "unknown"],
] as const)("judges %j with %d: %s", (series, maxFailures, is) => {
  const read = series.map(([mode, code, count]) => ({ mode, code, count }));
  expect(verdictOn(read, maxFailures).is).toBe(is);
});

it("asks Prometheus for the rule's requests, and does not go on where it does not answer", async () => {
  const queries: string[] = [];
  const result = [{ metric: { mode: "strict", code: "200" }, value: [1, "100"] }];
  const server = createServer(({ url }, answer) => {
    queries.push(new URL(url!, "http://x").searchParams.get("query")!);
    answer.end(JSON.stringify({ status: "success", data: { result } }));
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const question = { patterns: ["shop/*", "a.b"], seconds: 60, maxFailures: 1 };
  const { signal } = new AbortController();
  expect((await judge(url, question, signal)).is).toBe("fine");
  expect(queries).toEqual([
    'sum by (mode, code) (increase(envoy_cluster_local_upstream{rule=~"shop/\\\\*|a\\\\.b"}[60s]))',
  ]);
  server.closeAllConnections();
  server.close();
  expect(await judge(url, question, signal)).toMatchObject({
    ...{ is: "unknown", message: expect.stringContaining("cannot be asked") as string },
  });
});

it("keeps a service that was deleted for ten minutes, and longer while a cluster is out of sight", () => {
  let now = 0;
  const departed = new Departed(() => now);
  const one = { namespace: "default", name: "reviews" } as KubeObject;
  expect(departed.kept([one], true)).toEqual([one]);
  now = 600_001;
  expect(departed.kept([one], false)).toEqual([one]);
  expect(departed.kept([one], true)).toEqual([]);
  expect(departed.kept([], true)).toEqual([]);
  expect(departed.kept([one], true)).toEqual([one]);
  expect(departed.nextMs()).toBe(600_000);
});
