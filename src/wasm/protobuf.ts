/** As much of the protobuf wire format as the filter writes (protobuf.dev, "Encoding"). */

/**
 * The fields of a message by number, a varint as a number, a length-delimited one as bytes; of a repeated one the last.
 * Throws RangeError for what is no such message.
 */
export function readFields(message: Uint8Array): Map<number, number | Buffer> {
  return new Map(entries(message));
}

/** A google.protobuf.Struct whose values are all strings. Throws RangeError for what is none. */
export function readStruct(message: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    entries(message).map(([, entry]) => {
      const fields = readFields(bytesOf(entry));
      const value = readFields(bytesOf(fields.get(2))).get(3);
      return [bytesOf(fields.get(1)).toString(), bytesOf(value).toString()];
    }),
  );
}

function bytesOf(value: number | Buffer | undefined): Buffer {
  if (!Buffer.isBuffer(value)) throw new RangeError("not a Struct of strings");
  return value;
}

function entries(message: Uint8Array): [field: number, value: number | Buffer][] {
  const bytes = Buffer.from(message);
  const found: [number, number | Buffer][] = [];
  let at = 0;
  const varint = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if ((tag & 7) === 2) {
      if (at + value > bytes.length) throw new RangeError("a field ends behind its message");
      found.push([tag >> 3, bytes.subarray(at, (at += value))]);
    } else if ((tag & 7) === 0) found.push([tag >> 3, value]);
    else throw new RangeError(`wire type ${tag & 7}`);
  }
  return found;
}
