import { Via } from "../core/config";
import { Decision, decisionOf, govern } from "../core/decision";
import { Pattern, Policy } from "../core/policy";
import { Destination, Source } from "../core/service";
import { MAX_TARGET, writeTarget } from "../core/template";
import { REQUEST_HEADERS } from "./abi";
import {
  getProperty,
  getRequestHeader,
  removeRequestHeader,
  replaceHeader,
  valuePtr,
  valueSize,
} from "./host";
import { Root } from "./root";
import { Stream } from "./streams";
import { countDecision, countForged } from "./telemetry";

const CLUSTER_NAME = String.UTF8.encode("xds\0cluster_name");
const VIRTUAL_HOST_NAME = String.UTF8.encode("xds\0virtual_host_name");
const AUTHORITY = String.UTF8.encode(":authority");

const destination = new Destination();
/** Where the name of a target cluster is put together: templates and names are bounded, so it always fits. */
const target: usize = memory.data(4 * MAX_TARGET);

/** Decides about a request, and writes the pin. Whatever a client sent under the pin's names is gone afterwards. */
export function onRequest(stream: Stream, root: Root): void {
  const policy = root.policy;
  if (!policy) return;
  const pin = policy.config.pin;
  // A forged target may have chosen the route, and so the cluster name that the route would give.
  const forged = pin.via == Via.Cluster && strip(pin.target);
  if (policy.config.enabled) {
    resolve(policy, forged);
    stream.pattern = govern(policy, destination);
    stream.generation = root.generation;
  }
  const pattern: Pattern | null = stream.pattern < 0 ? null : unchecked(policy.patterns[stream.pattern]);
  const decision = pattern ? decisionOf(pattern.mode) : Decision.Untouched;

  if (pin.via == Via.Metadata) {
    if (decision == Decision.Retained) set(pin.cluster, policy.localCluster);
    else strip(pin.cluster);
    if (decision == Decision.Preferred) set(pin.order, pattern!.order!);
    else strip(pin.order);
  } else if (pin.via == Via.Route) {
    if (decision == Decision.Retained) set(pin.cluster, policy.localCluster);
    else strip(pin.cluster);
  } else if (decision == Decision.Retained) {
    const size = writeTarget(target, pin.template, pin.subsetTemplate, destination, policy.localCluster);
    replaceHeader(REQUEST_HEADERS, pin.target, target, size);
  }
  if (decision != Decision.Untouched) countDecision(decision);
}

/** The destination, from the strongest evidence that says anything. */
function resolve(policy: Policy, forged: bool): void {
  destination.clear();
  if (!forged && getProperty(CLUSTER_NAME) && destination.fromCluster(valuePtr, valueSize)) return;
  if (getProperty(VIRTUAL_HOST_NAME) && destination.fromVirtualHost(valuePtr, valueSize)) return;
  if (getRequestHeader(AUTHORITY)) {
    destination.fromAuthority(valuePtr, valueSize, policy.namespace, policy.config.clusterDomain);
  }
}

function set(name: ArrayBuffer, value: ArrayBuffer): void {
  replaceHeader(REQUEST_HEADERS, name, changetype<usize>(value), value.byteLength);
}

/**
 * Removes a header that only the filter may set; whether it was there. Looking first costs what removing would, and
 * spares the route cache, which any edit clears.
 */
function strip(name: ArrayBuffer): bool {
  if (!getRequestHeader(name)) return false;
  removeRequestHeader(name);
  countForged();
  return true;
}
