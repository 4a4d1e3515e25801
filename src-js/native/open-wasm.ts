import type { Binding } from './loader'

/**
 * The codec as WebAssembly, from a file of its own, so that nothing of it is read unless it is needed. In the files for
 * bundlers the build puts that file in the place of this one.
 */
export const openCodec = (): Binding => (require('./wasm-codec') as typeof import('./wasm-codec')).openCodec()
