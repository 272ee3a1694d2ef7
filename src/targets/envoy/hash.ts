/** A number that follows from a text alone, FNV-1a of 32 bits: what tells the weights of two routes apart. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
