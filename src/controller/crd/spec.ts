import { z } from "zod";
import { fieldsOf, leaveOut, type Fields } from "../../input/loose.ts";
import { policySchema } from "../../policy/policy.ts";
import type { PolicyKind } from "./names.ts";
import { structural } from "./structural.ts";

/** What stands in `spec` beside the policy file's fields. */
export interface Extras {
  /** Keep services local that have no ready endpoint in some cluster, where their callers then get errors. */
  allowEmpty?: boolean;
  /** For the whole mesh; of a ClusterLocalMeshPolicy. */
  routing?: string;
}

export const ROUTINGS = ["Auto", "Routes", "Endpoints"] as const;

const ALLOW_EMPTY = {
  type: "boolean",
  default: false,
  description:
    "Keep services local from the beginning although a cluster has no ready endpoint of theirs: callers there get errors (503). Default: such services wait, and the status names them.",
};
const ROUTING = {
  type: "string",
  enum: [...ROUTINGS],
  description:
    "How requests reach the local endpoints, as --routing of `cluster-local generate istio`. Default: Auto.",
};

/** The controller's alone: a file has nobody who goes from step to step. */
const ROLLOUT: Fields = {
  type: "object",
  required: ["steps"],
  description:
    "The rule begins as observe for as long as its first step, then is for a part of its requests, step by step, then for all. It goes back to observe when more of the kept requests fail than of the others, where the controller can ask Prometheus.",
  properties: {
    steps: {
      ...{ type: "array", minItems: 1, maxItems: 20, description: "One after the other." },
      items: {
        type: "object",
        required: ["percent", "for"],
        properties: {
          percent: {
            ...{ type: "integer", minimum: 1, maximum: 100 },
            description: "The rule is for so many of its requests.",
          },
          for: { type: "string", pattern: "^[0-9]{1,6}[smh]$", description: "How long: 30s, 10m, 2h." },
        },
      },
    },
    maxFailures: {
      ...{ type: "number", minimum: 0, maximum: 100, default: 1 },
      description: "So many percent of the kept requests may fail more than of the others. Default: 1.",
    },
  },
};

/** What a namespace's own policy has; all else is the mesh's. */
const NAMESPACED = ["version", "enabled", "rules"];

/** More than people write; without limits the API server cannot tell what the checks below cost. */
const LIMITS = { rules: 1000, patterns: 1000, conditions: 64 };

/** The schema of `spec`: the policy file's, which is its only source. */
export function specSchema(kind: PolicyKind): Fields {
  const { properties, description } = structural(z.toJSONSchema(policySchema, { io: "input" }));
  const { version, clusters, clusterDomain, ...rest } = fieldsOf(properties);
  // With a default, a policy that says nothing could not be told from one that says it.
  const domain = leaveOut(clusterDomain, "default");
  const all: Fields = {
    version: { ...fieldsOf(version), default: 1 },
    clusters: {
      ...fieldsOf(clusters),
      description:
        "The ids of the mesh's clusters. Default: the controller's own and those of Istio's remote secrets.",
    },
    clusterDomain: { ...domain, description: `${String(domain.description)} Default: cluster.local.` },
    ...{ ...rest, rules: rulesSchema(fieldsOf(rest.rules)) },
  };
  const own = Object.entries(all).filter(
    ([name]) => kind === "ClusterLocalMeshPolicy" || NAMESPACED.includes(name),
  );
  const extras = { allowEmpty: ALLOW_EMPTY, ...(kind === "ClusterLocalMeshPolicy" && { routing: ROUTING }) };
  return { type: "object", description, properties: { ...Object.fromEntries(own), ...extras } };
}

function rulesSchema(rules: Fields): Fields {
  const rule = fieldsOf(rules.items);
  const properties = Object.entries(fieldsOf(rule.properties)).map(([name, value]) => {
    const field = fieldsOf(value);
    const maxItems = name === "services" || name === "hosts" ? LIMITS.patterns : LIMITS.conditions;
    if (field.type === "array") return [name, { ...field, maxItems, items: limited(field.items) }] as const;
    return [name, limited(field)] as const;
  });
  const checks = [
    check("has(self.services) || has(self.hosts)", 'names nothing, allowed: "services", "hosts" or both'),
    check("!has(self.order) || self.mode == 'prefer'", '"order" is allowed only with mode "prefer"'),
    check(
      "!has(self.sticky) || has(self.percent) || has(self.rollout)",
      '"sticky" is allowed only with "percent" or "rollout"',
    ),
    check(
      "!has(self.rollout) || (self.mode in ['strict', 'prefer'] && !has(self.percent))",
      '"rollout" is allowed only with mode "strict" or "prefer", and without "percent"',
    ),
  ];
  const all = { ...Object.fromEntries(properties), rollout: ROLLOUT };
  const items = { ...rule, properties: all, "x-kubernetes-validations": checks };
  return { ...rules, maxItems: LIMITS.rules, items };
}

/** Objects of which exactly one field is to be set: `paths` items, `sticky`. */
function limited(value: unknown): Fields {
  const schema = fieldsOf(value);
  const names = Object.keys(fieldsOf(schema.properties));
  if (schema.type !== "object" || names.length !== 2) return schema;
  const [a, b] = names as [string, string];
  const message = `allowed: exactly one of "${a}" or "${b}"`;
  return { ...schema, "x-kubernetes-validations": [check(`has(self.${a}) != has(self.${b})`, message)] };
}

function check(rule: string, message: string): Fields {
  return { rule, message };
}
