import type { Topic } from "./topic.ts";

export const POLICY: Topic = {
  title: "The policy: which services keep their requests in the caller's cluster",
  text: `
A policy is one YAML file for the whole mesh. The smallest that does something:

    version: 1
    clusters: [m1c1, m1c2]
    rules:
      - services: [default/reviews]
        mode: strict

Now requests for reviews stay in the cluster that they come from, and all others
go wherever the mesh sends them. If reviews has no healthy endpoint there, its
callers there get 503: that is what strict means, and what it costs.

  version        always 1
  enabled        the switch; false leaves every request alone. Default: true
  clusters       the ids of the mesh's clusters, as each sidecar's CLUSTER_ID
  clusterDomain  default: cluster.local
  rules          what is to happen to which requests
  override       lets some callers send single requests elsewhere
  names          what Envoy clusters stand for whose names do not tell

The way from an idea to the mesh, each step without risk for the ones before it:

    $ cluster-local validate policy.yaml mesh.yaml
    $ cluster-local explain --policy policy.yaml --inventory mesh.yaml --cluster m1c1 --host reviews.default
    $ cluster-local diff --policy old.yaml --policy policy.yaml --inventory mesh.yaml
    $ cluster-local generate envoy --policy policy.yaml --inventory mesh.yaml --out out

Start with mode observe: it changes nothing and counts what would change.
See also: help modes, help patterns, help conditions. The whole schema, for
editors: cluster-local schema policy
`,
};
