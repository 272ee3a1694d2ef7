import { equals } from "../core/bytes";
import { Facts } from "../core/conditions";
import { Pin, Via } from "../core/config";
import { decide, Decision, govern } from "../core/decision";
import { Literal, lit, sizeOf, textOf } from "../core/literal";
import { Pattern, Policy } from "../core/policy";
import { Destination } from "../core/service";
import { MAX_TARGET, writeTarget } from "../core/template";
import {
  getProperty,
  getRequestHeader,
  getRequestHeaders,
  removeRequestHeader,
  setRequestHeader,
  valuePtr,
  valueSize,
} from "./host";
import { Root } from "./root";
import { Stream } from "./streams";
import { countDecision, countForged, countOverride, countWithoutLocal } from "./telemetry";

const CLUSTER_NAME: Literal = lit("xds\0cluster_name");
const VIRTUAL_HOST_NAME: Literal = lit("xds\0virtual_host_name");
const AUTHORITY: Literal = lit(":authority");

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
/** Where the name of a target cluster is put together. */
const target: usize = memory.data(MAX_TARGET);

/** Decides about a request, and writes the pin. Whatever a client sent under the pin's names is gone afterwards. */
export function onRequest(stream: Stream, root: Root): void {
  const policy = root.policy;
  if (!policy) return;
  const pin = policy.config.pin;
  // A forged target may have chosen the route, and so the cluster name that the route would give.
  const forged = pin.via == Via.Cluster && strip(pin.target);
  const asked = policy.config.overrides ? takeOverride(policy) : -1;
  let pattern: Pattern | null = null;
  if (policy.config.enabled) {
    resolve(policy, forged);
    facts.id = stream.id;
    // Without a destination there is no target cluster to name, whatever was asked for.
    const possible = asked >= 0 && (pin.via != Via.Cluster || destination.hostSize > 0);
    stream.pattern = possible ? asked : govern(policy, destination, facts);
    stream.generation = root.generation;
    if (stream.pattern >= 0) {
      pattern = unchecked(policy.patterns[stream.pattern]);
      stream.decision = decide(pattern, facts);
    }
  }
  const decision = stream.decision;
  pinRequest(policy, pattern, decision);
  if (decision == Decision.Untouched) return;
  countDecision(decision);
  if (decision == Decision.Observed && policy.absent && isAbsent(policy)) countWithoutLocal(pattern!);
}

/** Sets the headers that carry the decision, and removes those that do not. */
function pinRequest(policy: Policy, pattern: Pattern | null, decision: i32): void {
  const pin = policy.config.pin;
  const retained = decision == Decision.Retained;
  if (pin.via == Via.Cluster) {
    if (!retained || destination.hostSize == 0) return;
    const size = writeTarget(target, pin.template, pin.subsetTemplate, destination, pattern!.cluster!);
    setRequestHeader(pin.target, target, size);
    return;
  }
  if (pin.via == Via.Route) stripAll(pin);
  if (retained) set(pin.cluster, pattern!.cluster!);
  if (pin.via == Via.Route) return;
  if (!retained) strip(pin.cluster);
  if (decision == Decision.Preferred) set(pin.order, pattern!.order!);
  else strip(pin.order);
}

/** The destination, from the strongest evidence that says anything. */
function resolve(policy: Policy, forged: bool): void {
  destination.clear();
  if (!forged && getProperty(CLUSTER_NAME)) {
    const names = policy.names;
    const named = names ? names.find(valuePtr, valueSize, false) : -1;
    if (named >= 0) {
      destination.set(unchecked(policy.nameHosts[named]), unchecked(policy.nameHostSizes[named]));
      return;
    }
    if (destination.fromCluster(valuePtr, valueSize)) return;
  }
  if (getProperty(VIRTUAL_HOST_NAME) && destination.fromVirtualHost(valuePtr, valueSize)) return;
  if (getRequestHeader(textOf(AUTHORITY), sizeOf(AUTHORITY))) {
    destination.fromAuthority(valuePtr, valueSize, policy.namespace, policy.config.clusterDomain);
  }
}

/** Takes the override header off the request; the pattern that it leads to, -1 for none or one that is not allowed. */
function takeOverride(policy: Policy): i32 {
  const header = policy.config.overrides!.header!;
  if (!getRequestHeader(changetype<usize>(header), header.byteLength)) return -1;
  const asked = policy.config.enabled ? policy.findOverride(valuePtr, valueSize) : -1;
  removeRequestHeader(changetype<usize>(header), header.byteLength);
  countOverride(asked >= 0);
  return asked;
}

function isAbsent(policy: Policy): bool {
  return policy.absent!.find(destination.host, destination.hostSize, false) >= 0;
}

function is(name: ArrayBuffer, ptr: usize, size: i32): bool {
  return equals(changetype<usize>(name), name.byteLength, ptr, size);
}

function set(name: ArrayBuffer, value: ArrayBuffer): void {
  setRequestHeader(name, changetype<usize>(value), value.byteLength);
}

/**
 * Removes each header that is a name of the pin, whatever `pin.via`: behind these routes nothing else would take it off.
 * One call tells of them all.
 */
function stripAll(pin: Pin): void {
  if (!getRequestHeaders()) return;
  let sizes = valuePtr + 4;
  const end = sizes + ((<usize>load<u32>(valuePtr)) << 3);
  let at = end;
  for (; sizes < end; sizes += 8) {
    const size = load<i32>(sizes);
    if (is(pin.cluster, at, size) || is(pin.order, at, size) || is(pin.target, at, size)) {
      removeRequestHeader(at, size);
      countForged();
    }
    at += size + load<i32>(sizes, 4) + 2;
  }
}

/**
 * Removes a header that only the filter may set; whether it was there. Looking first costs what removing would, and
 * spares the route cache, which any edit clears.
 */
function strip(name: ArrayBuffer): bool {
  if (!getRequestHeader(changetype<usize>(name), name.byteLength)) return false;
  removeRequestHeader(changetype<usize>(name), name.byteLength);
  countForged();
  return true;
}
