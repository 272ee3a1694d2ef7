import { copyOf, indexOf } from "../core/bytes";
import { Caller } from "../core/caller";
import { compile } from "../core/compile";
import { readConfig } from "../core/config-reader";
import { Literal, lit } from "../core/literal";
import { isClusterId, isLabel } from "../core/names";
import { Policy } from "../core/policy";
import { Problems } from "../core/problems";
import { Text } from "../core/text";
import { LOG_ERROR, LOG_INFO } from "./abi";
import { getConfiguration, getProperty, log, logs, message, valuePtr, valueSize } from "./host";
import { forgetRoot } from "./streams";

/**
 * A root context: one plugin configuration. Plugins with the same vm_id and code share this module's globals, so no
 * configuration may be one.
 */
export class Root {
  /** Null until a configuration was accepted. */
  policy: Policy | null = null;
  /** Counts the policies, so that a stream can tell whether the one that it was matched by is still here. */
  generation: u32 = 0;

  constructor(readonly id: u32) {}

  /** Reads and compiles the configuration; false, with every reason in the log, leaves the previous one in force. */
  configure(size: u32): bool {
    const problems = new Problems();
    const policy = getConfiguration(size) ? read(valuePtr, valueSize, problems) : null;
    if (!policy) {
      refuse(problems.finish());
      return false;
    }
    this.policy = policy;
    this.generation++;
    if (logs(LOG_INFO)) {
      const text = message()
        .add(policy.config.enabled ? lit("enabled") : lit("disabled"))
        .add(lit(", local cluster "));
      text.bytes(changetype<usize>(policy.localCluster), policy.localCluster.byteLength);
      log(LOG_INFO, text.add(lit(", ")).number(policy.patterns.length).add(lit(" patterns")));
    }
    return true;
  }
}

/** Tells each problem in a line of its own. */
function refuse(lines: Text): void {
  let from = lines.ptr;
  const end = from + lines.size;
  while (from < end) {
    const feed = indexOf(from, <i32>(end - from), 0x0a);
    const size = feed < 0 ? <i32>(end - from) : feed;
    log(LOG_ERROR, message().add(lit("configuration refused: ")).bytes(from, size));
    from += size + 1;
  }
}

/** The few root contexts of this VM. */
const roots: Root[] = [];

/** The root context of this id; null for an id that is none. */
export function findRoot(id: u32): Root | null {
  for (let i = roots.length - 1; i >= 0; i--) {
    if (unchecked(roots[i]).id == id) return unchecked(roots[i]);
  }
  return null;
}

/** Makes a root context, or finds the one of this id: a host may announce it again before it configures it anew. */
export function openRoot(id: u32): void {
  if (!findRoot(id)) roots.push(new Root(id));
}

/** Forgets a root context, and frees what it held. */
export function closeRoot(id: u32): void {
  const root = findRoot(id);
  if (!root) return;
  forgetRoot(changetype<usize>(root));
  const last = roots.pop();
  for (let i = 0; i < roots.length; i++) if (roots[i] == root) roots[i] = last;
}

function read(ptr: usize, size: i32, problems: Problems): Policy | null {
  const config = readConfig(ptr, size, problems);
  // Envoy has the attributes by these names since 1.33. Without them every decision would be a guess.
  if (!getProperty(NODE_ID))
    problems.begin().add(lit("the proxy has no xds attributes, needed: Envoy 1.33 or newer"));
  if (problems.any) return null;
  const cluster = nodeMetadata(CLUSTER_ID);
  if (!config.localCluster && cluster && !isClusterId(changetype<usize>(cluster), cluster.byteLength)) {
    problems
      .begin()
      .add(lit("localCluster: missing, and the proxy's node metadata CLUSTER_ID is no cluster id"));
    return null;
  }
  const namespace = label(nodeMetadata(NAMESPACE));
  return compile(config, new Caller(cluster, namespace, label(nodeMetadata(WORKLOAD_NAME))), problems);
}

/** The text, if it is the name of a Kubernetes object. */
function label(text: ArrayBuffer | null): ArrayBuffer | null {
  return text && isLabel(changetype<usize>(text), text.byteLength) ? text : null;
}

/** A text of the node's metadata, copied; null where there is none. */
function nodeMetadata(path: Literal): ArrayBuffer | null {
  return getProperty(path) && valueSize > 0 ? copyOf(valuePtr, valueSize) : null;
}

const NODE_ID: Literal = lit("xds\0node\0id");
const CLUSTER_ID: Literal = lit("xds\0node\0metadata\0CLUSTER_ID");
const NAMESPACE: Literal = lit("xds\0node\0metadata\0NAMESPACE");
const WORKLOAD_NAME: Literal = lit("xds\0node\0metadata\0WORKLOAD_NAME");
