import { Buffer } from 'node:buffer'
import text from './codec.wasm'
import type { Binding } from './loader'
import { wasmBinding } from './wasm-binding'

/** The codec as WebAssembly. */
export function openCodec(): Binding {
  return wasmBinding(new WebAssembly.Module(Buffer.from(text, 'base64')))
}
