import { describe, expect, test } from "vitest";
import { costOf, orThrow, parsePrices, rates, type Flow, type ProxySample } from "../../src/index.ts";
import { serviceName } from "../../src/live/service-name.ts";
import { table } from "../../src/status/table.ts";

function flow(service: string, to: string | undefined, requests: number, bytes = 0, errors = 0): Flow {
  return {
    service,
    port: 80,
    to,
    requests,
    errors,
    bytesSent: bytes,
    bytesReceived: 0,
    endpoints: 1,
    healthy: 1,
  };
}

function sampleAt(at: number, flows: Flow[], cluster: string | undefined = "m1c1"): ProxySample {
  return {
    at,
    address: "127.0.0.1:15000",
    proxy: { cluster, namespace: "default", workload: "sleep", id: "m1c1/sleep", version: "1.40.0" },
    flows,
    requests: { retained: 0, preferred: 0, observed: 0, bypassed: 0 },
    answered: [],
    leaked: 0,
  };
}

const prices = (text: string) => orThrow(parsePrices(`version: 1\n${text}`, "prices.yaml"));

describe("cost", () => {
  test("only what crosses costs: what is local, or does not say where it is, does not", () => {
    const later = sampleAt(0, [
      flow("a/local", "m1c1", 10, 1e9),
      flow("a/remote", "m1c2", 10, 2e9),
      flow("a/odd", undefined, 10, 1e9),
    ]);
    expect(costOf([{ later }], prices("perGB: 0.5"))).toMatchObject({
      requests: 10,
      bytes: 2e9,
      amount: 1,
      perHour: undefined,
      crossings: [{ service: "a/remote", amount: 1 }],
    });
    expect(
      costOf([{ later: { ...later, proxy: { ...later.proxy, cluster: undefined } } }], prices("perGB: 1"))
        .amount,
    ).toBe(0);
  });

  test("a price between two clusters takes the place of the general one, in its direction", () => {
    const table = prices("perGB: 1\nperMillionRequests: 7\nbetween: [{from: m1c1, to: m1c2, perGB: 3}]");
    const there = costOf([{ later: sampleAt(0, [flow("a/b", "m1c2", 1_000_000, 1e9)]) }], table);
    expect(there.amount).toBe(3);
    const back = costOf([{ later: sampleAt(0, [flow("a/b", "m1c1", 1_000_000, 1e9)], "m1c2") }], table);
    expect(back.amount).toBe(8);
  });

  test("an hour is what the time between two samples makes of it; the dearest comes first", () => {
    const earlier = sampleAt(0, [flow("a/b", "m1c2", 100), flow("a/c", "m1c2", 0)]);
    const later = sampleAt(2_000, [flow("a/b", "m1c2", 110), flow("a/c", "m1c2", 1_000)]);
    const { perHour, crossings } = costOf([{ earlier, later }], prices("perMillionRequests: 1000000"));
    expect(perHour).toBeCloseTo((5 + 500) * 3600);
    expect(crossings.map(({ service }) => service)).toEqual(["a/c", "a/b"]);
  });
});

describe("rates", () => {
  test("a count that went down began again: what it says is all since then", () => {
    const earlier = sampleAt(0, [flow("a/b", "m1c2", 100, 1000, 5)]);
    const later = sampleAt(1_000, [flow("a/b", "m1c2", 10, 500, 1)]);
    expect(rates(earlier, later)).toMatchObject([
      { requestsPerSecond: 10, errorsPerSecond: 1, bytesPerSecond: 500 },
    ]);
  });

  test("a flow that is new counts from 0; without time between samples all are 0", () => {
    const later = sampleAt(1_000, [flow("a/b", "m1c2", 10)]);
    expect(rates(sampleAt(0, []), later)).toMatchObject([{ requestsPerSecond: 10 }]);
    expect(rates(later, later)).toMatchObject([{ requestsPerSecond: 0 }]);
  });
});

describe("the table", () => {
  const look = (...laters: ProxySample[]) => ({
    proxies: laters.map((later) => ({ earlier: undefined, later })),
    unreachable: [],
    cost: undefined,
  });
  const options = { live: false, all: false, maxRows: Infinity, paint: (_: string, text: string) => text };

  test("replicas of a workload are one caller; endpoints that do not say their cluster have a column of their own", () => {
    const one = sampleAt(0, [flow("a/b", "m1c1", 3), flow("a/b", "m1c2", 1), flow("a/c", undefined, 2)]);
    const two = {
      ...sampleAt(0, [flow("a/b", "m1c1", 5), flow("a/b", "m1c3", 1)]),
      address: "127.0.0.1:15001",
    };
    expect(table(look(one, two), options).slice(1, 4)).toEqual([
      "CALLER              SERVICE  LOCAL  REMOTE  UNKNOWN  LOCAL %  ERRORS  ENDPOINTS              REMOTE TO",
      "m1c1 default/sleep  a/b:80       8       2        0    80.0%       0  1/1 local, 1/1 remote  m1c2, m1c3",
      "m1c1 default/sleep  a/c:80       0       0        2        -       0  1/1 unknown",
    ]);
  });

  test("one request of ten thousand that leaves is not 100% local; what does not fit is counted", () => {
    const busy = sampleAt(0, [flow("a/b", "m1c1", 99_999), flow("a/b", "m1c2", 1), flow("a/c", "m1c1", 1)]);
    const lines = table(look(busy), { ...options, maxRows: 1 });
    expect(lines[2]).toContain(" 99.9% ");
    expect(lines[3]).toBe("... and 1 more");
  });
});

test.each([
  ["outbound|9080||reviews.default.svc.cluster.local", "default/reviews", 9080, undefined],
  ["outbound|9080|v1-m1c1|reviews.default.svc.cluster.local", "default/reviews", 9080, "v1-m1c1"],
  ["outbound|9080|m1c1,m1c2|reviews.default.svc.cluster.local", "default/reviews", 9080, "m1c1,m1c2"],
  ["outbound_.9080_._.reviews.default.svc.cluster.local", "default/reviews", 9080, undefined],
  ["outbound|443||api.example.com", "api.example.com", 443, undefined],
  ["Reviews.default.svc.cluster.local:9080", "default/reviews", 9080, undefined],
  ["reviews", "reviews", undefined, undefined],
])("the Envoy cluster %s is %s", (name, service, port, subset) => {
  expect(serviceName(name)).toMatchObject({ service, port, subset });
});

test.each(["inbound|9080||", "BlackHoleCluster", "PassthroughCluster", "xds-grpc"])(
  "the Envoy cluster %s is no service",
  (name) => {
    expect(serviceName(name)).toBeUndefined();
  },
);
