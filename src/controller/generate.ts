import type { Fields } from "../input/loose.ts";
import { formatPath } from "../input/path.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio } from "../targets/istio/index.ts";
import { CLUSTER_LABEL } from "../targets/istio/options.ts";

/** The only file of the controller that calls the generator. */

/** An object for server-side apply. */
export interface Wanted {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec: Fields;
}

/** What is the same for all that the controller makes. */
export interface GenerateOptions {
  image: string | undefined;
  sha256: string | undefined;
  rootNamespace: string;
}

export interface Generated {
  /** Subsets first, then routes, then the filter. */
  resources: Wanted[];
  /** What is wrong with a rule, by its index. */
  wrongRules: Map<number, string>;
  /** What is wrong with objects of users, for whom it may be. */
  problems: string[];
}

/** What keeps the policy's services local, made of what there is. */
export function generate(policy: Policy, inventory: Inventory, options: GenerateOptions): Generated {
  const output = generateIstio(policy, inventory, {
    ...{ routing: "envoy-filter", native: "cluster-local", pluginApi: "wasmplugin" },
    ...{ image: options.image ?? "", sha256: options.sha256, failClosed: false },
    ...{ clusterLabel: CLUSTER_LABEL, rootNamespace: options.rootNamespace },
  });
  const wrongRules = new Map<number, string>();
  for (const { path, message } of output.errors) {
    const [list, index] = path;
    if (list === "rules" && typeof index === "number")
      wrongRules.set(index, `${formatPath(["spec", ...path])}: ${message}`);
  }
  const problems = output.problems.map(({ path, message }) => `${path}: ${message}`);
  return { resources: output.resources, wrongRules, problems };
}
