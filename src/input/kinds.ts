/** A kind of finding. Its code stays for ever; examples/guide/findings.md has a section for each. */
export interface Kind {
  /** What is wrong, for all findings of the kind: a heading. */
  title: string;
  /** What to do about it. It must be right wherever the kind is found: what depends on the place is the finding's hint. */
  remedy: string;
}

const KINDS = {
  // Files.
  CL0101: ["a file cannot be read", "name a file that is there, that you may read, and that is a text"],
  CL0102: ["a text is neither YAML nor JSON", "correct it at the place; what comes after it was not read"],
  CL0103: ["it is not clear what a file is", "leave it out, or give it the fields of what it is to be"],
  CL0104: ["a document is no Kubernetes object", "give it kind and metadata.name, or leave it out"],
  CL0105: [
    "an object differs between files",
    "where clusters are to be different, generate for each one by itself, from its own files; else make them one and the same",
  ],
  CL0106: ["an object is there twice in one cluster", "leave one out; the first was taken"],
  // Fields.
  CL0201: ["an unknown field", "correct the name or remove it: the filter refuses it, too"],
  CL0202: ["a field is missing", "add it"],
  CL0203: ["a value that is not allowed", "write one of those that are"],
  CL0204: ["the same twice", "remove one of the two"],
  CL0205: ["fields that contradict each other", "change one of them"],
  CL0206: ["a name of nothing that is there", "correct the name, or add what it stands for"],
  // Rules and the mesh that they are for.
  CL0301: [
    "a cluster that the policy does not list",
    'add it to "clusters": rules then hold for its callers, so look for CL0308 after it; or name callers that it has none of',
  ],
  CL0302: [
    "a cluster id that is no value of a Kubernetes label",
    "Istio labels endpoints with it: set another CLUSTER_ID in the installation of that cluster, then here",
  ],
  CL0303: [
    "nothing is known of a cluster's endpoints",
    "add its EndpointSlices in a file or folder that is called as the cluster is",
  ],
  CL0304: ["a pattern matches no service", "correct it, or add the service to the inventory"],
  CL0305: [
    "a rule never applies",
    "remove it; or put it before the rule that takes its requests, or raise its percent",
  ],
  CL0306: [
    "callers that are nowhere",
    "correct the name; where they are still to come, or are no Deployment, StatefulSet or DaemonSet, leave it",
  ],
  CL0307: ["a workload's name that no rule can be compared with", "call the workload by a DNS label"],
  CL0308: [
    "no endpoint where a rule keeps requests",
    'run it there; or mode "prefer", where requests may leave; or mode "off", or callers, to leave these callers out',
  ],
  CL0309: [
    "no endpoint of a version where a rule keeps requests",
    'run the version there; or mode "prefer", where requests may leave; or take its weight away in that cluster alone (sourceLabels)',
  ],
  CL0310: [
    "a gateway's route asks for a cluster that a rule keeps it from",
    "take the cluster out of the route, or exclude the gateway by a rule of its own with mode off",
  ],
  // Services that cannot be kept local.
  CL0401: ["a rule that needs the filter, and there is none", "say where the filter is: --image"],
  CL0402: ["a rule that the routing cannot express", "--routing auto"],
  CL0403: [
    "a headless service",
    'a rule with mode "off" says that it is meant; its callers look up endpoints themselves, and need clients that choose local ones',
  ],
  CL0404: ["an ExternalName", "write the rule for the service or host that it is another name for"],
  CL0405: [
    "a host of a ServiceEntry",
    'a rule with mode "off" for the host; to keep it local, make it a Service with EndpointSlices in each cluster',
  ],
  CL0406: [
    "a service without a port for HTTP",
    "only a strict rule without conditions, with --routing auto or endpoints, holds other protocols; it also answers 503 where a cluster has no endpoint",
  ],
  CL0407: [
    "a DestinationRule that keeps the subsets of ours from callers",
    'change it if nobody needs it as it is; else a rule with mode "off"',
  ],
  CL0408: [
    "a route that no patch can find",
    "edit the route as proposed, in the place that it is made in (a chart, Flagger, ...)",
  ],
  CL0409: ["a name that ours has is taken", "rename yours: ours come from the service's name"],
  // Ports.
  CL0501: [
    "a port without a protocol",
    "set appProtocol to what the port really speaks: http, http2 or grpc only if it is that (else Istio breaks it), tcp for all else",
  ],
  CL0502: [
    "a port that is not HTTP",
    "leave it, or hold all of the service by a strict rule without conditions; do not call it http: Istio would break it",
  ],
  CL0503: [
    "endpoints without a port of their service",
    "give the port one name in each cluster's Service; where targetPort is a name, let the pods of each cluster declare it; mind Ingresses and monitors that name the port",
  ],
  CL0504: [
    "a port that clusters do not agree on",
    "make name and appProtocol the same in each cluster, and what the port really speaks; mind Ingresses and monitors that name the port",
  ],
  CL0505: ["a port for UDP", "keep it local by other means: Istio's sidecars let UDP pass"],
  // Routes.
  CL0601: [
    "a route to a host that does not exist",
    "correct the host, or add the Service or ServiceEntry; until then nobody answers its requests",
  ],
  CL0602: ["a route to a port that does not exist", "correct the port, or add it to the Service"],
  CL0603: [
    "a route to a subset that does not exist",
    "correct the subset, or add it to the DestinationRule; the nearest name may well be another version",
  ],
  CL0604: [
    "a VirtualService delegates to one that does not exist",
    "correct the name, or add the VirtualService; until then its requests get 404",
  ],
  CL0605: [
    "a VirtualService that Istio passes over",
    "put its routes into the one that Istio obeys; two for one host do not add up in sidecars",
  ],
  CL0606: [
    "copies of requests that are not kept local",
    "leave them, or hold the mirror's service by a strict rule without conditions, where each cluster has endpoints of it",
  ],
  CL0607: [
    "a subset of one cluster",
    "route to it from its own cluster only (sourceLabels), or exclude the service where others need it",
  ],
  // What reaches the same endpoints by another way, or changes who answers.
  CL0701: [
    "a multi-cluster host reaches the service past its rule",
    "let callers name cluster.local; or have Istio keep the host local itself: MeshConfig, serviceSettings, clusterLocal",
  ],
  CL0702: [
    "a ServiceEntry reaches the service past its rule",
    "let callers name the service itself, or remove the ServiceEntry when nobody names it",
  ],
  CL0703: [
    "the Service itself chooses among its endpoints",
    "take it into account, or remove it where the rule is to decide alone",
  ],
  CL0704: [
    "callers or services of the ambient mesh",
    "keep callers that rules are for in sidecars; in ambient use the label istio.io/global or serviceScopeConfigs",
  ],
  CL0705: [
    "an object of another revision of Istio",
    "name the revision that the callers' proxies have: --revision",
  ],
  CL0706: [
    "what is applied is not what would be generated",
    "generate and apply again, with --prune for what is not needed; generate istio --check compares exactly",
  ],
} as const satisfies Record<`CL${string}`, readonly [title: string, remedy: string]>;

export type Code = keyof typeof KINDS;

export const CODES = Object.keys(KINDS) as Code[];

export function kindOf(code: Code): Kind {
  const [title, remedy] = KINDS[code];
  return { title, remedy };
}
