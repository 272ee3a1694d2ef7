import fc from "fast-check";
import { expect, test } from "vitest";
import { Explainer, parsePolicy } from "../../src/index.ts";
import { policies, questions } from "../support/policies.ts";

/**
 * Without an inventory the filter has only the host to go by, and completes it. `explain` throws where the tools' own matching
 * and the filter disagree about the winner.
 */
test("the filter and the tools agree on who wins, by the host alone", { timeout: 120_000 }, () => {
  const decisions = new Map<string, number>();
  const lost = new Set<string>();
  const agree = fc.property(
    policies,
    fc.array(questions, { minLength: 10, maxLength: 10 }),
    (policy, asked) => {
      const parsed = parsePolicy(JSON.stringify(policy), "policy.yaml");
      fc.pre(parsed.ok);
      const explainer = new Explainer(parsed.value);
      for (const question of asked) {
        const { decision, considered, rule } = explainer.explain(question);
        decisions.set(decision, (decisions.get(decision) ?? 0) + 1);
        const winners = considered.filter(({ won }) => won).map(({ pattern }) => pattern);
        expect(winners).toEqual(rule === undefined || rule === "override" ? [] : [rule]);
        for (const { won, why } of considered) if (!won) lost.add(why.split(" ").slice(0, 4).join(" "));
      }
    },
  );
  fc.assert(agree, { numRuns: 500 });
  expect([...decisions.keys()].sort()).toEqual([
    "observe",
    "off",
    "override",
    "prefer",
    "strict",
    "untouched",
  ]);
  expect(Math.min(...decisions.values())).toBeGreaterThan(50);
  for (const why of [
    "is for the callers",
    "is for the methods",
    "is for the paths",
    "takes any namespace, and",
  ])
    expect([...lost]).toContain(why);
});
