import { expect, test } from "vitest";
import { objectOf } from "../../../src/inventory/kubernetes/read.ts";
import { importsOf } from "../../../src/istio/sidecars.ts";

/** Which host a Sidecar imports, as istiod reads it (pilot/pkg/model/sidecar.go). */
const sidecar = (name: string, spec: object, namespace = "default") =>
  objectOf(
    { apiVersion: "networking.istio.io/v1", kind: "Sidecar", metadata: { name, namespace }, spec },
    "f",
    undefined,
  )!;
const egress = (...hosts: string[]) => ({ egress: [{ hosts }] });
const REVIEWS = "reviews.default.svc.cluster.local";
const who = { namespace: "default", labels: { app: "sleep" } };

function imports(spec: object, host = REVIEWS, namespace = "default", port = 9080): boolean {
  return importsOf([sidecar("one", spec)], who, port, "istio-system").service(host, namespace);
}

test.each([
  [["*/*"], true],
  [["./*"], true],
  [["default/*"], true],
  [["shop/*"], false],
  [["*/reviews.default.svc.cluster.local"], true],
  [["default/*.default.svc.cluster.local"], true],
  [["default/ratings.default.svc.cluster.local"], false],
  [["~/*"], false],
  [["*/*", "~default/reviews.default.svc.cluster.local"], false],
  [["*/*", "~shop/*"], true],
])("with %j: %s", (hosts, expected) => {
  expect(imports(egress(...hosts))).toBe(expected);
});

test("the listener for the port counts, else the one for all; without either there is nothing", () => {
  const spec = { egress: [{ port: { number: 9080 }, hosts: ["shop/*"] }, { hosts: ["*/*"] }] };
  expect(imports(spec)).toBe(false);
  expect(imports(spec, REVIEWS, "default", 80)).toBe(true);
  expect(imports({ egress: [{ port: { number: 80 }, hosts: ["*/*"] }] })).toBe(false);
  expect(imports({})).toBe(true);
});

test("the oldest that selects the workload, else that for all, else the root namespace's", () => {
  const all = [
    sidecar("root", egress("istio-system/*"), "istio-system"),
    sidecar("wide", egress("default/*")),
    sidecar("narrow", { ...egress("shop/*"), workloadSelector: { labels: { app: "sleep" } } }),
  ];
  const seen = (labels: Record<string, string>, namespace = "default") =>
    ["istio-system", "default", "shop"].filter((one) =>
      importsOf(all, { namespace, labels }, 80, "istio-system").service(`a.${one}.svc.cluster.local`, one),
    );
  expect(seen({ app: "sleep" })).toEqual(["shop"]);
  expect(seen({ app: "other" })).toEqual(["default"]);
  expect(seen({}, "other")).toEqual(["istio-system"]);
  const { notes } = importsOf(all, { namespace: "default", labels: {} }, 80, "istio-system");
  expect(notes).toEqual([
    "not known: whether Sidecar default/narrow, which selects workloads, is for the caller",
  ]);
});

test("a VirtualService for a wildcard is imported where some host is meant by both", () => {
  const { route } = importsOf([sidecar("one", egress(`*/${REVIEWS}`))], who, 80, "istio-system");
  expect(route(["*.default.svc.cluster.local"], "shop")).toBe(true);
  expect(route(["ratings.default.svc.cluster.local"], "shop")).toBe(false);
});
