import { policyObject, titleOfPolicy, type PolicyObject } from "../controller/policies.ts";
import { POLICY_KINDS, GROUP, type PolicyKind } from "../controller/crd/names.ts";
import type { GenerateOptions } from "../controller/generate.ts";
import { merge } from "../controller/merge.ts";
import { plan, type ServicePlan } from "../controller/plan.ts";
import { fieldsOf, textOf, textsOf, type Fields } from "../input/loose.ts";
import { isOurs } from "../inventory/kubernetes/model.ts";
import { titleOf } from "../inventory/kubernetes/object.ts";
import { objectOf } from "../inventory/kubernetes/read.ts";
import type { ResourceList, Result } from "./resource-list.ts";

/** Of an item: the cluster that it is of. What says nothing is of all. */
const CLUSTER = `${GROUP}/cluster`;
/** What kustomize and kpt know of an item's file, and is not to be lost. */
const ORIGIN = /^(?:internal\.)?config\.kubernetes\.io\/(?:path|index)$/;

/**
 * A KRM function: the policies among the items (or the function's own configuration) become resources beside them, by the same pure
 * functions as the controller's. What an earlier run made is replaced; all else stays as it is. The same input gives the same output.
 */
export function krm(list: ResourceList, options: GenerateOptions, clusters: readonly string[]): ResourceList {
  const inputs = list.items.map((fields) => ({
    fields,
    object: objectOf(fields, "items", clusterOf(fields)),
  }));
  const policies = [list.functionConfig ?? {}, ...list.items].flatMap(policyOf);
  if (policies.length === 0) {
    const message = `no policy among the items: kinds ${Object.keys(POLICY_KINDS).join(" and ")} of ${GROUP}`;
    return { ...list, results: [{ severity: "warning", message }] };
  }
  const named = policies.flatMap(({ kind, spec }) =>
    kind === "ClusterLocalMeshPolicy" ? textsOf(spec.clusters) : [],
  );
  const all = [...new Set([...clusters, ...named])];
  if (all.length === 0) {
    const message =
      "the ids of the mesh's clusters are missing: spec.clusters of a ClusterLocalMeshPolicy, or --clusters";
    return { ...list, results: [{ severity: "error", message }] };
  }
  const merged = merge(policies, all);
  const objects = inputs.flatMap(({ object }) => object ?? []);
  const off = policies.some(({ kind, spec }) => kind === "ClusterLocalMeshPolicy" && spec.enabled === false);
  const basis = { merged, objects, held: new Set<string>(), unknown: [], refused: new Map<string, never>() };
  const made = plan(basis, options);
  const results = [
    ...policies.flatMap((one) => {
      const refused = merged.refused.get(one.uid);
      const error = refused === undefined ? made.wrong.get(one.uid) : refused.message;
      // That older policies hold is no error, and said below.
      return error === undefined || refused?.reason === "Conflicted" ? [] : [result("error", error, one)];
    }),
    ...policies.flatMap((one) =>
      (merged.conflicts.get(one.uid) ?? []).map((message) => result("warning", message, one)),
    ),
    ...made.services.flatMap(serviceResult),
  ];
  const before = new Map(
    inputs.flatMap(({ fields, object }) =>
      object && isOurs(object) ? [[titleOf(object), fields] as const] : [],
    ),
  );
  const resources = off ? [] : (made.resources ?? []).map(({ resource }) => ({ ...resource }));
  const kept = inputs.filter(({ object }) => object === undefined || !isOurs(object));
  const items = [...kept.map(({ fields }) => fields), ...resources.map((one) => withOrigin(one, before))];
  return { ...list, items, results };
}

function policyOf(fields: Fields): PolicyObject[] {
  const kind = textOf(fields.kind);
  const isOfGroup = String(fields.apiVersion).startsWith(`${GROUP}/`);
  if (kind === undefined || !isOfGroup || !(kind in POLICY_KINDS)) return [];
  const policy = policyObject(kind as PolicyKind, fields);
  const namespaced = POLICY_KINDS[policy.kind].namespaced;
  const namespace = namespaced ? (policy.namespace ?? "default") : undefined;
  return [{ ...policy, namespace, uid: titleOfPolicy({ ...policy, namespace }) }];
}

function clusterOf({ metadata }: Fields): string | undefined {
  return textOf(fieldsOf(fieldsOf(metadata).annotations)[CLUSTER]);
}

function result(
  severity: Result["severity"],
  message: string,
  { kind, namespace, name }: PolicyObject,
): Result {
  const resourceRef = {
    apiVersion: `${GROUP}/v1alpha1`,
    kind,
    name,
    ...(namespace !== undefined && { namespace }),
  };
  return { severity, message, resourceRef };
}

function serviceResult({ service, state, message, owner }: ServicePlan): Result[] {
  if (message === undefined) return [];
  return [result("warning", `${service} ${state}: ${message}`, owner)];
}

/** With the file that it had. */
function withOrigin(
  resource: { kind: string; metadata: { namespace: string; name: string } },
  before: ReadonlyMap<string, Fields>,
): Fields {
  const known = before.get(titleOf({ kind: resource.kind, ...resource.metadata }));
  const origin = Object.entries(fieldsOf(fieldsOf(known?.metadata).annotations)).filter(([key]) =>
    ORIGIN.test(key),
  );
  if (origin.length === 0) return { ...resource };
  const { annotations } = fieldsOf(resource.metadata);
  const all = { ...fieldsOf(annotations), ...Object.fromEntries(origin) };
  return { ...resource, metadata: { ...resource.metadata, annotations: all } };
}
