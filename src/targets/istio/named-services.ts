import { serviceOf } from "../../inventory/kubernetes/hosts.ts";
import type { KubeService } from "../../inventory/kubernetes/services.ts";
import { hostsOf, patternsOf } from "../../policy/pattern.ts";
import type { Policy } from "../../policy/policy.ts";

/** The services that a policy names one by one: all there is to go by where no inventory tells which there are. */
export function namedServices({ rules, clusterDomain }: Policy): Map<string, KubeService> {
  const services = new Map<string, KubeService>();
  for (const pattern of patternsOf(rules)) {
    const host = hostsOf(pattern, clusterDomain);
    const named = serviceOf(host, clusterDomain);
    if (!named) continue;
    services.set(host, {
      ...{ ...named, host, ports: [], external: false, headless: false },
      ...{ selector: {}, endpoints: new Map<string, number>(), slices: [] },
    });
  }
  return services;
}
