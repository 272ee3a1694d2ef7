import type { Topic } from "./topic.ts";

export const INVENTORY: Topic = {
  title: "Inventories: what runs in which cluster",
  text: `
Commands take --inventory in one of two forms, and tell them apart by content.

1. mesh.yaml, for Envoys that cluster-local itself configures: each cluster with
   its services and their endpoints, and the callers' Envoys.

    version: 1
    clusters:
      - id: m1c1
        services:
          - service: default/reviews
            port: 9080
            endpoints: ["127.0.0.1:17002"]
        callers:
          - name: productpage
            namespace: default
            workload: productpage-v1
            listener: "127.0.0.1:15001"
            admin: "127.0.0.1:15000"

2. Kubernetes resources, as kubectl prints them: Services, EndpointSlices,
   VirtualServices, DestinationRules, ... in a file, in a folder with a file or
   a folder for each cluster, called as the cluster is, or piped in:

    $ kubectl --context m1c1 get services,endpointslices -A -o yaml > inventory/m1c1.yaml
    $ kubectl --context m1c1 get istio-io -A -o yaml > inventory/istio.yaml
    $ cluster-local validate policy.yaml inventory

With an inventory, validate finds patterns that match nothing and strict
services without a local endpoint; explain tells the route and the endpoints.
`,
};
