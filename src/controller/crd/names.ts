/** How the controller's own things are called; part of the contract with users. */
export const GROUP = "cluster-local.dev";
export const VERSION = "v1alpha1";
export const API = `${GROUP}/${VERSION}`;

/** On what the controller made: only what has both labels is ever deleted by it. */
export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const CONTROLLER = "cluster-local-controller";
export const POLICY_UID = `${GROUP}/policy-uid`;

/** The field manager of server-side apply. */
export const MANAGER = "cluster-local-controller";
/** Keeps a policy until what was made for it is gone. */
export const FINALIZER = `${GROUP}/resources`;

export const POLICY_KINDS = {
  ClusterLocalPolicy: { plural: "clusterlocalpolicies", short: "clp", namespaced: true },
  ClusterLocalMeshPolicy: { plural: "clusterlocalmeshpolicies", short: "clmp", namespaced: false },
} as const;
export type PolicyKind = keyof typeof POLICY_KINDS;
