/**
 * A proxy-wasm host in miniature (ABI 0.2.1): it runs the release module in Node, answers each host call from a script, and
 * writes every call down. What Envoy's own host does is modelled where the filter depends on it: header names compare
 * without case, `get` answers the first value, absent is status 1 (NotFound); a stream is announced right before its
 * request headers.
 *
 * Source: proxy-wasm/spec, abi-versions/v0.2.1; proxy-wasm-cpp-host src/exports.cc.
 */
export type Headers = [name: string, value: string][];

/** What a stream answers to property reads: the path's parts joined with dots, as in `xds.cluster_name`. */
export type Properties = Record<string, string>;

/** What a root context answers to property reads; `undefined` where the host says NotFound. */
export type Node = Readonly<Record<string, string | undefined>>;

/** One host call, as it was made. */
export interface HostCall {
  readonly name: string;
  readonly args: readonly (string | number)[];
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  proxy_on_memory_allocate(size: number): number;
  proxy_on_context_create(id: number, parent: number): void;
  proxy_on_configure(id: number, size: number): number;
  proxy_on_request_headers(id: number, count: number, end: number): number;
}

const OK = 0;
const NOT_FOUND = 1;
const BAD_ARGUMENT = 2;
const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"] as const;
const utf8 = new TextEncoder();

/** One VM with the module in it. */
export class Host {
  /** Node metadata and whatever else a root context can read. */
  readonly node: Node;
  /** All calls since the last `takeCalls`. */
  calls: HostCall[] = [];
  readonly log: string[] = [];
  readonly counters = new Map<string, number>();
  /** Below this level the module need not build its messages: 2 is info. */
  logLevel = 2;

  private readonly exports: Exports;
  private readonly counterNames: string[] = [];
  /** The root contexts that are open. */
  private readonly roots = new Set<number>();
  private nextId = 1;
  private configuration: Uint8Array = new Uint8Array();
  private stream: Stream | undefined;

  private constructor(module: WebAssembly.Module, node: Node) {
    // Every Envoy since 1.33 answers this, empty where the node has no id.
    this.node = { "xds.node.id": "", ...node };
    this.exports = new WebAssembly.Instance(module, { env: this.imports() }).exports as Exports;
    this.exports._initialize();
  }

  /**
   * Starts a VM. `node` answers property reads outside of streams, as in `{"xds.node.metadata.CLUSTER_ID": "m1c1"}`; a value
   * of `undefined` is one that the host does not know.
   * Throws WebAssembly.CompileError or LinkError for a module that is not ours.
   */
  static start(module: WebAssembly.Module, node: Node = {}): Host {
    return new Host(module, node);
  }

  /** Makes a root context and configures it; what the module said to the configuration. */
  root(configuration: string | Uint8Array): { id: number; accepted: boolean } {
    const id = this.nextId++;
    this.roots.add(id);
    this.exports.proxy_on_context_create(id, 0);
    return { id, accepted: this.configure(id, configuration) };
  }

  /** Configures a root context (again). */
  configure(root: number, configuration: string | Uint8Array): boolean {
    this.configuration = typeof configuration === "string" ? utf8.encode(configuration) : configuration;
    return this.exports.proxy_on_configure(root, this.configuration.length) !== 0;
  }

  /** Announces a root context again, as Envoy does when a second plugin has the same key. */
  announce(root: number): void {
    this.exports.proxy_on_context_create(root, 0);
  }

  /** A stream under a root context, before its first callback. */
  open(root: number, headers: Headers, properties: Properties = {}): Stream {
    return new Stream(this, this.nextId++, root, headers, properties);
  }

  /** Ends a root context; the module exports nothing that would be called. */
  close(root: number): void {
    this.roots.delete(root);
  }

  /** The calls since the last time, in order. */
  takeCalls(): HostCall[] {
    const calls = this.calls;
    this.calls = [];
    return calls;
  }

  /** Size of the module's memory in bytes. */
  get memoryBytes(): number {
    return this.exports.memory.buffer.byteLength;
  }

  /** Announces a stream and runs its request phase, the one that the module asks for. */
  run(stream: Stream): void {
    this.stream = stream;
    try {
      this.exports.proxy_on_context_create(stream.id, stream.root);
      this.exports.proxy_on_request_headers(stream.id, stream.headers.length, 1);
    } finally {
      this.stream = undefined;
    }
  }

