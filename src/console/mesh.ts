import { explain, type Explanation, type Question } from "../explain/index.ts";
import type { Problem } from "../input/problem.ts";
import type { Source } from "../input/source.ts";
import { checkPolicy } from "../inventory/check-policy.ts";
import type { Inventory } from "../inventory/kubernetes/model.ts";
import type { Mesh } from "../inventory/model.ts";
import type { Policy } from "../policy/policy.ts";
import { topologyOfKubernetes, topologyOfMesh, type Topology } from "./topology.ts";

/** The mesh that the page is about: of plain Envoys, or of Istio. */
export interface ConsoleMesh {
  readonly topology: Topology;
  /** What the page says of the effect of its switch. */
  readonly effect: { live: boolean; text: string };
  /** What a policy and the inventory say of each other. Throws FileError. */
  check(policy: Policy, source: Source): { errors: Problem[]; warnings: Problem[] };
  /** Makes a policy that was checked take effect; the paths of what was written. Rejects with FileError. */
  apply(policy: Policy): Promise<string[]>;
  /** Throws QuestionError. */
  explain(policy: Policy, question: Question, source: Source): Explanation;
}

export interface EnvoyMeshOptions {
  /** An inventory that was read, and its file. */
  mesh: Mesh;
  source: Source;
  /** The proxies' admin addresses; default: those of the inventory's callers. */
  admins: readonly string[] | undefined;
  /** Does what `generate envoy` does; returns the paths of what it wrote. */
  generate: (policy: Policy, mesh: Mesh) => Promise<string[]>;
  /** Where to, in words. */
  out: string;
}

/** Plain Envoys, of mesh.yaml: what is generated, they take up at once. */
export function envoyMesh({ mesh, source: file, admins, generate, out }: EnvoyMeshOptions): ConsoleMesh {
  return {
    topology: topologyOfMesh(mesh, admins),
    effect: {
      live: true,
      text: `A change is written to the policy file and, for the Envoys, to ${out}: they take it up at once.`,
    },
    check(policy, source) {
      const { errors, warnings } = checkPolicy(policy, mesh);
      return {
        errors: file.problems(errors),
        warnings: [...source.problems(warnings.policy), ...file.problems(warnings.mesh)],
      };
    },
    apply: (policy) => generate(policy, mesh),
    explain: (policy, question, source) => explain(policy, question, mesh, source),
  };
}

export interface IstioMeshOptions {
  /** For the topology; what is generated from it is up to `generate istio`. */
  inventory: Inventory;
  clusters: readonly string[];
  admins: readonly string[];
}

/** Istio: the page shows what the sidecars do, and writes the policy file, no more. */
export function istioMesh({ inventory, clusters, admins }: IstioMeshOptions): ConsoleMesh {
  return {
    topology: topologyOfKubernetes(inventory, clusters, admins),
    effect: {
      live: false,
      text: "A change is written to the policy file only. In an Istio mesh it takes effect when you run `cluster-local generate istio` and apply what it writes with kubectl.",
    },
    check: () => ({ errors: [], warnings: [] }),
    apply: () => Promise.resolve([]),
    explain: (policy, question, source) => explain(policy, question, inventory, source),
  };
}
