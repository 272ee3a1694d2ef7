import { hostOf, type Caller, type Service } from "../../inventory/model.ts";
import type { Matcher } from "../../policy/match.ts";
import type { Policy } from "../../policy/policy.ts";
import type { Rule } from "../../policy/rules.ts";
import { ANYWHERE } from "./names.ts";

/**
 * What the filter may write as the pin of a caller's requests for a service. The
 * switch (`enabled`) and `percent` do not matter: a flip is then an edit of the filter's configuration alone.
 */
export function pinsOf(service: Service, caller: Caller, policy: Policy, matcher: Matcher): string[] {
  if (!caller.plugin) return [];
  const pins = matcher
    .candidates(hostOf(service, policy.clusterDomain), caller)
    .map((pattern) => pinOf(matcher.ruleOf(pattern), caller, policy));
  return [...new Set([...pins.filter((pin) => pin !== undefined), ...overridePins(caller, policy)])];
}

/**
 * The pin under which a mirrored copy of a caller's requests goes to a service. A copy is no request of its own to the filter,
 * so conditions on the path and the method are taken as met.
 */
export function mirrorPinOf(
  service: Service,
  caller: Caller,
  policy: Policy,
  matcher: Matcher,
): string | undefined {
  if (!caller.plugin || !policy.enabled) return undefined;
  const candidates = matcher.candidates(hostOf(service, policy.clusterDomain), caller);
  const rules = candidates.map((pattern) => matcher.ruleOf(pattern)).filter(({ percent }) => percent !== 0);
  return rules.map((rule) => pinOf(rule, caller, policy)).find((pin) => pin !== undefined);
}

function pinOf({ mode, order }: Rule, { cluster }: Caller, { clusters }: Policy): string | undefined {
  if (mode === "strict") return cluster;
  if (mode !== "prefer") return undefined;
  return [cluster, ...(order ?? clusters).filter((id) => id !== cluster)].join(",");
}

function overridePins({ cluster, namespace }: Caller, { override }: Policy): string[] {
  const trusted = override?.from.some((from) => from.toLowerCase() === namespace) ?? false;
  if (!override || !trusted) return [];
  const words = new Map([
    ["local", cluster],
    ["any", ANYWHERE],
  ]);
  return override.allow.map((to) => words.get(to) ?? to);
}

/** The Envoy cluster's subset that a pin leads to on a route that may itself name a mesh cluster; undefined: nowhere. */
export function subsetOf(pin: string, only: string | undefined): string | undefined {
  if (only === undefined) return pin === ANYWHERE ? "" : pin;
  return pin === ANYWHERE || pin.split(",").includes(only) ? only : undefined;
}
