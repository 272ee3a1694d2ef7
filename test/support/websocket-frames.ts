import { createHash } from "node:crypto";

/** The opcodes of RFC 6455, section 5.2, that are used here. */
export const opcodes = { text: 0x1, close: 0x8 } as const;

/** The answer to a client's `sec-websocket-key` (RFC 6455, section 4.2.2). */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** One whole frame of up to 125 bytes. A client has to mask its frames; a mask of zeros changes no byte. */
export function encodeFrame(opcode: number, payload: Buffer, { masked = false } = {}): Buffer {
  if (payload.length > 125) throw new Error(`a frame of ${payload.length} bytes; at most 125 here`);
  const head = [0x80 | opcode, (masked ? 0x80 : 0) | payload.length, ...(masked ? [0, 0, 0, 0] : [])];
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Cuts a stream of bytes into frames of up to 125 bytes. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** Takes the next bytes and returns the frames that they complete, unmasked. */
  push(chunk: Buffer): { opcode: number; payload: Buffer }[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames = [];
    for (;;) {
      if (this.#rest.length < 2) return frames;
      const masked = (this.#rest[1]! & 0x80) !== 0;
      const length = this.#rest[1]! & 0x7f;
      const start = masked ? 6 : 2;
      if (this.#rest.length < start + length) return frames;
      const mask = this.#rest.subarray(2, start);
      const payload = Buffer.from(this.#rest.subarray(start, start + length));
      if (masked) payload.forEach((byte, i) => (payload[i] = byte ^ mask[i % 4]!));
      frames.push({ opcode: this.#rest[0]! & 0x0f, payload });
      this.#rest = this.#rest.subarray(start + length);
    }
  }
}
