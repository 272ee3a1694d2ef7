import { fieldsOf, textOf, textsOf } from "../input/loose.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";

type Exported = Pick<KubeObject, "spec" | "namespace">;

/** The namespaces that see a resource, `.` resolved; undefined: all of them. */
export function exportedTo({ spec, namespace }: Exported): string[] | undefined {
  const to = textsOf(spec.exportTo).map((one) => (one === "." ? namespace : one));
  return to.length === 0 || to.includes("*") ? undefined : to;
}

/** Whether proxies of a namespace see a resource. */
export function isVisible(resource: Exported, namespace: string): boolean {
  return exportedTo(resource)?.includes(namespace) ?? true;
}

type Aged = Pick<KubeObject, "fields" | "name" | "namespace">;

/** istiod's order: the oldest first, of the same second by name (configCompareByCreationTime in pilot/pkg/model/config.go). */
export function byAge(a: Aged, b: Aged): number {
  const keys = ({ fields, name, namespace }: Aged) => [
    textOf(fieldsOf(fields.metadata).creationTimestamp) ?? "",
    name,
    namespace,
  ];
  const [ours, theirs] = [keys(a), keys(b)];
  const at = ours.findIndex((key, index) => key !== theirs[index]);
  return at < 0 ? 0 : ours[at]! < theirs[at]! ? -1 : 1;
}
