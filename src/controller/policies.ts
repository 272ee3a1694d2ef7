import { at, fieldsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { POLICY_KINDS, type PolicyKind } from "./crd/names.ts";

/** A ClusterLocalPolicy or ClusterLocalMeshPolicy, as the API server has it. */
export interface PolicyObject {
  kind: PolicyKind;
  /** Undefined for one of the mesh. */
  namespace: string | undefined;
  name: string;
  uid: string;
  generation: number;
  resourceVersion: string;
  /** RFC 3339, to the second. */
  created: string;
  isDeleted: boolean;
  finalizers: string[];
  annotations: Fields;
  spec: Fields;
  status: Fields;
}

export function policyObject(kind: PolicyKind, { metadata, spec, status }: Fields): PolicyObject {
  const { namespace, name, uid, generation, annotations, ...rest } = fieldsOf(metadata);
  return {
    kind,
    namespace: textOf(namespace),
    name: textOf(name) ?? "",
    uid: textOf(uid) ?? "",
    generation: Number(generation ?? 0),
    resourceVersion: textOf(rest.resourceVersion) ?? "",
    created: textOf(rest.creationTimestamp) ?? "",
    isDeleted: rest.deletionTimestamp !== undefined,
    finalizers: textsOf(rest.finalizers),
    annotations: fieldsOf(annotations),
    spec: fieldsOf(spec),
    status: fieldsOf(status),
  };
}

/** `ClusterLocalPolicy default/reviews`. */
export function titleOfPolicy({ kind, namespace, name }: PolicyObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** The oldest first; of two of the same second the one whose name comes first, so that all replicas agree. */
export function byAge(a: PolicyObject, b: PolicyObject): number {
  const key = (one: PolicyObject) => `${one.created} ${titleOfPolicy(one)}`;
  return key(a) < key(b) ? -1 : 1;
}

/** Where the API server has it. */
export function policyPath({ kind, namespace, name }: PolicyObject, api: string): string {
  const scope = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `/apis/${api}${scope}/${POLICY_KINDS[kind].plural}/${name}`;
}

/** Whether the mesh's switch is off: any policy of the mesh can do that, whatever else is wrong with it. */
export function isSwitchedOff(policies: readonly PolicyObject[]): boolean {
  return policies.some(
    (one) => one.kind === "ClusterLocalMeshPolicy" && !one.isDeleted && at(one.spec, "enabled") === false,
  );
}