  private bytes(ptr: number, size: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer, ptr, size);
  }

  private text(ptr: number, size: number): string {
    return Buffer.from(this.bytes(ptr, size)).toString("utf8");
  }

  /** Hands a value over the way every host does: memory from the module, then pointer and size where it said. */
  private give(value: Uint8Array, ptrAt: number, sizeAt: number): number {
    const ptr = this.exports.proxy_on_memory_allocate(value.length);
    this.bytes(ptr, value.length).set(value);
    const view = new DataView(this.exports.memory.buffer);
    view.setUint32(ptrAt, ptr, true);
    view.setUint32(sizeAt, value.length, true);
    return OK;
  }

  private note(name: string, ...args: (string | number)[]): void {
    this.calls.push({ name, args });
  }

  private imports(): Record<string, (...args: never[]) => number> {
    return {
      proxy_log: (level: number, ptr: number, size: number) => {
        this.note("log", LEVELS[level] ?? level);
        this.log.push(`${LEVELS[level]}: ${this.text(ptr, size)}`);
        return OK;
      },
      proxy_get_log_level: (at: number) => {
        this.note("get_log_level");
        new DataView(this.exports.memory.buffer).setUint32(at, this.logLevel, true);
        return OK;
      },
      proxy_get_buffer_bytes: (
        type: number,
        start: number,
        length: number,
        ptrAt: number,
        sizeAt: number,
      ) => {
        this.note("get_buffer_bytes", type);
        if (type !== 7) return BAD_ARGUMENT;
        return this.give(this.configuration.subarray(start, start + length), ptrAt, sizeAt);
      },
      proxy_get_property: (ptr: number, size: number, ptrAt: number, sizeAt: number) => {
        const path = this.text(ptr, size).replaceAll("\0", ".");
        this.note("get_property", path);
        const value = this.stream?.properties[path] ?? this.node[path];
        return value === undefined ? NOT_FOUND : this.give(utf8.encode(value), ptrAt, sizeAt);
      },
      proxy_set_property: (ptr: number, size: number, valuePtr: number, valueSize: number) => {
        const [name, value] = [this.text(ptr, size), Buffer.from(this.bytes(valuePtr, valueSize))];
        this.note("set_property", name);
        if (!this.stream) return BAD_ARGUMENT;
        this.stream.filterState[`wasm.${name}`] = value.toString();
        return OK;
      },
      proxy_get_header_map_value: (map: number, ptr: number, size: number, ptrAt: number, sizeAt: number) => {
        const name = this.text(ptr, size).toLowerCase();
        this.note("get_header_map_value", map, name);
        const entry = this.stream?.headers.find(([key]) => key.toLowerCase() === name);
        return entry ? this.give(utf8.encode(entry[1]), ptrAt, sizeAt) : NOT_FOUND;
      },
      proxy_remove_header_map_value: (map: number, ptr: number, size: number) => {
        const name = this.text(ptr, size);
        this.note("remove_header_map_value", map, name);
        if (!this.stream) return BAD_ARGUMENT;
        removeHeader(this.stream.headers, name);
        return OK;
      },
      proxy_call_foreign_function: (ptr: number, size: number) => {
        const name = this.text(ptr, size);
        this.note("call_foreign_function", name);
        if (name !== "clear_route_cache" || !this.stream) return NOT_FOUND;
        this.stream.clears++;
        return OK;
      },
      proxy_set_effective_context: (id: number) => {
        this.note("set_effective_context", id);
        return this.roots.has(id) ? OK : BAD_ARGUMENT;
      },
      proxy_define_metric: (type: number, ptr: number, size: number, idAt: number) => {
        const name = this.text(ptr, size);
        this.note("define_metric", type, name);
        let index = this.counterNames.indexOf(name);
        if (index < 0) index = this.counterNames.push(name) - 1;
        // Ids are as Envoy's counters have them: a number shifted by two bits of type, never 0.
        new DataView(this.exports.memory.buffer).setUint32(idAt, (index + 1) << 2, true);
        return OK;
      },
      proxy_increment_metric: (id: number, by: bigint) => {
        const name = this.counterNames[(id >> 2) - 1];
        this.note("increment_metric", name ?? id);
        if (name === undefined || by <= 0n) return BAD_ARGUMENT;
        this.counters.set(name, (this.counters.get(name) ?? 0) + Number(by));
        return OK;
      },
    } satisfies Record<string, (...args: never[]) => number>;
  }
}

/** One stream on a host. */
export class Stream {
  readonly filterState: Record<string, string> = {};
  /** How often the route cache was cleared. */
  clears = 0;

  constructor(
    private readonly host: Host,
    readonly id: number,
    readonly root: number,
    readonly headers: Headers,
    readonly properties: Properties,
  ) {}

  /** Runs the request phase. */
  request(): this {
    this.host.run(this);
    return this;
  }

  /** The pin, by which the route picks the Envoy cluster; `undefined`: none. */
  get pin(): string | undefined {
    return this.filterState["wasm.cluster_local_pin"];
  }

  /** The rule and mode that govern the request; `undefined`: none. */
  get state(): { rule: string; mode: string } | undefined {
    const { "wasm.cluster_local_rule": rule, "wasm.cluster_local_mode": mode } = this.filterState;
    return rule === undefined || mode === undefined ? undefined : { rule, mode };
  }

  /** All values of a header of the request, in order. */
  values(name: string): string[] {
    return this.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  }
}

function removeHeader(headers: Headers, name: string): void {
  for (let i = headers.length - 1; i >= 0; i--) {
    if (headers[i]![0].toLowerCase() === name.toLowerCase()) headers.splice(i, 1);
  }
}
