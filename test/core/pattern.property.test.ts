import fc from "fast-check";
import { expect, test } from "vitest";
import { problems } from "./core.ts";
import { clashes, govern, patternsOf } from "./pattern-model.ts";
import { holds, PATIENCE } from "./property.ts";

const DOMAIN = "c.d";

// Few names, so that patterns meet: with each other, and with the hosts that are asked for.
const label = fc.constantFrom("a", "b", "A", "ab");
const service = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(label, label).map((parts) => parts.join("/")) },
  { weight: 2, arbitrary: label.map((namespace) => `${namespace}/*`) },
  { weight: 1, arbitrary: fc.constant("*") },
);
const ending = fc.constantFrom("", ".svc.c.d", ".svc.c.d", ".svc.C.d", ".c.d", ".svc", ".d");
const host = fc
  .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), ending)
  .map(([labels, end]) => labels.join(".") + end);
const hostPattern = fc.oneof(
  { weight: 3, arbitrary: host },
  { weight: 3, arbitrary: host.map((suffix) => `*.${suffix}`) },
  { weight: 1, arbitrary: fc.constantFrom("*", "*.svc.c.d", "*.c.d", "*.d") },
);

const few = <T>(entries: fc.Arbitrary<T>) => fc.array(entries, { minLength: 1, maxLength: 2 });
const rule = fc.record(
  {
    services: few(service),
    hosts: few(hostPattern),
    mode: fc.constantFrom("strict", "prefer", "observe", "off"),
    callers: fc.uniqueArray(fc.constantFrom("a/b", "a/*", "*/b", "a*/b*", "b/a", "*/*"), {
      minLength: 1,
      maxLength: 2,
    }),
    paths: fc.uniqueArray(
      fc.oneof(
        fc.record({ exact: fc.constantFrom("/", "/a", "/ab") }),
        fc.record({ prefix: fc.constantFrom("/", "/a", "/ab") }),
      ),
      { minLength: 1, maxLength: 2, selector: (path) => JSON.stringify(path) },
    ),
    methods: fc.uniqueArray(fc.constantFrom("GET", "PUT", "POST"), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ["mode"] },
);

/** A rule with a pattern at least. */
const whole = fc
  .tuple(rule, service)
  .map(([rule, service]) => (rule.services || rule.hosts ? rule : { ...rule, services: [service] }));

const request = fc.record({
  host: fc.oneof(
    { weight: 2, arbitrary: host },
    { weight: 3, arbitrary: fc.tuple(label, label).map((parts) => `${parts.join(".")}.svc.c.d`) },
  ),
  guessed: fc.boolean(),
  method: fc.constantFrom("GET", "PUT", "POST", "HEAD"),
  path: fc.constantFrom("/", "/a", "/a?b", "/ab", "/b", "/?/a"),
});

test(
  "the rule that is obeyed is the one that the plain words of the model say",
  async () => {
    const cases = fc.record({
      rules: fc.array(whole, { minLength: 1, maxLength: 4 }),
      caller: fc.record({
        namespace: fc.constantFrom("a", "b", "ab"),
        workload: fc.constantFrom("a", "b", "ab"),
      }),
      requests: fc.array(request, { minLength: 2, maxLength: 3 }),
    });
    let accepted = 0;
    await holds(cases, (core, { rules, caller, requests }) => {
      const patterns = patternsOf(rules, DOMAIN);
      const wanted = clashes(patterns);
      const configuration = { version: 1, clusterDomain: DOMAIN, clusters: ["m1c1", "m1c2"], rules };
      const found = problems(core, configuration, caller);
      if (found.join() !== wanted.join()) expect(found).toEqual(wanted);
      if (wanted.length > 0) return;
      accepted++;
      for (const { host, guessed, method, path } of requests) {
        // Only two labels, completed, are ever a guess.
        const possible = /^\w+\.\w+\.svc\.c\.d$/.test(host);
        const plain = { host, guessed: guessed && possible, method, path };
        const rule = core.ruleFor(host, plain.guessed, [`:method: ${method}`, `:path: ${path}`]);
        const wanted = govern(patterns, plain, caller, DOMAIN);
        if (rule !== wanted) expect(rule, JSON.stringify(plain)).toBe(wanted);
      }
    });
    // Otherwise the configurations would be tried for their problems only.
    expect(accepted).toBeGreaterThan(20_000);
  },
  PATIENCE,
);
