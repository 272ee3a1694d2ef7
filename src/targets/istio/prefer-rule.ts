import { fieldsOf, itemsOf, type Fields } from "../../input/loose.ts";
import { problemOf, type KubeObject } from "../../inventory/kubernetes/object.ts";
import type { Problem } from "../../input/problem.ts";
import { subsetsOf } from "./destination-rules.ts";

/**
 * When an endpoint is taken to be down. Without such a rule Istio fails over only when no local endpoint is ready; the
 * whole local cluster may be ejected, and gets its requests back soon after it is well.
 */
const OUTLIER_DETECTION: Fields = {
  consecutive5xxErrors: 3,
  interval: "1s",
  baseEjectionTime: "2s",
  maxEjectionPercent: 100,
};

/** A traffic policy under which requests go to endpoints with the caller's own value of the label first. */
export function preferPolicy(policy: Fields | undefined, clusterLabel: string): Fields {
  return {
    ...policy,
    loadBalancer: {
      ...fieldsOf(policy?.loadBalancer),
      localityLbSetting: { enabled: true, failoverPriority: [clusterLabel] },
    },
    outlierDetection: policy?.outlierDetection ?? OUTLIER_DETECTION,
  };
}

/** What of the user's rule would take local-first back out of force. */
export function againstPrefer(rule: KubeObject): Problem[] {
  const policy = fieldsOf(rule.spec.trafficPolicy);
  const problems: Problem[] = [];
  const add = (path: string, message: string) => problems.push(problemOf(rule, path, message));
  if (fieldsOf(policy.loadBalancer).localityLbSetting !== undefined) {
    const message = "is an order of localities already, allowed with mode prefer: none";
    add("spec.trafficPolicy.loadBalancer.localityLbSetting", message);
  }
  if (itemsOf(policy.portLevelSettings).length > 0) {
    const message =
      "overrides the traffic policy that puts local endpoints first, allowed with mode prefer: no portLevelSettings";
    add("spec.trafficPolicy.portLevelSettings", message);
  }
  subsetsOf(rule).forEach(({ fields }, index) => {
    const own = fieldsOf(fields.trafficPolicy);
    for (const field of ["loadBalancer", "outlierDetection", "portLevelSettings"]) {
      if (own[field] === undefined) continue;
      const message = "overrides what puts local endpoints first, allowed with mode prefer: not in a subset";
      add(`spec.subsets[${index}].trafficPolicy.${field}`, message);
    }
  });
  return problems;
}
