/** How the controller's own things are called; part of the contract with users. */
export const GROUP = "cluster-local.dev";
export const VERSION = "v1alpha1";
export const API = `${GROUP}/${VERSION}`;

/** On what the controller made, beside generate's own label: only what has both is ever deleted by it. */
export const POLICY_UID = `${GROUP}/policy-uid`;
/** What was known of a service when it was kept local, for a restart while its cluster cannot be reached. */
export const KNOWN_AS = `${GROUP}/known-as`;

/** The field manager of server-side apply. */
export const MANAGER = "cluster-local-controller";
/** Keeps a policy until what was made for it is gone. */
export const FINALIZER = `${GROUP}/resources`;

export const POLICY_KINDS = {
  ClusterLocalPolicy: { plural: "clusterlocalpolicies", short: "clp", namespaced: true },
  ClusterLocalMeshPolicy: { plural: "clusterlocalmeshpolicies", short: "clmp", namespaced: false },
} as const;
export type PolicyKind = keyof typeof POLICY_KINDS;
