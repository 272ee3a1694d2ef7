import { expect, test } from "vitest";
import { generated, istio, routes, service } from "./support.ts";

const STRICT = "[{services: [default/reviews], mode: strict}]";
const MESH = service("reviews") + service("other");
const EAST = "outbound|80|cl-east|reviews.default.svc.cluster.local";
const HOST = "reviews.default.svc.cluster.local:80";

test("a service that nobody routes has Istio's own route", () => {
  expect(routes(generated(STRICT, MESH))).toEqual([`${HOST} default -> ${EAST}`]);
});

test("routes go by the names of RDS: of the route, and of its match", () => {
  const spec = `{hosts: [reviews], http: [
    {name: a, match: [{name: one, uri: {prefix: /1}}, {uri: {prefix: /2}}], route: [{destination: {host: reviews}}]},
    {match: [{name: two, uri: {prefix: /3}}], route: [{destination: {host: reviews}}]},
    {name: away, route: [{destination: {host: other}}]}]}`;
  expect(routes(generated(STRICT, MESH + istio("VirtualService", "v", spec))).sort()).toEqual(
    ["a.one", "a", ".two", "default"].map((name) => `${HOST} ${name} -> ${EAST}`).sort(),
  );
});

test("a route of another host that leads to the service counts, too", () => {
  const spec = "{hosts: [other], http: [{name: r, route: [{destination: {host: reviews}}]}]}";
  expect(routes(generated(STRICT, MESH + istio("VirtualService", "v", spec)))).toContain(
    `other.default.svc.cluster.local:80 r -> ${EAST}`,
  );
});

test("a host that is no service has a virtual host on port 80", () => {
  const spec = "{hosts: [reviews.example.com], http: [{name: r, route: [{destination: {host: reviews}}]}]}";
  expect(routes(generated(STRICT, MESH + istio("VirtualService", "v", spec)))).toContain(
    `reviews.example.com:80 r -> ${EAST}`,
  );
});

test("a wildcard is for the services that no whole name is for", () => {
  const wide = istio(
    "VirtualService",
    "w",
    '{hosts: ["*.default.svc.cluster.local"], http: [{name: wide, route: [{destination: {host: reviews}}]}]}',
  );
  const own = istio(
    "VirtualService",
    "v",
    "{hosts: [reviews], http: [{name: own, route: [{destination: {host: reviews}}]}]}",
  );
  const made = routes(generated(STRICT, MESH + wide + own));
  expect(made).toContain(`other.default.svc.cluster.local:80 wide -> ${EAST}`);
  expect(made).toContain(`${HOST} own -> ${EAST}`);
  expect(made).not.toContain(`${HOST} wide -> ${EAST}`);
});

test("delegates are merged before their routes are named", () => {
  const root = istio(
    "VirtualService",
    "root",
    "{hosts: [reviews], http: [{name: top, delegate: {name: leaf}}]}",
  );
  const leaf = istio(
    "VirtualService",
    "leaf",
    "{http: [{name: sub, route: [{destination: {host: reviews}}]}]}",
  );
  expect(routes(generated(STRICT, MESH + root + leaf))).toContain(`${HOST} top-sub -> ${EAST}`);
});

test.each([
  [
    "matches of both have both names",
    "match: [{uri: {prefix: /a}, name: m}]",
    "match: [{uri: {exact: /a/b}, name: k}]",
    "top-sub.m-k",
  ],
  [
    "only one of them has one",
    "match: [{uri: {prefix: /a}, name: m}]",
    "match: [{uri: {exact: /a/b}}]",
    "top-sub.m",
  ],
])("where %s, so has the route", (_, above, below, name) => {
  const root = `{hosts: [reviews], http: [{name: top, ${above}, delegate: {name: leaf}}]}`;
  const leaf = `{http: [{name: sub, ${below}, route: [{destination: {host: reviews}}]}]}`;
  const made = routes(
    generated(STRICT, MESH + istio("VirtualService", "root", root) + istio("VirtualService", "leaf", leaf)),
  );
  expect(made.join()).toContain(`${HOST} ${name} -> ${EAST}`);
});

test.each([
  ["has hosts of its own", "hosts: [other], "],
  ["is not shown to the namespace", "exportTo: [shop], "],
])("nobody delegates to one that %s", (_, more) => {
  const root = "{hosts: [reviews], http: [{name: top, delegate: {name: leaf}}]}";
  const leaf = `{${more}http: [{name: sub, route: [{destination: {host: reviews}}]}]}`;
  const made = routes(
    generated(STRICT, MESH + istio("VirtualService", "root", root) + istio("VirtualService", "leaf", leaf)),
  );
  expect(made.filter((one) => one.startsWith(HOST))).toEqual([`${HOST} default -> ${EAST}`]);
});

