/** The part of the WebAssembly JavaScript interface that is used here; @types/node 20 leaves it to the DOM library. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  class Module {
    constructor(bytes: Uint8Array);
    static exports(module: Module): { name: string }[];
    readonly [Symbol.toStringTag]: string;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, (...args: never[]) => number>>);
    readonly exports: unknown;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
