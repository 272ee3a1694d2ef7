import { equals, indexOf } from "../core/bytes";
import { Via } from "../core/config";
import { Decision } from "../core/decision";
import { Literal, lit } from "../core/literal";
import { Pattern, Policy } from "../core/policy";
import { getProperty, valuePtr, valueSize } from "./host";
import { Root } from "./root";
import { Stream } from "./streams";
import { countResponse, recordState, reportLeak, showDecision, Where } from "./telemetry";

const LB_CLUSTER: Literal = lit("xds\0upstream_host_metadata\0filter_metadata\0envoy.lb\0cluster");
const ISTIO_WORKLOAD: Literal = lit("xds\0upstream_host_metadata\0filter_metadata\0istio\0workload");
const UPSTREAM_ADDRESS: Literal = lit("upstream\0address");

/** The cluster whose endpoint answered; nothing when `servedSize` is 0. */
let served: usize = 0;
let servedSize: i32 = 0;

/** Notes where the response to a governed request came from. */
export function onResponse(stream: Stream, root: Root): void {
  const policy = root.policy;
  if (!policy) return;
  // Another policy has taken the place of the one that matched: its patterns are numbered differently.
  const governed = stream.pattern >= 0 && stream.generation == root.generation;
  if (!governed && !policy.config.debug) return;
  const where = locate(policy);
  const pattern: Pattern | null = governed ? unchecked(policy.patterns[stream.pattern]) : null;
  if (pattern) {
    countResponse(pattern, stream.decision, where);
    recordState(pattern, stream.decision, where);
    if (stream.decision == Decision.Retained && leaked(pattern.cluster!)) {
      reportLeak(pattern, served, servedSize);
    }
  }
  if (policy.config.debug) showDecision(pattern, stream.decision, policy.localCluster, served, servedSize);
}

/** Whether an endpoint of another cluster than the one pinned to has answered. */
function leaked(cluster: ArrayBuffer): bool {
  return servedSize > 0 && !equals(served, servedSize, changetype<usize>(cluster), cluster.byteLength);
}

function locate(policy: Policy): Where {
  servedSize = 0;
  const plain = policy.config.pin.via == Via.Metadata;
  if (getProperty(plain ? LB_CLUSTER : ISTIO_WORKLOAD)) {
    served = valuePtr;
    servedSize = valueSize;
    if (!plain) lastOfWorkload();
  }
  if (servedSize > 0) {
    const local = policy.localCluster;
    return equals(served, servedSize, changetype<usize>(local), local.byteLength)
      ? Where.Local
      : Where.Remote;
  }
  return getProperty(UPSTREAM_ADDRESS) && valueSize > 0 ? Where.Unknown : Where.None;
}

/** Istio's `workload;namespace;service;revision;cluster` (pilot/pkg/networking/util, BuildLbEndpointMetadata). */
function lastOfWorkload(): void {
  for (let field = 0; field < 4; field++) {
    const semicolon = indexOf(served, servedSize, 0x3b);
    if (semicolon < 0) {
      servedSize = 0;
      return;
    }
    served += semicolon + 1;
    servedSize -= semicolon + 1;
  }
}
