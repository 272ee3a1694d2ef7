import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { setSwitch } from "../../src/console/edit.ts";
import { readRules } from "../../src/console/switch.ts";
import type { RuleChange } from "../../src/console/view.ts";
import { orThrow, parsePolicy } from "../../src/index.ts";

interface Wanted extends Pick<RuleChange, "mode" | "scope"> {
  enabled: boolean;
  /** Default: the rule that the page shows at first. */
  number?: number;
}

/** Sets the switch in a text, and checks that it then says so. */
function edit(text: string, { enabled, mode, scope, number }: Wanted, file = "policy.yaml"): string {
  const before = readRules(orThrow(parsePolicy(text, file)));
  const chosen = number ?? before.first ?? "new";
  const after = setSwitch(text, file, { enabled, rule: { number: chosen, mode, scope } });
  const now = readRules(orThrow(parsePolicy(after, file)));
  expect(now.enabled).toBe(enabled);
  const rule = now.rules[chosen === "new" ? before.rules.length : chosen];
  expect({ mode: rule?.mode, scope: sorted(rule?.scope) }).toEqual({ mode, scope: sorted(scope) });
  return after;
}

const sorted = (scope: Wanted["scope"] | undefined) =>
  typeof scope === "object" ? [...scope].sort() : scope;

const on = (scope: Wanted["scope"], mode: Wanted["mode"] = "strict"): Wanted => ({
  enabled: true,
  mode,
  scope,
});

const policy = `# Ours.
version: 1

enabled: true                 # the switch

clusters:   [m1c1, m1c2]
rules:
  # The shop.
  - services: [default/reviews, "payments/*"]   # both
    mode: strict     # no failover

  - services: [checkout/cart]
    callers: ["default/*"]
    mode: prefer
    order: [m1c2]   # the spare
`;

describe("an edit", () => {
  test("of one word changes one word", () => {
    expect(edit(policy, { ...on(["default/reviews", "payments/*"]), enabled: false })).toBe(
      policy.replace("enabled: true ", "enabled: false "),
    );
    expect(edit(policy, on(["default/reviews", "payments/*"], "observe"))).toBe(
      policy.replace("mode: strict", "mode: observe"),
    );
  });

  test("of nothing changes nothing", () => {
    expect(edit(policy, on(["payments/*", "default/reviews"]))).toBe(policy);
  });

  test("of the services changes the list, and keeps the order of what stays", () => {
    expect(edit(policy, on(["default/details", "payments/*"]))).toBe(
      policy.replace('[default/reviews, "payments/*"]', '["payments/*", default/details]'),
    );
    expect(edit(policy, on("all"))).toBe(policy.replace('[default/reviews, "payments/*"]', '["*"]'));
  });

  test("of a list with a line for each service keeps the comments of those that stay", () => {
    const text = `version: 1
clusters: [a, b]
rules:
  - services:
      - default/reviews # the stars
      # Money.
      - payments/till
    mode: strict
`;
    const after = edit(text, on(["default/reviews", "default/details"]));
    expect(after).toContain("- default/reviews # the stars\n");
    expect(after).toContain("- default/details\n");
    expect(after).not.toContain("till");
  });

  test("adds what is not there yet", () => {
    const text = "version: 1\n# The ids.\nclusters: [a, b]\n";
    expect(edit(text, on(["x/y"]))).toBe(
      "version: 1\n# The ids.\nclusters: [a, b]\nrules:\n  - services: [x/y]\n    mode: strict\n",
    );
    expect(setSwitch(text, "policy.yaml", { enabled: false })).toBe(
      "version: 1\nenabled: false\n# The ids.\nclusters: [a, b]\n",
    );
    expect(edit("version: 1\nclusters: [a]\nrules: []\n", on("all"))).toContain('- services: ["*"]\n');
  });

  test("takes away an order that the mode does not have", () => {
    const text =
      "version: 1\nclusters: [a, b]\nrules:\n  - services: [x/y]\n    mode: prefer\n    order: [b]\n";
    expect(edit(text, on(["x/y"]))).toBe(
      "version: 1\nclusters: [a, b]\nrules:\n  - services: [x/y]\n    mode: strict\n",
    );
    expect(edit(text, on(["x/z"], "prefer"))).toContain("order: [b]");
  });

  test("is of one rule; without another wish the first that the switch can change and that is for all requests", () => {
    const text = `version: 1
clusters: [a, b]
rules:
  - {services: [x/off], mode: "off"}
  - {hosts: ["*.example.com"], mode: strict}
  - {services: [x/some], mode: strict, percent: 10}
  - {services: [x/own], mode: strict}
  - {services: [x/other], mode: observe}
`;
    expect(edit(text, on(["x/new"], "prefer"))).toBe(
      text.replace("{services: [x/own], mode: strict}", "{services: [x/new], mode: prefer}"),
    );
    expect(edit(text, { ...on(["x/new"], "prefer"), number: 2 })).toBe(
      text.replace("[x/some], mode: strict, percent", "[x/new], mode: prefer, percent"),
    );
  });

  test("of JSON is JSON", () => {
    const text = JSON.stringify({
      version: 1,
      clusters: ["a"],
      rules: [{ services: ["x/y"], mode: "strict" }],
    });
    expect(JSON.parse(edit(text, on("all", "observe"), "policy.json"))).toEqual({
      version: 1,
      clusters: ["a"],
      rules: [{ services: ["*"], mode: "observe" }],
    });
  });
});

