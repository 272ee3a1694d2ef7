import fc from "fast-check";
import { expect, test } from "vitest";
import { inName, SubsetNames } from "../../../src/targets/istio/names.ts";
import { nameOf } from "../../../src/targets/istio/envoy-filter/resource.ts";

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const label = fc.stringMatching(/^[a-z0-9](?:[-a-z0-9]{0,8}[a-z0-9])?$/);
const long = fc.stringMatching(/^[a-z0-9][-a-z0-9]{40,61}[a-z0-9]$/);
const cluster = fc.oneof(label, long, fc.stringMatching(/^[A-Za-z0-9][-A-Za-z0-9_.]{0,61}[A-Za-z0-9]$/));
const version = fc.oneof(fc.constant(""), label, long);
const pair = fc.tuple(cluster, version);

test("a subset prod in cluster east and the cluster prod-east have names of their own", () => {
  const names = new SubsetNames(new Set());
  expect(names.name("east", "prod")).toBe("cl-east--prod");
  expect(names.name("prod-east")).toBe("cl-prod-east");
  expect(names.name("east--prod")).not.toBe("cl-east--prod");
});

test("different pairs never have one name, whatever the user's subsets are called", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(pair, { selector: (one) => JSON.stringify(one), minLength: 2 }),
      fc.array(label),
      (pairs, users) => {
        const plain = new SubsetNames(new Set());
        const taken = new Set([...users, ...pairs.slice(0, 1).map(([id, subset]) => plain.name(id, subset))]);
        const names = new SubsetNames(taken);
        const made = pairs.map(([id, subset]) => names.name(id, subset));
        expect(new Set(made).size).toBe(pairs.length);
        for (const name of made) {
          expect(name).toMatch(LABEL);
          expect(taken.has(name)).toBe(false);
        }
        expect(pairs.map(([id, subset]) => new SubsetNames(taken).name(id, subset))).toEqual(made);
      },
    ),
    { numRuns: 2000 },
  );
});

test("EnvoyFilters of different clusters never have one name", () => {
  const place = fc.tuple(cluster, fc.integer({ min: 0, max: 30 }));
  fc.assert(
    fc.property(fc.uniqueArray(place, { selector: (one) => JSON.stringify(one), minLength: 2 }), (places) => {
      const names = places.map(([id, index]) => nameOf(id, index));
      expect(new Set(names).size).toBe(places.length);
      for (const name of names) expect(name).toMatch(/^[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?$/);
    }),
    { numRuns: 2000 },
  );
  expect(inName("East_1")).toMatch(/^x\.[0-9a-f]{16}$/);
});
