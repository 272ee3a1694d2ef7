import { fieldsOf, leaveOut, type Fields } from "../../input/loose.ts";

/** An object without what nobody here reads and there is a lot of: status, managed fields, what was applied last. */
export function trimmed(item: Fields): Fields {
  const { name, namespace, labels, annotations, ownerReferences, creationTimestamp } = fieldsOf(
    item.metadata,
  );
  const kept = annotations && leaveOut(annotations, "kubectl.kubernetes.io/last-applied-configuration");
  // Of a pod only its labels count.
  const rest = leaveOut(item, "status", ...(item.kind === "Pod" ? ["spec"] : []));
  return {
    ...rest,
    metadata: { name, namespace, labels, annotations: kept, ownerReferences, creationTimestamp },
  };
}
