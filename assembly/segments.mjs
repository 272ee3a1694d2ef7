/**
 * A transform for the AssemblyScript compiler, named in package.json's `asc`. The compiler writes a data segment for each
 * literal, and a segment costs about as many bytes as a short literal. Neighbours become one segment: the memory that a
 * module starts with is the same, the module is a twentieth smaller.
 */
import { Transform } from "assemblyscript/transform";

/** A gap of fewer zeros costs less than the header of another segment. */
const HEADER = 8;

export default class Segments extends Transform {
  afterCompile(module) {
    const { initial, max = -1, shared } = module.getMemoryInfo("0");
    const segments = joined(segmentsOf(module)).map(({ offset, data }) => ({
      offset: module.i32.const(offset),
      data,
      passive: false,
    }));
    module.setMemory(initial, max, null, segments, shared, false, "0");
  }
}

function segmentsOf(module) {
  return Array.from({ length: module.getNumDataSegments() }, (_, index) => {
    const { offset, data, passive } = module.getDataSegmentInfo(module.getDataSegmentByIndex(index));
    if (passive || typeof offset !== "number") throw new Error(`segment ${index} has no fixed place`);
    return { offset, data: Buffer.from(data) };
  }).sort((a, b) => a.offset - b.offset);
}

function joined(segments) {
  const runs = [];
  for (const { offset, data } of segments) {
    const last = runs.at(-1);
    const gap = last ? offset - last.offset - last.data.length : HEADER;
    if (gap < HEADER) last.data = Buffer.concat([last.data, Buffer.alloc(gap), data]);
    else runs.push({ offset, data });
  }
  return runs;
}
