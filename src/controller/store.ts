import { fieldsOf, itemsOf, textOf, type Fields } from "../input/loose.ts";
import { objectOf } from "../inventory/kubernetes/read.ts";
import { isEqual } from "../inventory/kubernetes/digest.ts";
import type { KubeObject } from "../inventory/kubernetes/object.ts";
import { MANAGER, POLICY_UID } from "./crd/names.ts";

/** An object of ours, as the API server has it. */
export interface OwnObject {
  object: KubeObject;
  uid: string;
  resourceVersion: string;
  /** Who wrote to it last, beside us. */
  otherManager: string | undefined;
}

/** What is known of one kind of objects in one cluster. While it cannot be watched, what is known stays. */
export class Known {
  private readonly objects = new Map<string, KubeObject>();
  private readonly owned = new Map<string, OwnObject>();
  /** Whether all were seen once. */
  synced = false;
  /** Another one whenever something changed of which resources are made: not our own, and no endpoints. */
  revision = 0;

  constructor(
    private readonly kind: string,
    private readonly apiVersion: string,
    private readonly cluster: string,
  ) {}

  replace(items: readonly Fields[]): void {
    this.revision++;
    this.objects.clear();
    this.owned.clear();
    for (const item of items) this.change("ADDED", item);
    this.synced = true;
  }

  /** Returns whether it changes anything that is read here. */
  change(type: string, item: Fields): boolean {
    const read = readiness({ apiVersion: this.apiVersion, kind: this.kind, ...item });
    const object = objectOf(read, `cluster ${this.cluster}`, this.cluster);
    if (!object) return false;
    const key = `${object.namespace}/${object.name}`;
    const { uid, resourceVersion, managedFields } = fieldsOf(item.metadata);
    const version = textOf(resourceVersion) ?? "";
    // What was applied is known before the watch tells of it, and of what was there before.
    if (type !== "DELETED" && isOlder(version, this.owned.get(key)?.resourceVersion)) return false;
    this.owned.delete(key);
    const before = this.objects.get(key);
    const isChange =
      type === "DELETED"
        ? this.objects.delete(key)
        : before === undefined || !isEqual(before.fields, object.fields);
    const isOthers = [before, object].some((one) => one && one.labels[POLICY_UID] === undefined);
    if (isChange && isOthers && this.kind !== "EndpointSlice") this.revision++;
    if (type === "DELETED") return isChange;
    this.objects.set(key, object);
    if (object.labels[POLICY_UID] === undefined) return isChange;
    const otherManager = lastManager(itemsOf(managedFields).map(fieldsOf));
    this.owned.set(key, { object, uid: textOf(uid) ?? "", resourceVersion: version, otherManager });
    return isChange;
  }

  values(): Iterable<KubeObject> {
    return this.objects.values();
  }

  /** One of ours, by `namespace/name`. */
  own(key: string): OwnObject | undefined {
    return this.owned.get(key);
  }

  ours(): Iterable<OwnObject> {
    return this.owned.values();
  }
}

/** Of thousands of endpoints only whether they are ready counts. */
function readiness(item: Fields): Fields {
  if (item.kind !== "EndpointSlice") return item;
  return {
    ...item,
    endpoints: itemsOf(item.endpoints).map((one) => ({ conditions: fieldsOf(one).conditions })),
  };
}

function lastManager(entries: readonly Fields[]): string | undefined {
  const others = entries.filter(({ manager, operation }) => operation !== "Apply" || manager !== MANAGER);
  const last = others.sort((a, b) => (String(a.time) < String(b.time) ? 1 : -1))[0];
  return textOf(last?.manager);
}

function isOlder(version: string, than: string | undefined): boolean {
  return (
    than !== undefined && version.length <= than.length && (version.length < than.length || version < than)
  );
}
