import type { Topic } from "./topics.ts";

export const ISTIO: Topic = {
  title: "Istio: how a policy gets into a mesh that Istio manages",
  text: `
"generate istio" turns a policy into resources for kubectl. --routing chooses
how requests reach the cluster that they are pinned to:

  virtual-service  (default) supported APIs only: DestinationRules with a subset
                   for each cluster, and routes for the filter's header, woven
                   into the VirtualServices that there are
  envoy-filter     one EnvoyFilter and one DestinationRule a namespace; routes
                   of VirtualServices do not apply to pinned requests
  native           without the filter: Istio's own setting of the mesh, or
                   routes by the callers' labels. Enough where whole services
                   are meant; no callers, paths, shares, dry run or evidence

    $ cluster-local generate istio --policy policy.yaml --inventory inventory --image oci://example.com/cluster-local:1 --out out
    $ kubectl apply -f out

What of the policy a routing cannot do is refused and said. To go back, generate
for a policy without rules, apply that, and run the commands that --prune lists.
`,
};
