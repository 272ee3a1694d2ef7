import type { Fields } from "../input/loose.ts";
import { formatPath } from "../input/path.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Policy } from "../policy/policy.ts";
import { generateIstio } from "../targets/istio/index.ts";
import { ROUTINGS } from "../targets/istio/options.ts";

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
  /** Without it there is no filter. */
  image: string | undefined;
  sha256: string | undefined;
  rootNamespace: string;
}

export interface Generated {
  /** Subsets first, then routes, then the filter. */
  resources: Wanted[];
  /** What keeps a service's requests local, by `namespace/name`. */
  heldBy: Map<string, string>;
  /** The hosts that cannot be kept local: why, and what would help. */
  leftOut: Map<string, string>;
  /** What is wrong with a rule, by its index. */
  wrongRules: Map<number, string>;
  /** What is wrong with the mesh's settings, so that nothing can be made. */
  wrong: string | undefined;
}

/** The generator, which does nothing again while what it would make something of is the same. */
export class Generator {
  private known: { of: string; made: Generated } | undefined;

  constructor(private readonly options: GenerateOptions) {}

  /** @param revision of all that the inventory has, but endpoints */
  make(policy: Policy, inventory: Inventory, routing: string, revision: string): Generated {
    const of = JSON.stringify([policy, routing, revision]);
    if (this.known?.of !== of) this.known = { of, made: generate(policy, inventory, routing, this.options) };
    return this.known.made;
  }
}

/** What keeps the policy's services local, made of what there is. */
export function generate(
  policy: Policy,
  inventory: Inventory,
  routing: string,
  { image, sha256, rootNamespace }: GenerateOptions,
): Generated {
  const { errors, resources, report, leftOut } = generateIstio(policy, inventory, {
    routing: ROUTINGS.find((one) => one === routing.toLowerCase()) ?? "auto",
    ...{ pluginApi: "wasmplugin", failClosed: false, image, sha256, rootNamespace },
  });
  const wrongRules = new Map<number, string>();
  const others: string[] = [];
  for (const { path, message } of errors) {
    const text = `${formatPath(["spec", ...path])}: ${message}`;
    if (path[0] === "rules" && typeof path[1] === "number") wrongRules.set(path[1], text);
    else others.push(text);
  }
  return {
    ...{ resources, wrongRules, wrong: others.length > 0 ? others.join("; ") : undefined },
    heldBy: new Map(report.services.map(({ service, heldBy }) => [service, heldBy.join(" and ")])),
    leftOut: new Map(leftOut.map(({ host, why, edit }) => [host, `${why}; allowed: ${edit}`])),
  };
}
