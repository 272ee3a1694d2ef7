import { Facts } from "../core/conditions";
import { decide, govern } from "../core/decision";
import { Literal, lit, sizeOf, textOf } from "../core/literal";
import { Pattern, Policy } from "../core/policy";
import { Destination } from "../core/service";
import {
  clearRouteCache,
  getProperty,
  getRequestHeader,
  removeRequestHeader,
  setProperty,
  valuePtr,
  valueSize,
} from "./host";
import { recordState } from "./state";
import { countDecision, countOverride } from "./telemetry";

const CLUSTER_NAME: Literal = lit("xds\0cluster_name");
const VIRTUAL_HOST_NAME: Literal = lit("xds\0virtual_host_name");
const AUTHORITY: Literal = lit(":authority");
const PIN: Literal = lit("cluster_local_pin");

/** The request's headers, asked of the host as the core wants them. */
class RequestFacts extends Facts {
  header(name: usize, size: i32): bool {
    if (!getRequestHeader(name, size)) return false;
    this.text = valuePtr;
    this.size = valueSize;
    return true;
  }
}

// Filled again for each request: nothing is allocated.
const facts: RequestFacts = new RequestFacts();
const destination: Destination = new Destination();

/**
 * Decides about a request. What it decides is left in the stream's filter state: the pin, by which the route picks the
 * Envoy cluster, and the rule and mode, for Envoy's access logs. `id` is the stream's.
 */
export function onRequest(policy: Policy, id: u32): void {
  let pattern = policy.config.overrideHeader ? takeOverride(policy) : null;
  if (!policy.config.enabled) return;
  facts.id = id;
  if (!pattern) {
    resolve(policy);
    pattern = govern(policy, destination, facts);
    if (!pattern) return;
  }
  const mode = decide(pattern, facts);
  const pin = mode == pattern.mode ? pattern.pin : null;
  if (pin) setProperty(PIN, changetype<usize>(pin), pin.byteLength);
  recordState(pattern, mode);
  // The route was chosen before there was a pin.
  if (pin) clearRouteCache();
  countDecision(mode);
}

/** The destination, from the strongest evidence that says anything. */
function resolve(policy: Policy): void {
  destination.hostSize = 0;
  if (getProperty(CLUSTER_NAME)) {
    if (policy.names) {
      const named = policy.hostNamed(valuePtr, valueSize);
      if (named != 0) {
        destination.set(named + 2, load<u16>(named));
        return;
      }
    }
    if (destination.fromCluster(valuePtr, valueSize)) return;
  }
  if (getProperty(VIRTUAL_HOST_NAME) && destination.fromVirtualHost(valuePtr, valueSize)) return;
  if (getRequestHeader(textOf(AUTHORITY), sizeOf(AUTHORITY))) {
    destination.fromAuthority(valuePtr, valueSize, policy.namespace, policy.config.clusterDomain);
  }
}

/** Takes the override header off the request; the pattern that it leads to, null for none or one that is not allowed. */
function takeOverride(policy: Policy): Pattern | null {
  const header = policy.config.overrideHeader!;
  if (!getRequestHeader(changetype<usize>(header), header.byteLength)) return null;
  const asked = policy.config.enabled ? policy.findOverride(valuePtr, valueSize) : null;
  removeRequestHeader(changetype<usize>(header), header.byteLength);
  countOverride(asked != null);
  return asked;
}
