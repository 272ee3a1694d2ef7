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
import { enterContext, getConfiguration, getProperty, log, logs, message, valuePtr, valueSize } from "./host";

/**
 * A root context: one plugin configuration. Plugins with the same vm_id and code share this module's globals, so no
 * configuration may be one.
 */
class Root {
  constructor(
    readonly id: u32,
    public policy: Policy,
    public next: Root | null,
  ) {}
}

/** The first of the few root contexts of this VM that have a configuration. */
let roots: Root | null = null;

/** The configuration of the root context of this id; null where none was accepted. */
export function policyOf(id: u32): Policy | null {
  const root = find(id);
  return root ? root.policy : null;
}

/**
 * Reads and compiles a root context's configuration; false, with every reason in the log, leaves the previous one in
 * force.
 */
export function configure(id: u32, size: u32): bool {
  const problems = new Problems();
  const policy = getConfiguration(size) ? read(valuePtr, valueSize, problems) : null;
  if (!policy) {
    refuse(problems.finish());
    return false;
  }
  const root = find(id);
  if (root) root.policy = policy;
  else roots = new Root(id, policy, roots);
  if (logs(LOG_INFO)) {
    const text = message()
      .add(policy.config.enabled ? lit("enabled") : lit("disabled"))
      .add(lit(", local cluster "));
    text.buffer(policy.localCluster);
    log(LOG_INFO, text.add(lit(", ")).number(policy.patterns.length).add(lit(" patterns")));
  }
  return true;
}

/**
 * Forgets the root contexts that are gone, before this one is configured. To be told of their end would cost a callback
 * for each stream, too.
 */
export function forgetClosed(id: u32): void {
  let root = roots;
  roots = null;
  while (root) {
    const next = root.next;
    if (enterContext(root.id)) {
      root.next = roots;
      roots = root;
    }
    root = next;
  }
  enterContext(id);
}

function find(id: u32): Root | null {
  let root = roots;
  while (root && root.id != id) root = root.next;
  return root;
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

function read(ptr: usize, size: i32, problems: Problems): Policy | null {
  const config = readConfig(ptr, size, problems);
  // Envoy has the attributes by these names since 1.33. Without them every decision would be a guess.
  if (!getProperty(NODE_ID))
    problems.begin().add(lit("the proxy has no xds attributes, needed: Envoy 1.33 or newer"));
  if (problems.any) return null;
  const namespace = nodeMetadata(NAMESPACE, isLabel);
  const workload = nodeMetadata(WORKLOAD_NAME, isLabel);
  return compile(config, new Caller(nodeMetadata(CLUSTER_ID, isClusterId), namespace, workload), problems);
}

/** A text of the node's metadata, copied; null where there is none, or one that is no such name. */
function nodeMetadata(path: Literal, valid: (ptr: usize, size: i32) => bool): ArrayBuffer | null {
  return getProperty(path) && valid(valuePtr, valueSize) ? copyOf(valuePtr, valueSize) : null;
}

const NODE_ID: Literal = lit("xds\0node\0id");
const CLUSTER_ID: Literal = lit("xds\0node\0metadata\0CLUSTER_ID");
const NAMESPACE: Literal = lit("xds\0node\0metadata\0NAMESPACE");
const WORKLOAD_NAME: Literal = lit("xds\0node\0metadata\0WORKLOAD_NAME");
