import { Buffer } from 'node:buffer'
import text from '../native/codec.wasm'
import { wasmBinding } from '../native/wasm-binding'

/** The codec in the page, in the place of `native/loader`: browsers compile only small modules without a wait. */
export const native = wasmBinding(await WebAssembly.compile(Buffer.from(text, 'base64') as BufferSource))

export const codec = 'wasm'
