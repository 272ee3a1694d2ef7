import { stringify } from "yaml";
import type { Fields } from "../input/loose.ts";
import { definitions } from "./crd/definitions.ts";
import { GROUP } from "./crd/names.ts";

export interface ManifestOptions {
  clusterId: string;
  namespace: string;
  rootNamespace: string;
  /** Of the controller. */
  image: string;
  /** Of the filter, for proxies. */
  filterImage: string | undefined;
}

const NAME = "cluster-local-controller";
const LABELS = { "app.kubernetes.io/name": NAME };

/** Everything that an installation takes, as YAML documents for `kubectl apply -f -`. */
export function manifests(options: ManifestOptions): string {
  const all = [...definitions(), ...rights(options), ...workload(options)];
  return all.map((one) => `---\n${stringify(one, { lineWidth: 0 })}`).join("");
}

/** The rights of the controller in the config cluster: each line with what it is for. */
export function rights({
  namespace,
  rootNamespace,
}: Pick<ManifestOptions, "namespace" | "rootNamespace">): Fields[] {
  const read = ["get", "list", "watch"];
  const own = [...read, "create", "patch", "delete"];
  const rbac = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace }];
  const rule = (apiGroup: string, resources: string[], verbs: string[]) => ({
    apiGroups: [apiGroup],
    resources,
    verbs,
  });
  const kinds = ["clusterlocalpolicies", "clusterlocalmeshpolicies"];
  const clusterRules = [
    // The policies; their finalizers are in their metadata.
    rule(GROUP, kinds, [...read, "patch"]),
    rule(
      GROUP,
      kinds.map((kind) => `${kind}/status`),
      ["patch"],
    ),
    // What there is to keep local, and where it is ready.
    rule("", ["services"], read),
    rule("discovery.k8s.io", ["endpointslices"], read),
    // Which pods a rule's callers are.
    rule("apps", ["deployments", "statefulsets", "daemonsets"], read),
    // Routes of users: read, never written.
    rule("networking.istio.io", ["virtualservices", "serviceentries", "gateways", "sidecars"], read),
    rule("gateway.networking.k8s.io", ["httproutes", "grpcroutes"], read),
    // What is made. RBAC knows no labels: the controller itself deletes only what has its own.
    rule("networking.istio.io", ["destinationrules", "envoyfilters"], own),
    rule("extensions.istio.io", ["wasmplugins", "trafficextensions"], own),
    rule("", ["events"], ["create"]),
  ];
  const roleRef = (kind: string, name = NAME) => ({ apiGroup: rbac, kind, name });
  const role = (kind: string, metadata: Fields, rules: Fields[]) => ({
    ...{ apiVersion: `${rbac}/v1`, kind, metadata, rules },
  });
  const binding = (kind: string, metadata: Fields, ref: Fields) => ({
    ...{ apiVersion: `${rbac}/v1`, kind, metadata, subjects, roleRef: ref },
  });
  const secrets = `${NAME}-remote-clusters`;
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace } },
    role("ClusterRole", { name: NAME }, clusterRules),
    binding("ClusterRoleBinding", { name: NAME }, roleRef("ClusterRole")),
    // Who leads.
    role("Role", { name: NAME, namespace }, [
      rule("coordination.k8s.io", ["leases"], ["get", "create", "update"]),
    ]),
    binding("RoleBinding", { name: NAME, namespace }, roleRef("Role")),
    // Istio's remote secrets, in its own namespace alone.
    role("Role", { name: secrets, namespace: rootNamespace }, [rule("", ["secrets"], ["list", "watch"])]),
    binding("RoleBinding", { name: secrets, namespace: rootNamespace }, roleRef("Role", secrets)),
  ];
}

function workload({ clusterId, namespace, rootNamespace, image, filterImage }: ManifestOptions): Fields[] {
  const args = [
    ...["controller", "--cluster-id", clusterId, "--lease-namespace", namespace],
    ...["--root-namespace", rootNamespace, "--istiod", `http://istiod.${rootNamespace}:15014`],
    ...(filterImage === undefined ? [] : ["--image", filterImage]),
  ];
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, periodSeconds: 5 });
  const container = {
    ...{ name: "controller", image, args },
    ports: [{ name: "http", containerPort: 8080 }],
    livenessProbe: { ...probe("/healthz"), failureThreshold: 6 },
    readinessProbe: probe("/readyz"),
    resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "512Mi" } },
    securityContext: {
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ["ALL"] },
    },
  };
  const spec = {
    serviceAccountName: NAME,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } },
    containers: [container],
  };
  // A sidecar would delay its first look at the mesh.
  const labels = { ...LABELS, "sidecar.istio.io/inject": "false" };
  const deployment = {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: NAME, namespace, labels: LABELS } },
    spec: { replicas: 2, selector: { matchLabels: LABELS }, template: { metadata: { labels }, spec } },
  };
  return [deployment];
}
