/**
 * Names of our DestinationRules in a namespace of callers. Names of services have no dots, so behind one stands the namespace
 * of a service that is not the callers' own: no two of these names are the same.
 */

/** For one service. */
export function ruleName(name: string, namespace: string, callers: string): string {
  return `cluster-local-${name}${suffix(namespace, callers)}`;
}

/** For all services of a namespace. */
export function namespaceRuleName(namespace: string, callers: string): string {
  return `cluster-local${suffix(namespace, callers)}`;
}

function suffix(namespace: string, callers: string): string {
  return callers === namespace ? "" : `.${namespace}`;
}
