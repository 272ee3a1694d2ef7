/**
 * The live streams: context id to what must be remembered between a stream's callbacks. Ids count up, so a power-of-two
 * table indexed by their low bits is nearly an array. It grows with the number of streams alive at once, never with the
 * number served, and its entries are plain memory: a stream allocates nothing.
 */
@unmanaged
export class Stream {
  /** The context id; 0 marks a free slot (ids begin at 1, and a root context's is never here). */
  id: u32;
  /** Address of the `Root`, which outlives its streams (see `forgetRoot`); 0 when it is gone. */
  root: usize;
  /** What was decided (`Decision`). */
  decision: i32;
  /** The pattern that governs the request, -1 for none, and the generation of the policy that it is from. */
  pattern: i32;
  generation: u32;
}

const STRIDE = offsetof<Stream>();
let mask: u32 = 63;
let live: u32 = 0;
let table: usize = fresh(64);

function fresh(slots: u32): usize {
  const size = <usize>slots * STRIDE;
  const made = heap.alloc(size);
  memory.fill(made, 0, size);
  return made;
}

// @ts-ignore: decorator
@inline
function at(slot: u32): Stream {
  return changetype<Stream>(table + <usize>slot * STRIDE);
}

/** The slot of the stream, or the free one where it would stand. */
function slotOf(id: u32): u32 {
  let slot = id & mask;
  while (at(slot).id != id && at(slot).id != 0) slot = (slot + 1) & mask;
  return slot;
}

/** Remembers a new stream of the root context at this address. */
export function openStream(id: u32, root: usize): void {
  if ((live + 1) * 2 > mask + 1) grow();
  const stream = at(slotOf(id));
  if (stream.id == 0) live++;
  stream.id = id;
  stream.root = root;
  stream.decision = 0;
  stream.pattern = -1;
  stream.generation = 0;
}

/** The stream, valid until the next `openStream` or `closeStream`; null for an id that is none. */
export function findStream(id: u32): Stream | null {
  const stream = at(slotOf(id));
  return stream.id == id ? stream : null;
}

/** Forgets a stream; false for an id that is none. */
export function closeStream(id: u32): bool {
  let hole = slotOf(id);
  if (at(hole).id != id) return false;
  live--;
  // Those after it that were pushed past the hole move back, so that no probe stops short of them.
  for (let slot = (hole + 1) & mask; at(slot).id != 0; slot = (slot + 1) & mask) {
    const home = at(slot).id & mask;
    if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
    memory.copy(changetype<usize>(at(hole)), changetype<usize>(at(slot)), STRIDE);
    hole = slot;
  }
  at(hole).id = 0;
  return true;
}

/** Cuts the streams of a root context that goes away loose from it. Hosts end the streams first; this trusts none. */
export function forgetRoot(root: usize): void {
  for (let slot: u32 = 0; slot <= mask; slot++) {
    if (at(slot).root == root) at(slot).root = 0;
  }
}

function grow(): void {
  const old = table;
  const slots = mask + 1;
  mask = slots * 2 - 1;
  table = fresh(slots * 2);
  for (let slot: u32 = 0; slot < slots; slot++) {
    const from = old + <usize>slot * STRIDE;
    const id = load<u32>(from);
    if (id != 0) memory.copy(changetype<usize>(at(slotOf(id))), from, STRIDE);
  }
  heap.free(old);
}
