/** The pure core as the tests in Node call it; built as build/core.wasm, no part of the release module. */
import { Caller } from "./core/caller";
import { compile } from "./core/compile";
import { Facts, inShare } from "./core/conditions";
import { MODES } from "./core/config";
import { readConfig } from "./core/config-reader";
import { decide, govern } from "./core/decision";
import { JsonReader, Kind } from "./core/json";
import { Literal, sizeOf, textOf } from "./core/literal";
import { Pattern, Policy } from "./core/policy";
import { Problems } from "./core/problems";
import { Destination } from "./core/service";
import { Text } from "./core/text";

/**
 * Reads and compiles a configuration for a proxy in this cluster, namespace and workload; its problems, one a line, with
 * those that were only counted at the end.
 */
export function problemsOf(
  json: Uint8Array,
  cluster: string | null,
  namespace: string | null,
  workload: string | null,
): string {
  const problems = new Problems();
  compiled = null;
  const config = readConfig(json.dataStart, json.byteLength, problems);
  if (!problems.any) {
    compiled = compile(
      config,
      new Caller(optional(cluster), optional(namespace), optional(workload)),
      problems,
    );
  }
  const text = problems.finish();
  return String.UTF8.decodeUnsafe(text.ptr, text.size);
}

let compiled: Policy | null = null;

/** A request as a list of headers, `name: value`. */
class TestFacts extends Facts {
  constructor(readonly lines: string[]) {
    super();
  }
  /** Keeps what `text` points into. */
  private value: ArrayBuffer = new ArrayBuffer(0);

  header(name: usize, size: i32): bool {
    const start = String.UTF8.decodeUnsafe(name, size) + ": ";
    for (let i = 0; i < this.lines.length; i++) {
      if (!this.lines[i].startsWith(start)) continue;
      this.value = String.UTF8.encode(this.lines[i].substring(start.length));
      this.text = changetype<usize>(this.value);
      this.size = this.value.byteLength;
      return true;
    }
    return false;
  }
}

/** The rule and mode for a request to a host under the configuration that `problemsOf` compiled last, as `label mode`. */
export function ruleFor(host: string, guessed: bool, headers: string[]): string {
  const bytes = String.UTF8.encode(host);
  const found = compiled!.find(changetype<usize>(bytes), bytes.byteLength, guessed, new TestFacts(headers));
  return found ? labelOf(found) + " " + spelled(MODES[found.mode]) : "";
}

/** What is done with a request to an authority under the configuration compiled last, as `label mode`. */
export function decisionFor(authority: string, headers: string[], id: u32): string {
  const policy = compiled!;
  const facts = new TestFacts(headers);
  facts.id = id;
  const bytes = String.UTF8.encode(authority);
  const found = new Destination();
  found.fromAuthority(
    changetype<usize>(bytes),
    bytes.byteLength,
    policy.namespace,
    policy.config.clusterDomain,
  );
  const pattern = govern(policy, found, facts);
  return pattern ? labelOf(pattern) + " " + spelled(MODES[decide(pattern, facts)]) : "untouched";
}

/** What an override's value leads to under the configuration compiled last, as `label mode pin`. */
export function overrideFor(value: string): string {
  const bytes = String.UTF8.encode(value);
  const found = compiled!.findOverride(changetype<usize>(bytes), bytes.byteLength);
  return found ? labelOf(found) + " " + spelled(MODES[found.mode]) + " " + pinned(found) : "";
}

/** The host that a cluster's name stands for by `names` of the configuration compiled last; nothing for none. */
export function hostNamed(cluster: string): string {
  const policy = compiled!;
  if (!policy.names) return "";
  const bytes = String.UTF8.encode(cluster);
  const named = policy.hostNamed(changetype<usize>(bytes), bytes.byteLength);
  return named == 0 ? "" : part(named + 2, load<u16>(named));
}

/** Whether a request is in the share of the first rule; `id` tells requests apart that nothing else does. */
export function isInShare(headers: string[], id: u32): bool {
  const facts = new TestFacts(headers);
  facts.id = id;
  return inShare(compiled!.patterns[0].rule, facts);
}

/** Looks the host up `times` times, for the benchmark; how often it was found. */
export function lookUp(host: string, times: i32): i32 {
  const policy = compiled!;
  const facts = new TestFacts([]);
  const bytes = String.UTF8.encode(host);
  let found = 0;
  for (let i = 0; i < times; i++) {
    if (policy.find(changetype<usize>(bytes), bytes.byteLength, false, facts)) found++;
  }
  return found;
}

