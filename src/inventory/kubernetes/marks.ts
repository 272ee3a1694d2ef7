/** How we know our own work again. */

/** On every resource of our own; not on one of the user's that we wove into, so that none of these is deleted by it. */
export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const US = "cluster-local";

/**
 * On a resource of the user's that carries our additions: the resource as it was, in JSON. What is generated is always
 * made from this, so that generating again changes nothing and removing the policy gives it back.
 */
export const ORIGINAL = "cluster-local/original";

/** Beside it, a digest of the spec with our additions: another spec has been edited since, and must not be lost. */
export const WOVEN = "cluster-local/woven";

/** kubectl's own copy of what was applied, which no copy of ours needs. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
