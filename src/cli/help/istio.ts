import type { Topic } from "./topic.ts";

export const ISTIO: Topic = {
  title: "Istio: how a policy gets into a mesh that Istio manages",
  text: `
"generate istio" turns a policy into resources for kubectl, all of them new:
nothing of yours is changed. --routing chooses what keeps requests local:

  auto         (default) routes and endpoints both, for rules that are strict
               and without conditions; routes for all others
  routes       the routes that exist lead to the own cluster's subset
  endpoints    Envoy's clusters have the own cluster's endpoints alone: every
               protocol, but strict without conditions only
  mesh-config  Istio's own setting of the mesh, for those who may not write
               EnvoyFilters

    $ cluster-local generate istio --policy policy.yaml --inventory inventory --out out
    $ kubectl apply -f out

Rules with conditions and overrides need the filter: --image says where it is.
Services that cannot be kept local are left out and named, with the edit that
would help; the exit code is 3 then. --check compares what is applied with what
would be generated. To go back, generate for a policy without rules with --prune
and run the commands that it lists.
`,
};