/** The pin of a host's rule under the configuration compiled last; nothing for none. */
export function pinFor(host: string): string {
  const bytes = String.UTF8.encode(host);
  const found = compiled!.find(changetype<usize>(bytes), bytes.byteLength, false, new TestFacts([]));
  return found ? pinned(found) : "";
}

function pinned(pattern: Pattern): string {
  const pin = pattern.pin;
  return pin ? String.UTF8.decode(pin) : "";
}

function labelOf(pattern: Pattern): string {
  return String.UTF8.decodeUnsafe(pattern.label, pattern.labelSize);
}

/**
 * The destination by one piece of evidence (`cluster`, `virtualHost` or `authority`), as `settled host guessed`
 * with `-` for what is not known, and a character for each byte.
 */
export function destination(
  evidence: string,
  name: Uint8Array,
  namespace: string | null,
  domain: string,
): string {
  const found = new Destination();
  const ptr = name.dataStart;
  const size = name.byteLength;
  const caller = namespace ? String.UTF8.encode(namespace) : null;
  let settled: bool;
  if (evidence == "cluster") settled = found.fromCluster(ptr, size);
  else if (evidence == "virtualHost") settled = found.fromVirtualHost(ptr, size);
  else settled = found.fromAuthority(ptr, size, caller, String.UTF8.encode(domain));
  return [
    settled ? (found.hostSize == 0 ? "nothing" : "settled") : "open",
    part(found.host, found.hostSize),
    found.guessed ? "guessed" : "known",
  ].join(" ");
}

/** Reads JSON and writes it again without white space and needless escapes; `!` and the error for what is no JSON. */
export function rewrite(json: Uint8Array): string {
  const reader = new JsonReader(json.dataStart, json.byteLength);
  const text = new Text();
  writeValue(text, reader);
  reader.finish();
  return reader.failed ? "!" + syntaxError(reader) : String.UTF8.decodeUnsafe(text.ptr, text.size);
}

/** Passes over JSON; nothing, or the error. */
export function skip(json: Uint8Array): string {
  const reader = new JsonReader(json.dataStart, json.byteLength);
  reader.skip();
  reader.finish();
  return syntaxError(reader);
}

function syntaxError(reader: JsonReader): string {
  return String.UTF8.decodeUnsafe(reader.syntaxError.ptr, reader.syntaxError.size);
}

function writeValue(to: Text, reader: JsonReader): void {
  const kind = reader.peek();
  if (kind == Kind.String) {
    if (reader.readString()) quote(to, reader);
  } else if (kind == Kind.Number) {
    if (reader.readNumber()) write(to, reader.number.toString());
  } else if (kind == Kind.Boolean) {
    if (reader.readBoolean()) write(to, reader.boolean.toString());
  } else if (kind == Kind.Null) {
    reader.skip();
    write(to, "null");
  } else if (kind == Kind.Array) {
    write(to, "[");
    reader.enterArray();
    for (let i = 0; reader.nextItem(); i++) {
      if (i > 0) write(to, ",");
      writeValue(to, reader);
    }
    write(to, "]");
  } else if (kind == Kind.Object) {
    write(to, "{");
    reader.enterObject();
    for (let i = 0; reader.nextKey(); i++) {
      if (i > 0) write(to, ",");
      quote(to, reader);
      write(to, ":");
      writeValue(to, reader);
    }
    write(to, "}");
  }
}

/** Writes the string or key that was read last, with the escapes that it must have. */
function quote(to: Text, reader: JsonReader): void {
  write(to, '"');
  for (let i = 0; i < reader.size; i++) {
    const c = load<u8>(reader.text + i);
    if (c < 0x20)
      write(to, c < 16 ? "\\u000" : "\\u001").bytes(changetype<usize>("0123456789abcdef") + 2 * (c & 15), 1);
    else {
      if (c == 0x22 || c == 0x5c) write(to, "\\");
      to.bytes(reader.text + i, 1);
    }
  }
  write(to, '"');
}

function write(to: Text, text: string): Text {
  const bytes = String.UTF8.encode(text);
  return to.bytes(changetype<usize>(bytes), bytes.byteLength);
}

/** A character for each byte, whatever it is. */
function part(ptr: usize, size: i32): string {
  let text = "";
  for (let i = 0; i < size; i++) text += String.fromCharCode(load<u8>(ptr + i));
  return size > 0 ? text : "-";
}

function spelled(literal: Literal): string {
  return literal == 0 ? "" : String.UTF8.decodeUnsafe(textOf(literal), sizeOf(literal));
}

function optional(text: string | null): ArrayBuffer | null {
  return text ? String.UTF8.encode(text) : null;
}
