import { beforeAll, describe, expect, test } from "vitest";
import { type Caller, type Core, loadCore, problems } from "./core.ts";

let core: Core;
beforeAll(async () => {
  core = await loadCore();
});

function compile(fields: object, caller?: Caller): void {
  expect(problems(core, { version: 1, ...fields }, caller)).toEqual([]);
}

describe("override", () => {
  const override = { header: "x-send-to", allow: ["local", "m1c2", "any"], from: ["ops", "default"] };

  test.each([
    ["local", "override strict m1c1"],
    ["m1c2", "override strict m1c2"],
    ["any", "override off *"],
    ["m1c1", ""],
    ["m1c3", ""],
    ["Local", ""],
    ["m1c", ""],
    ["m1c2,any", ""],
    [" m1c2", ""],
    ["", ""],
  ])("%j leads to %j", (value, pattern) => {
    compile({ override, rules: [{ services: ["a/b"], mode: "strict" }] });
    expect(core.overrideFor(value)).toBe(pattern);
    expect(core.ruleFor("b.a.svc.cluster.local", false, [])).toBe("a/b strict");
  });

  test.each(["shop", "default-2", "defaul", null])("is not for callers in %s", (namespace) => {
    compile({ override }, { namespace });
    expect(["local", "m1c2", "any"].map((value) => core.overrideFor(value))).toEqual(["", "", ""]);
  });

  test("is not there unless it is configured", () => {
    compile({});
    expect(core.overrideFor("any")).toBe("");
  });
});

describe("names", () => {
  beforeAll(() => {
    compile({
      clusterDomain: "mesh.example",
      names: {
        reviews: "default/Reviews",
        "Ratings-V1|x": "default/ratings",
        "api:443": "API.example.com",
        "\u0065scaped": "a/b",
      },
    });
  });
  test.each([
    ["reviews", "reviews.default.svc.mesh.example"],
    ["REVIEWS", "reviews.default.svc.mesh.example"],
    ["ratings-v1|X", "ratings.default.svc.mesh.example"],
    ["api:443", "api.example.com"],
    ["escaped", "b.a.svc.mesh.example"],
    ["review", ""],
    ["x.reviews", ""],
    ["", ""],
  ])("%j stands for %j", (cluster, host) => {
    expect(core.hostNamed(cluster)).toBe(host);
  });

  test("none", () => {
    compile({ names: {} });
    expect(core.hostNamed("reviews")).toBe("");
  });
});
