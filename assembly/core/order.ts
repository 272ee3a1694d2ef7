import { equals } from "./bytes";
import { Config, Rule } from "./config";
import { Literal, lit, sizeOf, textOf } from "./literal";
import { Problems } from "./problems";

/** The encoded failover orders of the `prefer` rules; the default one is shared by all that name none. */
export class Orders {
  private default: ArrayBuffer | null = null;
  /** The rule encoded last: its patterns stand together. */
  private last: Rule | null = null;
  private lastOrder: ArrayBuffer | null = null;

  constructor(
    readonly config: Config,
    readonly local: ArrayBuffer,
  ) {}

  /** The order of a rule, the local cluster first; null, with the problem noted, when nothing says what it is. */
  of(rule: Rule, problems: Problems): ArrayBuffer | null {
    if (rule != this.last) {
      this.last = rule;
      this.lastOrder = this.encode(rule, problems);
    }
    return this.lastOrder;
  }

  private encode(rule: Rule, problems: Problems): ArrayBuffer | null {
    const order = rule.order;
    if (order) return encodeOrder(this.localFirst(order));
    if (this.config.clusters.length == 0) {
      rule
        .wrong(problems, lit(".order"))
        .add(lit('missing, allowed with mode "prefer": cluster ids here, or in "clusters"'));
      return null;
    }
    if (!this.default) this.default = encodeOrder(this.localFirst(this.config.clusters));
    return this.default;
  }

  private localFirst(clusters: ArrayBuffer[]): ArrayBuffer[] {
    const local = this.local;
    const list: ArrayBuffer[] = [local];
    for (let i = 0; i < clusters.length; i++) {
      const id = clusters[i];
      if (!equals(changetype<usize>(id), id.byteLength, changetype<usize>(local), local.byteLength))
        list.push(id);
    }
    return list;
  }
}

/**
 * The failover order as header_to_metadata reads it: base64 of a google.protobuf.Value that lists one struct
 * `{cluster: <id>}` a cluster, in order of preference (google/protobuf/struct.proto; Envoy's lb_subset_config
 * `fallback_list`). Made once a configuration.
 */
export function encodeOrder(clusters: ArrayBuffer[]): ArrayBuffer {
  let body = 0;
  for (let i = 0; i < clusters.length; i++) body += field(entrySize(clusters[i].byteLength));
  const bytes = new ArrayBuffer(field(body));
  let to = writeHead(changetype<usize>(bytes), LIST_VALUE, body);
  for (let i = 0; i < clusters.length; i++) to = writeEntry(to, clusters[i]);
  return base64(bytes);
}

/** Tags of length-delimited fields: number << 3 | 2. */
const LIST_VALUE: u8 = 0x32; // Value.list_value = 6
const VALUES: u8 = 0x0a; // ListValue.values = 1
const STRUCT_VALUE: u8 = 0x2a; // Value.struct_value = 5
const FIELDS: u8 = 0x0a; // Struct.fields = 1
const KEY: u8 = 0x0a; // map entry key = 1
const VALUE: u8 = 0x12; // map entry value = 2
const STRING_VALUE: u8 = 0x1a; // Value.string_value = 3

const CLUSTER: Literal = lit("cluster");

/** The size of a field with its tag and length (one byte each below 128, a longer length in two). */
function field(size: i32): i32 {
  return 1 + (size < 0x80 ? 1 : size < 0x4000 ? 2 : 3) + size;
}

/** The size of the Value that wraps one struct: the payload of a ListValue.values field. */
function entrySize(id: i32): i32 {
  return field(field(field(sizeOf(CLUSTER)) + field(field(id))));
}

function writeEntry(to: usize, id: ArrayBuffer): usize {
  const size = id.byteLength;
  const value = field(size);
  const pair = field(sizeOf(CLUSTER)) + field(value);
  to = writeHead(to, VALUES, field(field(pair)));
  to = writeHead(to, STRUCT_VALUE, field(pair));
  to = writeHead(to, FIELDS, pair);
  to = writeHead(to, KEY, sizeOf(CLUSTER));
  memory.copy(to, textOf(CLUSTER), sizeOf(CLUSTER));
  to = writeHead(to + sizeOf(CLUSTER), VALUE, value);
  to = writeHead(to, STRING_VALUE, size);
  memory.copy(to, changetype<usize>(id), size);
  return to + size;
}

function writeHead(to: usize, tag: u8, size: i32): usize {
  store<u8>(to++, tag);
  while (size >= 0x80) {
    store<u8>(to++, <u8>(size | 0x80));
    size >>= 7;
  }
  store<u8>(to++, <u8>size);
  return to;
}

/** Base64 with padding (RFC 4648, section 4), the form that header_to_metadata's `encode: BASE64` takes. */
function base64(bytes: ArrayBuffer): ArrayBuffer {
  const size = bytes.byteLength;
  const text = new ArrayBuffer(((size + 2) / 3) * 4);
  let to = changetype<usize>(text);
  for (let i = 0; i < size; i += 3) {
    const left = size - i;
    const at = changetype<usize>(bytes) + i;
    const group =
      ((<u32>load<u8>(at)) << 16) |
      (left > 1 ? (<u32>load<u8>(at + 1)) << 8 : 0) |
      (left > 2 ? <u32>load<u8>(at + 2) : 0);
    store<u8>(to, digit(group >> 18));
    store<u8>(to + 1, digit((group >> 12) & 63));
    store<u8>(to + 2, left > 1 ? digit((group >> 6) & 63) : 0x3d);
    store<u8>(to + 3, left > 2 ? digit(group & 63) : 0x3d);
    to += 4;
  }
  return text;
}

function digit(value: u32): u8 {
  if (value < 26) return <u8>(0x41 + value);
  if (value < 52) return <u8>(0x61 + value - 26);
  if (value < 62) return <u8>(0x30 + value - 52);
  return value == 62 ? 0x2b : 0x2f;
}
