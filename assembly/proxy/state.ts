import { Mode, MODES } from "../core/config";
import { Literal, lit, sizeOf, textOf } from "../core/literal";
import { Pattern } from "../core/policy";
import { Text } from "../core/text";
import { callForeign, setProperty, words } from "./host";

/**
 * The filter state `wasm.cluster_local`: a google.protobuf.Struct with the strings `rule` and `mode`, which Envoy's access
 * loggers and CEL read by field. Envoy must be told its type once a root context.
 */
const STATE: Literal = lit("cluster_local");
const SCHEMA: Literal = lit("type.googleapis.com/google.protobuf.Struct");
const OVERRIDE: Literal = lit("override");

/** Declares the state's type: envoy.source.extensions.common.wasm.DeclarePropertyArguments, `type` 3 is Protobuf. */
export function declareState(): void {
  const text = field(words.clear(), 0x0a, sizeOf(STATE)).add(STATE);
  field(text.byte(0x18).byte(3), 0x22, sizeOf(SCHEMA)).add(SCHEMA);
  callForeign(lit("declare_property"), text.ptr, text.size);
}

/** Sets the state to the pattern's rule and to what was done, in the words of a rule's `mode`. */
export function recordState(pattern: Pattern, mode: Mode): void {
  const word = pattern.asked ? OVERRIDE : unchecked(MODES[mode]);
  const text = entry(words.clear(), lit("rule"), pattern.label, pattern.labelSize);
  entry(text, lit("mode"), textOf(word), sizeOf(word));
  setProperty(STATE, text.ptr, text.size);
}

/** An entry of Struct.fields: its key, and as its value a Value.string_value (google/protobuf/struct.proto). */
function entry(to: Text, key: Literal, value: usize, size: i32): Text {
  const keyed = field(to, 0x0a, 3 + sizeOf(key) + 3 + 3 + size);
  field(field(keyed, 0x0a, sizeOf(key)).add(key), 0x12, 3 + size);
  return field(to, 0x1a, size).bytes(value, size);
}

/** The head of a field, always three bytes: a tag, and a length, which protobuf takes in more bytes than it needs. */
function field(to: Text, tag: u8, size: i32): Text {
  return to
    .byte(tag)
    .byte(<u8>(size | 0x80))
    .byte(<u8>(size >> 7));
}
