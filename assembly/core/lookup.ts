import { lower } from "./bytes";

/**
 * Host names to numbers, by exact name or by suffix, in one pass over the name's bytes.
 *
 * The hash runs from the last byte to the first, so the hash of a name passes through the hash of each of its suffixes:
 * at each dot one probe tells whether a wildcard ends there, and the end of the pass is the probe for the exact name. A
 * suffix begins with its dot and an exact name never does, so both live in one table. `depths` says at which dots any
 * wildcard ends at all, so that most are passed without a probe.
 */
export class HostTable {
  /** Open addressing, at most half full: the entry's number plus one, 0 for a free slot. */
  private readonly slots: StaticArray<u32>;
  private readonly mask: u32;
  /** Three words an entry: hash, host and size. */
  private readonly entries: StaticArray<u32>;
  private depths: u32 = 0;

  constructor(readonly capacity: i32) {
    let slots = 8;
    while (slots < capacity * 2) slots <<= 1;
    this.slots = new StaticArray<u32>(slots);
    this.mask = slots - 1;
    this.entries = new StaticArray<u32>(capacity * 3);
  }

  /**
   * Adds a host in lower case (or a suffix, with its leading dot) under a number below the capacity. The bytes must
   * outlive the table. Returns the number that already has this host, or -1 when it was added.
   */
  add(entry: i32, host: usize, size: i32): i32 {
    let hash = SEED;
    let dots = 0;
    for (let i = size - 1; i >= 0; i--) {
      const c = <u32>load<u8>(host + i);
      if (c == 0x2e) dots++;
      hash = mix(hash, c);
    }
    let slot = spread(hash) & this.mask;
    while (unchecked(this.slots[slot]) != 0) {
      const other = unchecked(this.slots[slot]) - 1;
      if (this.is(other, hash, host, size)) return other;
      slot = (slot + 1) & this.mask;
    }
    unchecked((this.slots[slot] = entry + 1));
    unchecked((this.entries[entry * 3] = hash));
    unchecked((this.entries[entry * 3 + 1] = <u32>host));
    unchecked((this.entries[entry * 3 + 2] = size));
    if (load<u8>(host) == 0x2e) this.depths |= 1 << min(dots, 31);
    return -1;
  }

  /** The host that was added under this number, and its size; 0 when none was. */
  hostOf(entry: i32): usize {
    return unchecked(this.entries[entry * 3 + 1]);
  }
  sizeOf(entry: i32): i32 {
    return unchecked(this.entries[entry * 3 + 2]);
  }

  /**
   * The number of the most specific entry that matches the host, in any case; -1 for none. With `proper`, the host's own
   * entry does not count, only those less specific.
   */
  find(host: usize, size: i32, proper: bool): i32 {
    let hash = SEED;
    let dots = 0;
    let found = -1;
    for (let i = size - 1; i >= 0; i--) {
      const c = lower(<u32>load<u8>(host + i));
      hash = mix(hash, c);
      if (c == 0x2e) {
        dots++;
        if ((this.depths & (1 << min(dots, 31))) != 0 && (i > 0 || !proper)) {
          const suffix = this.probe(hash, host + i, size - i);
          if (suffix >= 0) found = suffix;
        }
      }
    }
    if (proper) return found;
    const exact = this.probe(hash, host, size);
    return exact >= 0 ? exact : found;
  }

  private probe(hash: u32, host: usize, size: i32): i32 {
    let slot = spread(hash) & this.mask;
    let entry = <i32>unchecked(this.slots[slot]) - 1;
    while (entry >= 0 && !this.is(entry, hash, host, size)) {
      slot = (slot + 1) & this.mask;
      entry = <i32>unchecked(this.slots[slot]) - 1;
    }
    return entry;
  }

  /** Equal hashes are not enough: only equal bytes are the same host. */
  private is(entry: i32, hash: u32, host: usize, size: i32): bool {
    if (unchecked(this.entries[entry * 3]) != hash || this.sizeOf(entry) != size) return false;
    const known = this.hostOf(entry);
    for (let i = 0; i < size; i++) {
      if (lower(<u32>load<u8>(host + i)) != <u32>load<u8>(known + i)) return false;
    }
    return true;
  }
}

/** FNV-1a, 32 bits. */
const SEED: u32 = 0x811c9dc5;

// @ts-ignore: decorator
@inline
function mix(hash: u32, byte: u32): u32 {
  return (hash ^ byte) * 0x01000193;
}

/** FNV's low bits know little of the last bytes mixed in; the table's index is taken from better mixed ones. */
// @ts-ignore: decorator
@inline
function spread(hash: u32): u32 {
  return ((hash ^ (hash >> 15)) * 0x2c1b3c6d) >> 4;
}
