import { z } from "zod";
import { distinct, isRecord, list, object, record, someOf } from "../input/fields.ts";
import type { Finding } from "../input/problem.ts";
import {
  clusterId,
  envoyClusterName,
  MAX_HOST,
  namespaceName,
  ownHeader,
  serviceName,
  serviceOrHost,
} from "./names.ts";
import { hostsOf } from "./pattern.ts";

/** The names of the headers that carry a pin, unless `pin.headers` says otherwise. */
export const PIN_HEADERS = {
  cluster: "x-cluster-local",
  order: "x-cluster-local-order",
  target: "x-cluster-local-target",
} as const;

/** A way for trusted callers to send one request elsewhere; the same in the policy and in the plugin configuration. */
export const override = object({
  header: ownHeader.meta({ description: "The header that asks; removed from every request." }),
  allow: someOf(clusterId, "cluster ids")
    .check(distinct)
    .meta({ description: "What it may ask for: local, any (no pin), or the id of a cluster." }),
  from: someOf(namespaceName, "namespaces")
    .check(distinct)
    .meta({ description: "The namespaces whose callers may ask." }),
});

export type Override = z.output<typeof override>;

/** What `override.allow` may name beside clusters. */
export const OVERRIDE_WORDS = ["local", "any"] as const;

export const names = record(envoyClusterName, serviceOrHost, "the name of an Envoy cluster").meta({
  description:
    "What Envoy clusters stand for whose names do not say it: their name, and namespace/name or a host.",
});

export const absent = record(clusterId, list(serviceName, "services"), "a cluster id").meta({
  description:
    "By cluster id, the services that it has no endpoint of; for `observe` rules, which count what would have failed.",
});

/** What stands beside the rules of a file, well formed or not. */
interface Extras {
  clusterDomain?: unknown;
  names?: unknown;
  override?: unknown;
  pin?: unknown;
}

/** Whether a file's `names`, `override` and `pin` agree with themselves and with each other. */
export const extrasMakeSense = z.superRefine<Extras>(
  ({ clusterDomain, names, override, pin }, context) => {
    const headers = headersOf(pin);
    const findings = [
      ...checkNames(isRecord(names) ? names : {}, clusterDomain),
      ...checkPin(headers),
      ...checkOverride(isRecord(override) ? override.header : undefined, headers),
    ];
    for (const { path, message } of findings) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  },
  { when: ({ value }) => isRecord(value) },
);

function checkNames(names: Record<string, unknown>, clusterDomain: unknown): Finding[] {
  const seen = new Set<string>();
  return Object.entries(names).flatMap(([name, text]) => {
    const again = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    const messages = [
      ...(again ? ["the same cluster name as another but for its case, allowed once"] : []),
      ...(isTooLong(text, clusterDomain) ? ["stands for a host name longer than 253 bytes"] : []),
    ];
    return messages.map((message) => ({ path: ["names", name], message }));
  });
}

function isTooLong(text: unknown, clusterDomain: unknown): boolean {
  if (!serviceName.safeParse(text).success || typeof clusterDomain !== "string") return false;
  return hostsOf({ kind: "services", text: text as string }, clusterDomain).length > MAX_HOST;
}

/** The names of the pin's headers; one that is none leaves the default. */
function headersOf(pin: unknown): [field: string, header: unknown][] {
  const written = isRecord(pin) && isRecord(pin.headers) ? pin.headers : {};
  return Object.entries(PIN_HEADERS).map(([field, name]) => {
    const { data } = ownHeader.safeParse(written[field]);
    return [field, data ?? name];
  });
}

/** One header for two things: what is set for the one would be removed for the other. */
function checkPin(headers: [field: string, header: unknown][]): Finding[] {
  return headers.flatMap(([field, header], index) => {
    const same = headers.slice(0, index).find(([, other]) => other === header);
    if (!same) return [];
    const message = `the same header as ${same[0]}, allowed: another`;
    return [{ path: ["pin", "headers", field], message }];
  });
}

function checkOverride(header: unknown, pinHeaders: [field: string, header: unknown][]): Finding[] {
  if (!pinHeaders.some(([, other]) => other === header)) return [];
  const message = `found ${JSON.stringify(header)}, which carries the pin, allowed: another`;
  return [{ path: ["override", "header"], message }];
}
