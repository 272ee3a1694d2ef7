import { Mode, MODES } from "../core/config";
import { Literal, lit, sizeOf, textOf } from "../core/literal";
import { Pattern } from "../core/policy";
import { setProperty } from "./host";

// The filter states `wasm.cluster_local_rule` and `wasm.cluster_local_mode`. Two plain texts rather than one message with
// both: a format string reads them as they are, and CEL, which reads fields, costs more than the second call.
const RULE: Literal = lit("cluster_local_rule");
const MODE: Literal = lit("cluster_local_mode");
const OVERRIDE: Literal = lit("override");

/** Leaves the pattern's rule and what was done, in the words of a rule's `mode`, for Envoy's access loggers. */
export function recordState(pattern: Pattern, mode: Mode): void {
  setProperty(RULE, pattern.label, pattern.labelSize);
  const word = pattern.asked ? OVERRIDE : unchecked(MODES[mode]);
  setProperty(MODE, textOf(word), sizeOf(word));
}
