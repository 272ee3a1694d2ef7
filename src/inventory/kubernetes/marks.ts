/** How we know our own work again: the label of every resource that is generated, and of none of the user's. */
export const MANAGED_BY = "app.kubernetes.io/managed-by";
export const US = "cluster-local";