test("routes without names are patched together where all lead to one place", () => {
  const spec =
    "{hosts: [reviews], http: [{match: [{uri: {prefix: /a}}], timeout: 1s, route: [{destination: {host: reviews}}]}, {route: [{destination: {host: reviews}}]}]}";
  expect(routes(generated(STRICT, MESH + istio("VirtualService", "v", spec)))).toEqual([
    `${HOST} (all) -> ${EAST}`,
    `${HOST} default -> ${EAST}`,
  ]);
});

test("of two VirtualServices for one host the older one counts, and it is said which", () => {
  const old = istio(
    "VirtualService",
    "z",
    "{hosts: [reviews], http: [{name: old, route: [{destination: {host: reviews}}]}]}",
    ', creationTimestamp: "2026-01-01T00:00:00Z"',
  );
  const young = istio(
    "VirtualService",
    "a",
    "{hosts: [reviews], http: [{name: young, route: [{destination: {host: reviews}}]}]}",
    ', creationTimestamp: "2026-02-01T00:00:00Z"',
  );
  const output = generated(STRICT, MESH + young + old);
  expect(routes(output)).toContain(`${HOST} old -> ${EAST}`);
  expect(routes(output).join()).not.toContain("young");
  expect(output.warnings.inventory.map(({ path, message }) => `${path} ${message}`).join()).toMatch(
    /VirtualService default\/a: spec.hosts is for .*, as VirtualService default\/z is: Istio obeys the older one/,
  );
});

test("one that few namespaces see counts beside the one that all see", () => {
  const few = istio(
    "VirtualService",
    "few",
    '{exportTo: ["."], hosts: [reviews], http: [{name: few, route: [{destination: {host: reviews}}]}]}',
  );
  const all = istio(
    "VirtualService",
    "all",
    "{hosts: [reviews], http: [{name: all, route: [{destination: {host: reviews}}]}]}",
  );
  const made = routes(generated(STRICT, MESH + all + few)).join();
  expect(made).toContain("few");
  expect(made).toContain("all");
});

test("a weight of nothing leads nowhere, and a destination's port is its own", () => {
  const spec =
    "{hosts: [other], http: [{name: r, route: [{destination: {host: reviews, port: {number: 81}}, weight: 100}, {destination: {host: other}, weight: 0}]}]}";
  const mesh = service("reviews", "{name: http, port: 80}, {name: http-b, port: 81}") + service("other");
  expect(routes(generated(STRICT, mesh + istio("VirtualService", "v", spec)))).toContain(
    "other.default.svc.cluster.local:80 r -> outbound|81|cl-east|reviews.default.svc.cluster.local",
  );
});

test("weights that a rollout sets are left to the endpoints; those of people are kept in the route", () => {
  const spec =
    "{hosts: [reviews], http: [{name: r, route: [{destination: {host: reviews}, weight: 90}, {destination: {host: other}, weight: 10}]}]}";
  const people = generated(STRICT, MESH + istio("VirtualService", "v", spec));
  expect(routes(people)).toContain(`${HOST} r -> (choice)`);
  expect(people.report.copies).toEqual([
    { of: "VirtualService default/v", owner: undefined, what: "weights of routes" },
  ]);
  const mark = ", ownerReferences: [{apiVersion: flagger.app/v1beta1, kind: Canary, name: c}]";
  const flagger = generated(STRICT, MESH + istio("VirtualService", "v", spec, mark));
  expect(routes(flagger)).toEqual([`${HOST} default -> ${EAST}`]);
  expect(flagger.report.services[0]!.heldOnce.join()).toContain("weights that Flagger sets");
});

test("gateways' routes are patched where rules name gateways as callers, and nowhere else", () => {
  const gateway = `${service("gw", "{name: http, port: 80}", "", "edge").replace("selector: {app: gw}", "selector: {istio: gw}")}---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec: {selector: {istio: gw}, servers: [{port: {number: 443, protocol: HTTPS}, tls: {mode: SIMPLE}, hosts: ["*"]}]}
`;
  const spec =
    "{hosts: [shop.example.com], gateways: [edge/public], http: [{name: web, route: [{destination: {host: reviews}}]}]}";
  const mesh = MESH + gateway + istio("VirtualService", "v", spec);
  const named = "[{services: [default/reviews], mode: strict, callers: [edge/gw]}]";
  const output = generated(named, mesh, { image: "oci://x/y" });
  expect(routes(output, "GATEWAY")).toEqual(["shop.example.com:443 web -> (choice)"]);
  expect(routes(output)).toEqual([]);
  expect(routes(generated(STRICT, mesh, { image: "oci://x/y" }), "GATEWAY")).toEqual([]);
});