test("each rule is told with what it asks for, and whether the switch can change it", () => {
  const { rules, first, override } = readRules(orThrow(parsePolicy(policy, "policy.yaml")));
  expect({ rules, first, override }).toEqual({
    first: 0,
    override: undefined,
    rules: [
      {
        path: "rules[0]",
        patterns: ["default/reviews", "payments/*"],
        mode: "strict",
        conditions: [],
        scope: ["default/reviews", "payments/*"],
      },
      {
        path: "rules[1]",
        patterns: ["checkout/cart"],
        mode: "prefer",
        conditions: ["callers default/*"],
        order: ["m1c2"],
        scope: ["checkout/cart"],
      },
    ],
  });
  const others = `{version: 1, clusters: [a], rules: [
    {services: [x/off], mode: "off"}, {hosts: ["*.example.com"], services: [x/y], mode: strict},
    {services: [x/some], mode: strict, percent: 10, methods: [GET], paths: [{prefix: /a}, {exact: /}]}]}`;
  const told = readRules(orThrow(parsePolicy(others, "policy.yaml")));
  expect(told.rules.map(({ scope }) => scope)).toEqual([undefined, undefined, ["x/some"]]);
  expect(told.rules[2]).toMatchObject({ percent: 10, conditions: ["paths /a*, /", "methods GET"] });
  expect(told.first).toBe(2);
});

const name = fc.constantFrom("default/reviews", "default/details", "payments/*", "shop/cart", "shop/*");
const scope = fc.oneof(fc.constant("all" as const), fc.uniqueArray(name, { minLength: 1, maxLength: 4 }));
const mode = fc.constantFrom("strict" as const, "prefer" as const, "observe" as const);

test("whatever the text looks like, only the switch changes", () => {
  const rule = fc.record({
    services: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
    mode,
  });
  const style = fc.record({ indent: fc.constantFrom(2, 4), flow: fc.boolean(), seq: fc.boolean() });
  fc.assert(
    fc.property(
      rule,
      style,
      fc.boolean(),
      scope,
      mode,
      fc.boolean(),
      (rule, style, enabled, scope, mode, was) => {
        const value = {
          version: 1,
          enabled: was,
          clusters: ["a", "b"],
          rules: [rule, { hosts: ["*.example.com"], mode: "off" }],
        };
        const options = {
          indent: style.indent,
          indentSeq: style.seq,
          ...(style.flow && { collectionStyle: "flow" as const }),
        };
        const text = `# A comment.\n${stringify(value, options)}# The end.\n`;
        const after = edit(text, { enabled, mode, scope });
        expect(after.startsWith("# A comment.\n") && after.endsWith("# The end.\n")).toBe(true);
        const now = parse(after) as typeof value;
        expect(now.rules[1]).toEqual(value.rules[1]);
        expect(now.clusters).toEqual(value.clusters);
        if (isDeepStrictEqual(now, value)) expect(after).toBe(text);
      },
    ),
    { numRuns: 500 },
  );
});

describe("line ends and anchors", () => {
  const shared = `version: 1
clusters: &all [m1c1, m1c2]
rules:
  - &both
    services: &names [default/reviews, default/ratings]
    mode: &how prefer
    order: *all
  - services: [shop/cart]
    mode: *how
    order: *all
  - <<: *both
    services: [shop/pay]
`;
  const values = (text: string) => orThrow(parsePolicy(text, "policy.yaml")).rules;

  test("those of Windows are kept, whatever is written", () => {
    const text = policy.replaceAll("\n", "\r\n");
    for (const wanted of [on("all"), { ...on(["a/b"], "prefer"), enabled: false }]) {
      const after = edit(text, wanted);
      expect(after.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    }
  });

  test.each([0, 1, 2])("rule %i is changed, and none that shares something with it", (number) => {
    const before = values(shared);
    const after = values(edit(shared, { ...on(["new/one"], "strict"), number }));
    before.forEach((rule, index) => {
      if (index !== number) expect(after[index]).toEqual(rule);
      else expect(after[index]).toEqual({ services: ["new/one"], mode: "strict" });
    });
  });
});
