import { describe, expect, test } from "vitest";
import { edited, generated, istio, named, patches, service } from "./support.ts";

const STRICT = "[{services: [default/reviews], mode: strict}]";
const MESH = service("reviews") + service("other");

/** Each way out that a message gives, taken: what was left out is kept local then. */
describe("advice leads to acceptance", () => {
  const unnamed = istio(
    "VirtualService",
    "v",
    `{hosts: [reviews], http: [
    {match: [{uri: {prefix: /a}}], route: [{destination: {host: other}}]}, {route: [{destination: {host: reviews}}]}]}`,
  );

  test("a name of its own", () => {
    const before = generated(STRICT, MESH + unnamed, { routing: "routes" });
    expect(before.leftOut).toMatchObject([
      { service: "default/reviews", edit: "a name of its own: spec.http[1].name" },
    ]);
    expect(before.resources).toEqual([]);
    const after = edited(MESH + unnamed, (object) => {
      const { spec, kind } = object as unknown as { kind: string; spec: { http: { name?: string }[] } };
      if (kind === "VirtualService") spec.http[1]!.name = "reviews";
    });
    expect(generated(STRICT, after, { routing: "routes" }).leftOut).toEqual([]);
    // The endpoints need no names.
    const auto = generated(STRICT, MESH + unnamed);
    expect(auto.leftOut).toEqual([]);
    expect(auto.report.services[0]!.heldOnce.join()).toContain("spec.http[1] has no name");
  });

  test("--image", () => {
    const rules = "[{services: [default/reviews], mode: strict, methods: [GET]}]";
    expect(generated(rules, MESH).leftOut).toMatchObject([{ edit: "--image URL" }]);
    expect(generated(rules, MESH, { image: "oci://x/y" }).leftOut).toEqual([]);
  });

  test("--routing auto", () => {
    const rules = "[{services: [default/reviews], mode: prefer}]";
    expect(generated(rules, MESH, { routing: "endpoints" }).leftOut[0]!.edit).toContain("--routing auto");
    expect(generated(rules, MESH).leftOut).toEqual([]);
    expect(generated(rules, MESH, { routing: "mesh-config" }).leftOut[0]!.edit).toBe("--routing auto");
  });

  test("a rule with mode off, for a headless service and for a host of a ServiceEntry", () => {
    const mesh = `${MESH}${service("peers").replace("10.0.0.1", "None")}${istio("ServiceEntry", "s", "{hosts: [api.example.com], ports: [{number: 80, name: http, protocol: HTTP}]}")}`;
    const all = '{services: ["*"], hosts: ["*.example.com"], mode: strict}';
    const before = generated(`[${all}]`, mesh);
    expect(before.leftOut.map((one) => one.service).sort()).toEqual(["api.example.com", "default/peers"]);
    expect(named(before, "DestinationRule").map(({ metadata }) => metadata.name)).toEqual([
      "cluster-local-other",
      "cluster-local-reviews",
    ]);
    const off = '{services: [default/peers], hosts: ["api.example.com"], mode: "off"}';
    expect(generated(`[${off}, ${all}]`, mesh).leftOut).toEqual([]);
  });

  test("another load balancer than PASSTHROUGH", () => {
    const rule = istio(
      "DestinationRule",
      "d",
      "{host: reviews, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}",
    );
    expect(generated(STRICT, MESH + rule).leftOut[0]!.edit).toContain(
      "spec.trafficPolicy.loadBalancer.simple",
    );
    expect(generated(STRICT, MESH + rule.replace("PASSTHROUGH", "RANDOM")).leftOut).toEqual([]);
  });

  test("the same exportTo in both", () => {
    const rules =
      istio("DestinationRule", "a", '{host: reviews, exportTo: ["."]}') +
      istio("DestinationRule", "b", "{host: reviews}");
    expect(generated(STRICT, MESH + rules).leftOut[0]!.edit).toBe("the same spec.exportTo in both");
    expect(generated(STRICT, MESH + rules.replace(', exportTo: ["."]', "")).leftOut).toEqual([]);
  });

  test("the same object in every file", () => {
    const files = (timeouts: string[]) =>
      timeouts.map((timeout, index) => ({
        file: `${index}.yaml`,
        text:
          MESH +
          istio(
            "VirtualService",
            "v",
            `{hosts: [reviews], http: [{timeout: ${timeout}, route: [{destination: {host: reviews}}]}]}`,
          ),
      }));
    expect(generated(STRICT, files(["1s", "2s"])).leftOut[0]!.edit).toBe("the same in every file");
    expect(generated(STRICT, files(["1s", "1s"])).leftOut).toEqual([]);
  });

  test("--routing auto, for an override", () => {
    const override = "override: {header: x-send-to, allow: [east, west], from: [default]}\n";
    for (const routing of ["endpoints", "mesh-config"] as const)
      expect(generated(STRICT, MESH, { routing }, override).leftOut[0]!.edit).toBe(
        "--routing auto --image URL",
      );
    expect(generated(STRICT, MESH, { image: "oci://x/y" }, override).leftOut).toEqual([]);
  });

  test("for a service without a port for HTTP: a rule with mode off, or auto and strict", () => {
    const rules = "[{services: [default/db], mode: strict}]";
    const mesh = service("db", "{name: tcp, port: 5432}");
    const advice =
      'a rule with mode "off" for it, or, where each cluster has endpoints of it, --routing auto and a strict rule without conditions';
    expect(generated(rules, mesh, { routing: "routes" }).leftOut).toMatchObject([{ edit: advice }]);
    expect(generated(rules.replace("strict", '"off"'), mesh, { routing: "routes" }).leftOut).toEqual([]);
    expect(generated(rules.replace("strict", "prefer"), mesh).leftOut).toMatchObject([{ edit: advice }]);
    expect(generated(rules, mesh).leftOut).toEqual([]);
  });

  test("a name of its own, among routes of one name", () => {
    const routes = (second: string) =>
      istio(
        "VirtualService",
        "v",
        `{hosts: [reviews], http: [
        {name: r, match: [{uri: {prefix: /a}}], route: [{destination: {host: other}}]}, {name: ${second}, route: [{destination: {host: reviews}}]}]}`,
      );
    const before = generated(STRICT, MESH + routes("r"), { routing: "routes" });
    expect(before.leftOut[0]!.edit).toBe("a name of its own: spec.http[1].name");
    expect(generated(STRICT, MESH + routes("s"), { routing: "routes" }).leftOut).toEqual([]);
  });

  test("another name for a DestinationRule of the user's", () => {
    const rule = istio("DestinationRule", "cluster-local-reviews", "{host: reviews}");
    expect(generated(STRICT, MESH + rule).leftOut[0]!.edit).toBe("another name for yours");
    expect(generated(STRICT, MESH + rule.replace("cluster-local-reviews", "mine")).leftOut).toEqual([]);
  });

  test("headers at the route", () => {
    const weighted = (one: string, route: string) =>
      istio(
        "VirtualService",
        "v",
        `{hosts: [reviews], http: [{name: r${route}, route: [{destination: {host: reviews}, weight: 50${one}}, {destination: {host: other}, weight: 50}]}]}`,
      );
    const headers = ", headers: {request: {set: {a: b}}}";
    const before = generated(STRICT, MESH + weighted(headers, ""), { routing: "routes" });
    expect(before.leftOut[0]!.edit).toContain("write them in spec.http[0].headers");
    expect(generated(STRICT, MESH + weighted("", headers), { routing: "routes" }).leftOut).toEqual([]);
  });
});

