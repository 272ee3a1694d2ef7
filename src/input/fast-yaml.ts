import { EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, type Event, type ScalarEvent } from "js-yaml";
import type { Path } from "./path.ts";
import type { Place } from "./source.ts";

/**
 * Reads plain YAML many times faster than the package `yaml`, from js-yaml's events, which know where they stand. It gives
 * up on whatever the two might see differently and on whatever is wrong: `yaml` then decides, and has the better messages.
 */
export interface FastDocument {
  value: unknown;
  find: (path: Path) => Place | undefined;
}

/** The value of a plain scalar. */
export type Resolve = (source: string) => unknown;

/** Deeper than this `yaml` decides, which has a bound of its own (yaml.ts, MAX_STACK). */
const MAX_DEPTH = 24;

/** The documents of a text; undefined where `yaml` is to be asked. */
export function readFast(text: string, resolve: Resolve): FastDocument[] | undefined {
  try {
    if (text.startsWith("\ufeff")) return undefined;
    return new Builder(text, parseEvents(text, { maxDepth: MAX_DEPTH }), resolve).documents();
  } catch {
    return undefined;
  }
}

/** The core schema of YAML 1.2 (section 10.3.2), as `yaml` reads it. */
export const resolveCore: Resolve = (source) => {
  // Most scalars are names, and no name of a number begins with one of these letters.
  if (/^[A-Za-z]/.test(source)) {
    if (/^(?:[Tt]rue|TRUE)$/.test(source)) return true;
    if (/^(?:[Ff]alse|FALSE)$/.test(source)) return false;
    return /^(?:[Nn]ull|NULL)$/.test(source) ? null : source;
  }
  if (source === "" || source === "~") return null;
  if (/^0o[0-7]+$/.test(source)) return parseInt(source.slice(2), 8);
  if (/^0x[0-9a-fA-F]+$/.test(source)) return parseInt(source.slice(2), 16);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(source)) return source.startsWith("-") ? -Infinity : Infinity;
  if (/^\.(?:nan|NaN|NAN)$/.test(source)) return NaN;
  return NUMBER.test(source) ? Number(source) : source;
};
const NUMBER = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** A value of the document, with where it stands. */
interface Node {
  at: number;
  /** Of a scalar: its text. */
  written?: string;
  items?: Node[];
  /** By name; of the pair with that name. */
  fields?: Map<string, { key: number; end: number; node: Node }>;
}

/** What `yaml` is to decide about. */
class Unsure extends Error {}

class Builder {
  private next = 0;

  constructor(
    private readonly text: string,
    private readonly events: readonly Event[],
    private readonly resolve: Resolve,
  ) {}

  documents(): FastDocument[] {
    const documents: FastDocument[] = [];
    while (this.next < this.events.length) {
      const event = this.take();
      if (event.type !== EVENT_ID.DOCUMENT || event.directives.length > 0) throw new Unsure();
      const first = this.next;
      const value = this.value();
      this.take();
      documents.push({ value, find: this.finder(first) });
    }
    return documents;
  }

  /** Places are looked for when something is wrong, which is rare: until then there are none. */
  private finder(first: number): FastDocument["find"] {
    let root: Node | undefined;
    return (path) => {
      if (!root) {
        this.next = first;
        root = this.node();
      }
      return this.find(root, path);
    };
  }

  private find(root: Node, path: Path): Place | undefined {
    let node = root;
    let pair: { key: number; end: number } | undefined;
    for (const part of path) {
      const field = node.fields?.get(String(part));
      const inner = field?.node ?? node.items?.[part as number];
      if (!inner) return undefined;
      pair = field;
      node = inner;
    }
    // Nothing where a value could stand: right behind the colon.
    const at = node.at >= 0 ? node.at : pair && this.text.indexOf(":", pair.end) + 1;
    if (at === undefined) return undefined;
    return {
      at,
      ...(pair && { key: pair.key }),
      ...(node.written !== undefined && { written: node.written }),
    };
  }

  private value(): unknown {
    const event = this.take();
    if (event.type === EVENT_ID.SCALAR) return this.scalar(event);
    if (event.type === EVENT_ID.SEQUENCE) {
      plain(event);
      const items: unknown[] = [];
      while (!this.ends()) {
        const item = this.events[this.next];
        // Nothing after a dash has no place that could be told from here.
        if (item?.type === EVENT_ID.SCALAR && startOf(item) < 0) throw new Unsure();
        items.push(this.value());
      }
      return items;
    }
    if (event.type !== EVENT_ID.MAPPING) throw new Unsure();
    plain(event);
    const fields: Record<string, unknown> = {};
    while (!this.ends()) {
      const key = this.key(this.take());
      if (Object.hasOwn(fields, key)) throw new Unsure();
      fields[key] = this.value();
    }
    return fields;
  }

  private node(): Node {
    const event = this.take();
    if (event.type === EVENT_ID.SCALAR)
      return { at: startOf(event), written: getScalarValue(this.text, event) };
    if (event.type === EVENT_ID.SEQUENCE) {
      const items: Node[] = [];
      while (!this.ends()) items.push(this.node());
      return { at: event.start, items };
    }
    const fields: Node["fields"] = new Map();
    while (!this.ends()) {
      const key = this.take() as ScalarEvent;
      fields.set(this.key(key), { key: startOf(key), end: key.valueEnd, node: this.node() });
    }
    return { at: (event as { start: number }).start, fields };
  }

  /** A key that is a text; of what others become as names, `yaml` has its own idea. */
  private key(event: Event): string {
    if (event.type !== EVENT_ID.SCALAR) throw new Unsure();
    const key = this.scalar(event);
    if (typeof key !== "string" || key === "__proto__" || key === "<<") throw new Unsure();
    return key;
  }

  private scalar(event: ScalarEvent): unknown {
    plain(event);
    if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK)
      throw new Unsure();
    const text = getScalarValue(this.text, event);
    return event.style === SCALAR_STYLE.PLAIN ? this.resolve(text) : text;
  }

  /** Whether the collection ends here; its end is then taken. */
  private ends(): boolean {
    if (this.events[this.next]?.type !== EVENT_ID.POP) return false;
    this.next++;
    return true;
  }

  private take(): Event {
    const event = this.events[this.next++];
    if (!event) throw new Unsure();
    return event;
  }
}

/** Neither tag nor anchor. */
function plain({ tagStart, anchorStart }: { tagStart: number; anchorStart: number }): void {
  if (tagStart >= 0 || anchorStart >= 0) throw new Unsure();
}

/** With its quote; -1 for nothing where a value could stand. */
function startOf({ style, valueStart }: ScalarEvent): number {
  return style === SCALAR_STYLE.PLAIN || valueStart < 0 ? valueStart : valueStart - 1;
}
