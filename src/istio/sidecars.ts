import { fieldsOf, itemsOf, ownOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { covers, resolveHost } from "../inventory/kubernetes/hosts.ts";
import { titleOf, type KubeObject } from "../inventory/kubernetes/object.ts";
import type { Written } from "./routes.ts";
import { byAge } from "./visibility.ts";

/** What the Sidecar of a caller imports for the requests on one port. */
export interface Imports {
  /** Whether it imports a service of a namespace by its whole name. */
  service: (host: string, namespace: string) => boolean;
  /** Whether it imports it for the requests on some port. */
  anywhere: (host: string, namespace: string) => boolean;
  /** Whether it imports a VirtualService for one of these hosts, which may be wildcards. */
  route: (hosts: readonly string[], namespace: string) => boolean;
  notes: string[];
}

/** Without a Sidecar. */
const ALL: Imports = { service: () => true, anywhere: () => true, route: () => true, notes: [] };

/**
 * What a proxy imports: by the oldest Sidecar that selects it in its namespace, else by that which selects nothing, else by the
 * root namespace's (doGetSidecarScope in pilot/pkg/model/push_context.go); of its egress listeners the one for the port, or the
 * one for all (GetEgressListenerForRDS in pilot/pkg/model/sidecar.go).
 *
 * @param labels of the proxy's pod, as far as they are known
 */
export function importsOf(
  sidecars: readonly KubeObject[],
  { namespace, labels }: { namespace: string; labels: Readonly<Record<string, string>> },
  port: number,
  root: string,
): Imports {
  const sorted = [...sidecars].sort(byAge);
  const own = sorted.filter((one) => one.namespace === namespace);
  const notes: string[] = [];
  const selected = own.find((one) => {
    const selector = selectorOf(one);
    if (!selector) return false;
    const all = selector.every(([key, value]) => (ownOf(labels, key) ?? value) === value);
    const known = selector.every(([key]) => Object.hasOwn(labels, key));
    if (all && !known)
      notes.push(`not known: whether ${titleOf(one)}, which selects workloads, is for the caller`);
    return all && known;
  });
  const wide = (one: KubeObject) => !selectorOf(one);
  const sidecar = selected ?? own.find(wide) ?? sorted.find((one) => one.namespace === root && wide(one));
  const listeners = itemsOf(sidecar?.spec.egress).map(fieldsOf);
  const listener = listeners.find((one) => one.port === undefined || fieldsOf(one.port).number === port);
  // A Sidecar without listeners imports everything; one whose listeners are for other ports has nothing on this one.
  if (listeners.length === 0) return { ...ALL, notes };
  const all = listeners.map(({ hosts }) => imported(textsOf(hosts), namespace));
  const anywhere: Imports["service"] = (host, home) => all.some(({ service }) => service(host, home));
  return { ...imported(textsOf(listener?.hosts), namespace), anywhere, notes };
}

function selectorOf({ spec }: KubeObject): [key: string, value: string][] | undefined {
  const selector: Fields | undefined =
    spec.workloadSelector === undefined ? undefined : fieldsOf(spec.workloadSelector);
  return selector && Object.entries(fieldsOf(selector.labels) as Record<string, string>);
}

/** `namespace/host` each; a namespace that begins with `~` excludes (convertIstioListenerToWrapper). */
function imported(hosts: readonly string[], own: string): Pick<Imports, "service" | "route"> {
  const entries = hosts.map((text) => {
    const [written = "", host = ""] = text.toLowerCase().split("/");
    const excludes = written.startsWith("~");
    const from = excludes ? written.slice(1) || "*" : written;
    return { excludes, host, namespace: from === "." ? own : from };
  });
  const within = (excludes: boolean, namespace: string) =>
    entries.filter((one) => one.excludes === excludes && [namespace, "*"].includes(one.namespace));
  const isExcluded = (host: string, namespace: string) =>
    within(true, namespace).some((one) => covers(one.host, host));
  const takes = (host: string, namespace: string, fits: (wanted: string, host: string) => boolean) =>
    !isExcluded(host, namespace) && within(false, namespace).some((one) => fits(one.host, host));
  return {
    service: (host, namespace) => takes(host, namespace, covers),
    route: (all, namespace) => all.some((host) => takes(host, namespace, overlap)),
  };
}

/** Whether some host is meant by both (Name.Matches in pkg/config/host/name.go). */
function overlap(a: string, b: string): boolean {
  return covers(a, b) || covers(b, a);
}

/**
 * The hosts that a VirtualService leads to, which whoever imports it imports, too: but for an entry of which some match names
 * another namespace and none the caller's (virtualServiceDestinationsFilteredBySourceNamespace in
 * pilot/pkg/model/push_context.go), though a match without one takes its requests.
 */
export function destinationsOf(entries: readonly Written[], namespace: string, domain: string): string[] {
  return entries.flatMap(({ fields, object }) => {
    const named = itemsOf(fields.match).flatMap((match) => textOf(fieldsOf(match).sourceNamespace) ?? []);
    if (named.length > 0 && !named.includes(namespace)) return [];
    const mirrors = itemsOf(fields.mirrors).map((one) => fieldsOf(one).destination);
    const all = [...itemsOf(fields.route).map((one) => fieldsOf(one).destination), fields.mirror, ...mirrors];
    return all.flatMap((to) => resolveHost(textOf(fieldsOf(to).host) ?? "", object.namespace, domain));
  });
}
