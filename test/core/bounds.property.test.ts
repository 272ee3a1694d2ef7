import fc from "fast-check";
import { test } from "vitest";
import { problems } from "./core.ts";
import { holds, PATIENCE } from "./property.ts";

// What is sized in one place and written in another: the core build traps where more is written than was reserved.

const label = fc.integer({ min: 1, max: 63 }).map((size) => "a".repeat(size));
const host = fc.array(label, { minLength: 1, maxLength: 8 }).map((labels) => labels.join("."));
const service = fc.tuple(label, fc.oneof(label, fc.constant("*"))).map((parts) => parts.join("/"));
const id = fc.integer({ min: 1, max: 253 }).map((size) => "c".repeat(size));
const name = fc.integer({ min: 1, max: 512 }).map((size) => "n".repeat(size));

test(
  "hosts, labels, names and pins of any size fit into what is reserved for them",
  async () => {
    const configuration = fc.record({
      version: fc.constant(1),
      clusterDomain: host,
      clusters: fc.uniqueArray(id, { minLength: 1, maxLength: 5 }),
      names: fc.dictionary(
        name,
        fc.oneof(
          host,
          fc.tuple(label, label).map((parts) => parts.join("/")),
        ),
      ),
      rules: fc.array(
        fc.record({
          services: fc.uniqueArray(fc.oneof(service, fc.constant("*")), { minLength: 1, maxLength: 5 }),
          hosts: fc.uniqueArray(
            fc.oneof(
              host,
              host.map((text) => `*.${text}`),
            ),
            { minLength: 1, maxLength: 5 },
          ),
          mode: fc.constantFrom("strict", "prefer", "observe", "off"),
        }),
        { maxLength: 5 },
      ),
    });
    await holds(configuration, (core, config) => void problems(core, config));
  },
  PATIENCE,
);
