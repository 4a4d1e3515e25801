import { Buffer } from 'node:buffer'
/**
 * Memory that native code reads from and writes into, kept from call to call: to allocate it anew costs more
 * than most calls do.
 *
 * It belongs to this instance of the module, so that each worker thread has its own. Whoever uses it takes
 * everything out again before any code of the caller runs, since that may call back in.
 */

/** What is larger is given back as soon as something small comes: a giant must not cost memory for ever. */
const KEPT_BYTES = 2 * 1024 * 1024

const NO_BYTES = Buffer.alloc(0)
const NO_WORDS = new Uint32Array(0)

let bytes = NO_BYTES
let slab = NO_BYTES
let index = NO_WORDS

/** For decoded base64. */
export function scratchBytes(length: number): Buffer {
  if (bytes.length < length) bytes = Buffer.allocUnsafeSlow(grown(length))
  return bytes
}

/** For text on its way out. */
export function scratchSlab(length: number): Buffer {
  if (slab.length < length) slab = Buffer.allocUnsafeSlow(grown(length))
  return slab
}

/** For the index of records. */
export function scratchIndex(words: number): Uint32Array {
  if (index.length < words) index = new Uint32Array(grown(words))
  return index
}

/**
 * To be called after use with the bytes of the records that it was for. Giants keep what they need as long as
 * only giants come: to make it anew for each costs as much as to decode it.
 */
export function releaseScratch(used: number): void {
  if (used > KEPT_BYTES / 4) return
  if (bytes.length > KEPT_BYTES) bytes = NO_BYTES
  if (slab.length > KEPT_BYTES) slab = NO_BYTES
  if (index.byteLength > KEPT_BYTES) index = NO_WORDS
}

/** A power of two, so that slowly growing records do not allocate each time; giants get what they need. */
function grown(length: number): number {
  return length > KEPT_BYTES / 4 ? length : Math.max(4096, 2 ** Math.ceil(Math.log2(length)))
}
