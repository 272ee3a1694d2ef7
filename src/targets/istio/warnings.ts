import { didYouMean } from "../../input/nearest.ts";
import type { Finding } from "../../input/problem.ts";
import type { Inventory } from "../../inventory/kubernetes/model.ts";
import { titleOf } from "../../inventory/kubernetes/object.ts";
import type { Matcher } from "../../policy/match.ts";
import { pathOf, type WrittenPattern } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";
import { warnings as policyWarnings } from "../../policy/warnings.ts";
import type { Governed } from "./governed.ts";
import type { IstioOptions } from "./options.ts";
import {
  clustersUnknown,
  clustersWithout,
  nameOf,
  portName,
  portsBeside,
  unmatchedPatterns,
} from "./shortfalls.ts";

/** What people should know before they apply what was generated; each at the pattern that it comes from. */
export function warnings(
  policy: Policy,
  inventory: Inventory,
  governed: readonly Governed[],
  matcher: Matcher,
  options: Pick<IstioOptions, "routing">,
): Finding[] {
  const strict = governed.filter((one) => one.strict);
  return [
    ...policyWarnings(policy, matcher),
    ...unmatched(inventory, governed, matcher),
    ...(strict.length > 0 ? unknownEndpoints(inventory, policy) : []),
    ...strict.flatMap((one) => withoutEndpoints(one, matcher)),
    ...strict.flatMap((one) => headless(one, matcher)),
    ...(options.routing === "native" ? [] : strict.flatMap((one) => notHttp(one, matcher))),
    ...governed.filter(({ service }) => service.external).flatMap((one) => external(one)),
  ];
}

/** To look for the nearest name takes a while in a large mesh; so many mistyped patterns are another mistake. */
const HINTED = 50;

function unmatched(inventory: Inventory, governed: readonly Governed[], matcher: Matcher): Finding[] {
  const patterns = unmatchedPatterns(inventory, governed, matcher);
  const { services } = inventory;
  const names = [...services.values()].map(nameOf);
  return patterns.map((pattern) => {
    const options = pattern.kind === "services" ? names : services.keys();
    return {
      path: pathOf(pattern),
      message: `${JSON.stringify(pattern.text)} matches no service of the inventory: nothing is generated for it`,
      hint: patterns.length <= HINTED ? didYouMean(pattern.text, options) : undefined,
    };
  });
}

function withoutEndpoints({ service, patterns }: Governed, matcher: Matcher): Finding[] {
  const clusters = clustersWithout(service);
  if (clusters.length === 0) return [];
  const message = `${nameOf(service)} has no ready endpoint in ${clusters.join(", ")}: its retained callers there get 503`;
  return [{ path: pathOf(strictOf(patterns, matcher)), message }];
}

function unknownEndpoints(inventory: Inventory, { clusters }: Policy): Finding[] {
  return clustersUnknown(inventory, clusters).map((id) => ({
    path: ["clusters", clusters.indexOf(id)],
    message: `the inventory has no EndpointSlice of ${id}: it is not known which services have no endpoint there (the file or its folder is to be called ${id})`,
  }));
}

/** Sidecars send on to the address that the caller looked up (convertResolution: ORIGINAL_DST), whatever the subset. */
function headless({ service, patterns }: Governed, matcher: Matcher): Finding[] {
  if (!service.headless) return [];
  const message = `${nameOf(service)} is headless: its callers choose an endpoint themselves, and no routing holds them back (unless istiod runs with PILOT_ENABLE_EDS_FOR_HEADLESS_SERVICES=true)`;
  return [{ path: pathOf(strictOf(patterns, matcher)), message }];
}

function notHttp({ service, patterns }: Governed, matcher: Matcher): Finding[] {
  return portsBeside(service).map((one) => {
    const port = `${nameOf(service)} port ${portName(one)}`;
    const message =
      one.kind === "sniffed"
        ? `${port} has no protocol: what Istio does not take for HTTP passes the filter by (name the port http-..., or set appProtocol)`
        : `${port} is not HTTP: it passes the filter by, only --routing native covers it`;
    return { path: pathOf(strictOf(patterns, matcher)), message };
  });
}

function external({ service, patterns }: Governed): Finding[] {
  const message = `${nameOf(service)} is an ExternalName, another name for a host outside: nothing is generated for it`;
  return [{ path: pathOf(patterns[0]!), message }];
}

/** Hosts of ServiceEntries have no endpoints that are a cluster's: Istio labels them with the cluster that it reads them in. */
export function serviceEntryErrors({ serviceEntries }: Inventory, matcher: Matcher): Finding[] {
  return [...serviceEntries].flatMap(([host, entry]) => {
    const pattern = matcher
      .covering(host)
      .find((pattern) => ["strict", "prefer"].includes(matcher.ruleOf(pattern).mode));
    if (!pattern || matcher.covering(host)[0] !== pattern) return [];
    const message = `takes ${host}, a host of ${titleOf(entry)}, whose endpoints are no cluster's; allowed: with a rule for {hosts: [${JSON.stringify(host)}], mode: "off"}`;
    return [{ path: pathOf(pattern), message }];
  });
}

function strictOf(patterns: readonly WrittenPattern[], matcher: Matcher): WrittenPattern {
  return patterns.find((pattern) => matcher.ruleOf(pattern).mode === "strict") ?? patterns[0]!;
}
