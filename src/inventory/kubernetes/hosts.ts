/** Host names as Istio's resources write them. */

/**
 * The whole name of a host: one without a dot is a service of the resource's namespace; all others are taken as they are
 * (pkg/config/model, ResolveShortnameToFQDN).
 */
export function resolveHost(host: string, namespace: string, domain: string): string {
  const lower = host.toLowerCase();
  return lower === "*" || lower.includes(".") ? lower : `${lower}.${namespace}.svc.${domain}`;
}

/** Whether a host, which may be `*` or `*.suffix`, stands for a whole host name. */
export function covers(host: string, name: string): boolean {
  return host.startsWith("*") ? name.endsWith(host.slice(1)) : host === name;
}

/** `reviews.default.svc.cluster.local`. */
export function serviceHost(namespace: string, name: string, domain: string): string {
  return `${name}.${namespace}.svc.${domain}`.toLowerCase();
}

/** The namespace and name that a host stands for; undefined for one that is no Kubernetes service's. */
export function serviceOf(host: string, domain: string): { namespace: string; name: string } | undefined {
  const tail = `.svc.${domain.toLowerCase()}`;
  if (!host.endsWith(tail)) return undefined;
  const [name, namespace, more] = host.slice(0, -tail.length).split(".");
  if (!name || !namespace || more !== undefined || name === "*") return undefined;
  return { namespace, name };
}
