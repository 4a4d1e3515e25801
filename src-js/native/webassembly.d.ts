/** What a module exports. */
export type Exports = Record<string, unknown>

declare global {
  /** The part of the JavaScript API that is used; `lib.dom` has all of it, and much that Node.js has not. */
  namespace WebAssembly {
    class Module {
      constructor(bytes: Uint8Array)
      static imports(module: Module): { name: string }[]
    }
    class Instance {
      constructor(module: Module, imports?: object)
      readonly exports: Exports
    }
    class Memory {
      readonly buffer: ArrayBuffer
    }
    class RuntimeError extends Error {}
  }
}
