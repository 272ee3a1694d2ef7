/**
 * Reads the header that carries a failover order: base64 of a google.protobuf.Value that lists one struct
 * `{cluster: <id>}` a cluster (google/protobuf/struct.proto; assembly/core/order.ts writes it).
 */
export function readOrder(header: string): string[] {
  const value = fieldsOf(Buffer.from(header, "base64"));
  return value.flatMap((list) => fieldsOf(list).map((entry) => nested(entry, STRUCT_VALUE)));
}

/** What is the last in each of these is what is wanted: a struct's only field, that field's value, the value's text. */
const STRUCT_VALUE = 4;

function nested(bytes: Buffer, depth: number): string {
  const inner = fieldsOf(bytes).at(-1) ?? Buffer.alloc(0);
  return depth === 1 ? inner.toString("utf8") : nested(inner, depth - 1);
}

/** The length-delimited fields of a message, in order. There are no others in what is read here. */
function fieldsOf(bytes: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    at++;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    fields.push(bytes.subarray(at, at + size));
    at += size;
  }
  return fields;
}