test("a problem costs the services that it is about, and the filter does not count them", () => {
  const file = (name: string, timeout: string) => ({
    ...{ file: `${name}.yaml`, cluster: name },
    text:
      MESH +
      istio(
        "VirtualService",
        "v",
        `{hosts: [reviews], http: [{name: r, timeout: ${timeout}, route: [{destination: {host: reviews}}]}]}`,
      ),
  });
  const output = generated(
    '[{services: ["default/*"], mode: strict}]',
    [file("east", "1s"), file("west", "2s")],
    { image: "oci://x/y" },
  );
  expect(output.leftOut).toMatchObject([{ service: "default/reviews" }]);
  expect(output.leftOut[0]!.why).toMatch(/VirtualService default\/v differs from the one in east.yaml/);
  expect(output.report.services.map((one) => one.service)).toEqual(["default/other"]);
  const [plugin] = named(output, "WasmPlugin");
  expect((plugin!.spec.pluginConfig as { rules: unknown[] }).rules[0]).toEqual({
    hosts: ["reviews.default.svc.cluster.local"],
    mode: "off",
  });
});

test("a cluster that the inventory has and the policy lacks is an error that names the rules", () => {
  const slice =
    "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {name: s, namespace: shop}\n";
  const files = ["east", "west", "north"].map((place) => ({
    ...{ file: `${place}.yaml`, text: MESH + slice, place },
    ...(place !== "north" && { cluster: place }),
  }));
  const [error] = generated(STRICT, files).errors;
  expect(error!.message).toMatch(
    /a cluster "north" that is not listed, and rules\[0\] is for its callers, too/,
  );
  const elsewhere = "[{services: [default/reviews], mode: strict, callers: [other/*]}]";
  expect(generated(elsewhere, files).errors).toEqual([]);
});

test("endpoints are never patched where Envoy would refuse them, nor where rules depend on the request", () => {
  const mesh = MESH + service("db", "{name: tcp, port: 5432}, {name: dns, port: 53, protocol: UDP}");
  const services = patches(generated('[{services: ["default/*"], mode: strict}]', mesh))
    .filter((one) => one.applyTo === "CLUSTER" && one.patch.operation === "MERGE")
    .map((one) => one.match.cluster!.name ?? one.match.cluster!.service);
  expect(services).toContain("outbound|5432||db.default.svc.cluster.local");
  expect(services.join()).not.toContain("|53|");
  const conditional = generated("[{services: [default/reviews], mode: strict, methods: [GET]}]", mesh, {
    image: "oci://x/y",
  });
  expect(JSON.stringify(conditional.resources)).not.toContain("eds_cluster_config");
});

test("debug adds a response header, where there is a filter to tell of", () => {
  const debug = (image: string | undefined) =>
    JSON.stringify(generated(STRICT, MESH, { image }, "debug: true\n").resources);
  expect(debug("oci://x/y")).toContain('"key":"x-cluster-local-decision"');
  expect(debug(undefined)).not.toContain("x-cluster-local-decision");
});

test("what comes later to a service has no endpoints: the patch for all its Envoy clusters stands before those by name", () => {
  const [first, ...others] = patches(generated(STRICT, MESH)).filter((one) =>
    JSON.stringify(one).includes("eds_cluster_config"),
  );
  expect(first!.match.cluster).toEqual({ service: "reviews.default.svc.cluster.local" });
  expect(others.map((one) => one.match.cluster!.name)).toEqual([
    "outbound|80||reviews.default.svc.cluster.local",
    "outbound|80|cl-east|reviews.default.svc.cluster.local",
  ]);
});
