import fc from "fast-check";
import type { Question } from "../../src/index.ts";

/** Generated policies and requests for the mesh of test/envoy/explain.test.ts: small words, so that they often meet. */

export const CLUSTERS = ["m1c1", "m1c2", "m1c3"] as const;
const NAMESPACES = ["default", "payments"] as const;
export const CALLERS = [
  { cluster: "m1c1", name: "productpage", namespace: "default", workload: "productpage-v1" },
  { cluster: "m1c1", name: "cart", namespace: "payments", workload: "cart-v2" },
  { cluster: "m1c2", name: "productpage", namespace: "default", workload: "productpage-v1" },
  { cluster: "m1c1", name: "edge", namespace: "ingress", workload: "edge" },
] as const;

const some = <T>(...items: T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
    freq: 2,
  });
const subset = fc.shuffledSubarray([...CLUSTERS], { minLength: 1 });

const mode = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ mode: "strict" }) },
  { weight: 2, arbitrary: subset.map((order) => ({ mode: "prefer", order })) },
  { weight: 1, arbitrary: fc.constantFrom({ mode: "prefer" }, { mode: "observe" }, { mode: "off" }) },
);
const share = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.record({
      percent: fc.constantFrom(0, 1, 30, 50, 70, 99.5, 100),
      sticky: fc.constantFrom({ header: "x-user" }, { cookie: "session" }),
    }),
  },
);
const services = some("default/reviews", "default/*", "payments/*", "*", "payments/Ledger", "default/lonely");
const hosts = some(
  ...[
    "reviews.default.svc.cluster.local",
    "*.payments.svc.cluster.local",
    "*.cluster.local",
    "*",
    "ledger.payments",
  ],
);
const named = fc
  .record({ services, hosts })
  .map((names) => ((names.services ?? names.hosts) ? names : { services: ["default/reviews"] }));
const conditions = fc.record({
  callers: some("default/*", "*/productpage-*", "payments/cart-v2", "Ingress/*", "*/*"),
  paths: some({ exact: "/a" }, { prefix: "/a" }, { prefix: "/b/" }, { exact: "/" }),
  methods: some("GET", "POST", "DELETE"),
});
const plain = fc.constant({});
const rule = fc
  .tuple(named, mode, share, fc.oneof({ weight: 1, arbitrary: plain }, { weight: 1, arbitrary: conditions }))
  .map((parts) => Object.assign({}, ...parts) as object);
const override = fc.record({
  header: fc.constant("x-send-to"),
  allow: fc.constantFrom(["local", "any", "m1c2", "m1c3"], ["local"], ["m1c3"]),
  from: fc.uniqueArray(fc.constantFrom(...NAMESPACES, "ingress"), { minLength: 1 }),
});

/** A policy, well formed by itself; some are refused because two rules are for the same. */
export const policies = fc.record(
  {
    version: fc.constant(1),
    clusters: fc.constant([...CLUSTERS]),
    enabled: fc.constantFrom(true, true, true, true, true, true, true, false),
    override,
    rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
  },
  { requiredKeys: ["version", "clusters", "rules"] },
);

const HOSTS = [
  ...["reviews", "reviews:9080", "reviews.default", "Reviews.Default:9080", "reviews.default.svc", "lonely"],
  ...[
    "reviews.default.svc.cluster.local",
    "reviews.default.svc.cluster.local:9080",
    "ledger.payments",
    "ledger",
  ],
  ...[
    "ledger.payments.svc.cluster.local:8080",
    "ledger.payments:9090",
    "twins",
    "twins.default:9080",
    "nobody",
  ],
  ...["example.com", "reviews.payments"],
];
const header = fc.oneof(
  fc.constantFrom("m1c1", "m1c2", "", "*").map((value): [string, string] => ["cluster_local_pin", value]),
  fc
    .constantFrom("local", "any", "m1c2", "m1c3", "m1c9", "")
    .map((value): [string, string] => ["x-send-to", value]),
  fc.nat(999).map((user): [string, string] => ["x-user", `user-${user}`]),
  fc.nat(999).map((id): [string, string] => ["cookie", `a=b; session=${id}; c`]),
  fc.uuid().map((id): [string, string] => ["x-request-id", id]),
);

/** A request of one of the callers. */
export const questions: fc.Arbitrary<Question> = fc
  .record({
    from: fc.constantFrom(...CALLERS),
    host: fc.constantFrom(...HOSTS),
    path: fc.constantFrom("/", "/a", "/a/b", "/ab", "/b/c", "/a?x=/b/", "/b", "/twins"),
    method: fc.constantFrom("GET", "POST", "DELETE", "GET"),
    headers: fc.uniqueArray(header, { maxLength: 3, selector: ([name]) => name.toLowerCase() }),
  })
  .map(({ from: { cluster, namespace, workload }, ...request }) => ({
    ...{ cluster, caller: { namespace, workload } },
    ...request,
  }));
