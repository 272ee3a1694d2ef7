import { didYouMean } from "../input/nearest.ts";
import { formatPath, type Path } from "../input/path.ts";
import type { Finding } from "../input/problem.ts";
import { admitsCaller } from "../policy/conditions.ts";
import { namespaceName } from "../policy/names.ts";
import type { Policy } from "../policy/policy.ts";
import type { Caller, Mesh } from "./model.ts";

/** What the policy says of callers that the inventory does not have, or that have no filter to obey it. */
export function warnCallers({ rules, override }: Policy, mesh: Mesh): Finding[] {
  const callers = withFilter(mesh);
  const names = new Set(callers.map(({ namespace, workload }) => `${namespace}/${workload}`));
  const namespaces = new Set(callers.map(({ namespace }) => namespace));
  const ofRules = callersOf(rules).filter(
    ({ text }) => !callers.some((caller) => admitsCaller({ callers: [text] }, caller)),
  );
  const from = (override?.from ?? []).map((text, index) => ({ text, path: ["override", "from", index] }));
  return [
    ...ofRules.map(({ text, path }): Finding => ({
      code: "CL0306",
      path,
      message: `${JSON.stringify(text)} matches no caller of the inventory that has the filter`,
      hint: didYouMean(text, names),
    })),
    ...from
      .filter(({ text }) => !namespaces.has(text))
      .map(({ text, path }): Finding => ({
        code: "CL0306",
        path,
        message: `${JSON.stringify(text)} is the namespace of no caller of the inventory that has the filter`,
        hint: didYouMean(text, namespaces),
      })),
  ];
}

/**
 * Callers whose workload is no DNS label, where a rule compares it. The filter refuses such a configuration: to leave the
 * rule out would let through what it was written to hold.
 */
export function unnamedWorkloads({ rules }: Policy, mesh: Mesh): Finding[] {
  const compared = callersOf(rules).filter(({ text }) => !text.endsWith("/*"));
  return withFilter(mesh)
    .filter(({ workload }) => !namespaceName.safeParse(workload).success)
    .flatMap(({ namespace, workload, path }) => {
      const by = compared.find(({ text }) => {
        const anyWorkload = `${text.slice(0, text.indexOf("/"))}/*`;
        return admitsCaller({ callers: [anyWorkload] }, { namespace, workload });
      });
      if (!by) return [];
      const message = `found the workload ${JSON.stringify(workload)}, allowed: a DNS label, for the policy's ${formatPath(by.path)} is compared with it`;
      return [{ code: "CL0307", path, message }];
    });
}

function withFilter(mesh: Mesh): Caller[] {
  return mesh.callers.filter(({ plugin }) => plugin);
}

function callersOf(rules: Policy["rules"]): { text: string; path: Path }[] {
  return rules.flatMap(({ callers = [] }, rule) =>
    callers.map((text, index) => ({ text, path: ["rules", rule, "callers", index] })),
  );
}
