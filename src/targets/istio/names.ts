import { createHash } from "node:crypto";

/** What Istio takes for the name of a subset (ValidateSubsetName in pkg/config/validation/validation.go). */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** What Kubernetes takes for the value of a label. */
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

export function isLabelValue(value: string): boolean {
  return LABEL_VALUE.test(value);
}

/**
 * The names of our subsets: `cl-m1c1`, and `cl-m1c1--v1` for the part of the subset v1 that is in m1c1. Two different pairs
 * never have one name: a cluster id with `--` in it, or too long a pair, gives a digest, which follows a `--` that no id can
 * begin with.
 */
export class SubsetNames {
  private readonly known = new Map<string, string>();

  /** @param taken the names of all subsets of the user's, of whatever service: ours are removed from proxies by name */
  constructor(private readonly taken: ReadonlySet<string>) {}

  name(cluster: string, version = ""): string {
    const key = `${cluster}\n${version}`;
    let name = this.known.get(key);
    if (name === undefined) {
      name = this.free(cluster, version, key);
      this.known.set(key, name);
    }
    return name;
  }

  private free(cluster: string, version: string, key: string): string {
    const plain = version === "" ? `cl-${cluster}` : `cl-${cluster}--${version}`;
    if (LABEL.test(plain) && LABEL.test(cluster) && !cluster.includes("--") && !this.taken.has(plain))
      return plain;
    for (let salt = 0; ; salt++) {
      const name = `cl--${digest(`${salt} ${key}`, 24)}`;
      if (!this.taken.has(name)) return name;
    }
  }
}

/** A cluster's id as a part of a resource's name; ids may have letters that these may not. */
export function inName(cluster: string): string {
  return LABEL.test(cluster) && cluster.length < 40 ? cluster : `x.${digest(cluster, 16)}`;
}

export function digest(text: string, length = 16): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}
