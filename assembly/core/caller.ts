import { List } from "./list";
import { indexOf, lower } from "./bytes";
import { Rule } from "./config";
import { lit, Literal } from "./literal";
import { isStar } from "./names";
import { Problems } from "./problems";

/** What the caller's proxy is, from its node metadata; null where the metadata does not say. */
export class Caller {
  constructor(
    readonly cluster: ArrayBuffer | null,
    readonly namespace: ArrayBuffer | null,
    readonly workload: ArrayBuffer | null,
  ) {}

  /**
   * Whether the rule is for this caller. A rule that asks for what the metadata does not say is a problem: to leave it out
   * would let through what it was written to hold.
   */
  admittedBy(rule: Rule, problems: Problems): bool {
    const callers = rule.callers;
    if (!callers) return true;
    let admitted = false;
    for (let i = 0; i < callers.length; i++) {
      const ptr = changetype<usize>(callers[i]);
      const size = callers[i].byteLength;
      const slash = indexOf(ptr, size, 0x2f);
      const workload = ptr + slash + 1;
      const workloadSize = size - slash - 1;
      if (!this.namespace && !isStar(ptr, slash)) this.unknown(lit("NAMESPACE"), rule, i, problems);
      else if (fits(this.namespace, ptr, slash)) {
        if (!this.workload && !isStar(workload, workloadSize))
          this.unknown(lit("WORKLOAD_NAME"), rule, i, problems);
        else if (fits(this.workload, workload, workloadSize)) admitted = true;
      }
    }
    return admitted;
  }

  private unknown(key: Literal, rule: Rule, index: i32, problems: Problems): void {
    const text = rule.wrong(problems, lit(".callers[")).number(index);
    text.add(lit("]: the proxy's node metadata has no ")).add(key).add(lit(" to compare with"));
  }

  /** Whether the caller's namespace is one of these. */
  isIn(namespaces: List<ArrayBuffer>): bool {
    const own = this.namespace;
    for (let i = 0; own && i < namespaces.length; i++) {
      if (fits(own, changetype<usize>(namespaces[i]), namespaces[i].byteLength)) return true;
    }
    return false;
  }
}

/** Whether a name is as the pattern says; names of Kubernetes objects are lower case, however they are written here. */
function fits(name: ArrayBuffer | null, pattern: usize, size: i32): bool {
  if (isStar(pattern, size)) return true;
  const text = name!;
  const starred = load<u8>(pattern + size - 1) == 0x2a;
  const stem = starred ? size - 1 : size;
  if (starred ? text.byteLength < stem : text.byteLength != stem) return false;
  for (let i = 0; i < stem; i++) {
    if (lower(<u32>load<u8>(changetype<usize>(text) + i)) != lower(<u32>load<u8>(pattern + i))) return false;
  }
  return true;
}
