import { expect, test } from "vitest";
import { generated, istio, named, service, subsets } from "./support.ts";

const STRICT = "[{services: [default/reviews], mode: strict}]";
const MESH = service("reviews");
const rulesOf = (mesh: string) =>
  named(generated(STRICT, mesh), "DestinationRule").map((one) => ({
    ...one,
    title: `${one.metadata.namespace}/${one.metadata.name}`,
  }));

test("version subsets are kept and intersected", () => {
  const user = istio(
    "DestinationRule",
    "d",
    "{host: reviews, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {tls: {mode: SIMPLE}}}]}",
  );
  const [rule] = rulesOf(MESH + user);
  expect(subsets(rule!)).toEqual({
    "cl-east": { "topology.istio.io/cluster": "east" },
    "cl-east--v1": { version: "v1", "topology.istio.io/cluster": "east" },
    "cl-west": { "topology.istio.io/cluster": "west" },
    "cl-west--v1": { version: "v1", "topology.istio.io/cluster": "west" },
  });
  expect(JSON.stringify(rule!.spec)).toContain('"tls":{"mode":"SIMPLE"}');
  expect(rule!.spec.trafficPolicy).toBeUndefined();
});

test("a subset of another cluster is empty, never re-pointed, and it is said", () => {
  const user = istio(
    "DestinationRule",
    "d",
    "{host: reviews, subsets: [{name: site, labels: {topology.istio.io/cluster: west}}]}",
  );
  const output = generated(STRICT, MESH + user);
  const [rule] = named(output, "DestinationRule");
  expect(subsets(rule!)["cl-east--site"]).toEqual({
    "topology.istio.io/cluster": "west",
    "cluster-local/nowhere": "nowhere",
  });
  expect(output.warnings.inventory.map(({ message }) => message).join()).toMatch(
    /the subset site is in west alone: .* 503/,
  );
});

test("what a rule of ours would hide is copied", () => {
  const wide = istio(
    "DestinationRule",
    "w",
    '{host: "*.default.svc.cluster.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}, subsets: [{name: v1, labels: {version: v1}}]}',
  );
  const output = generated(STRICT, MESH + wide);
  const [rule] = named(output, "DestinationRule");
  expect(rule!.spec.trafficPolicy).toEqual({ tls: { mode: "ISTIO_MUTUAL" } });
  expect(Object.keys(subsets(rule!))).toContain("v1");
  expect(output.report.copies.map(({ of }) => of)).toEqual(["DestinationRule default/w"]);
});

test("callers that obey rules of their own namespace get the subsets there, and those of a selector with it", () => {
  const shop = istio("DestinationRule", "s", "{host: reviews.default.svc.cluster.local}").replace(
    "namespace: default",
    "namespace: shop",
  );
  const some = istio("DestinationRule", "w", "{host: reviews, workloadSelector: {matchLabels: {app: cart}}}");
  const rules = rulesOf(MESH + shop + some);
  expect(rules.map(({ title }) => title)).toEqual([
    "default/cluster-local-reviews",
    expect.stringMatching(/^default\/cluster-local-reviews\.default\.[0-9a-f]{16}$/) as string,
    "shop/cluster-local-reviews.default",
  ]);
  expect(rules[1]!.spec.workloadSelector).toEqual({ matchLabels: { app: "cart" } });
});

test("exportTo is kept, and callers that it leaves out get rules of their own", () => {
  const user = istio("DestinationRule", "d", '{host: reviews, exportTo: [".", client]}');
  const client = service("a", undefined, "", "client");
  const rules = rulesOf(MESH + client + user);
  expect(rules.map(({ title, spec }) => [title, spec.exportTo])).toEqual([
    ["default/cluster-local-reviews", [".", "client"]],
  ]);
  const others = rulesOf(MESH + client + service("b", undefined, "", "blind") + user);
  expect(others.map(({ title }) => title)).toEqual([
    "blind/cluster-local-reviews.default",
    "default/cluster-local-reviews",
  ]);
});
