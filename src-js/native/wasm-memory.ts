import { Buffer } from 'node:buffer'
import type { Exports } from './webassembly'

/** An address in the memory of an instance, or a number of bytes, words or records. */
type Size = number

/** What `src/wasm.rs` exports. -1: it failed, and the answer is the error's text. */
export interface WasmExports extends Exports {
  memory: WebAssembly.Memory
  layout(): Size
  reserve(bytes: Size): Size
  answer_at(): Size
  answer_len(): Size
  decode(data: Size, length: Size, verify: boolean, index: Size, words: Size): number
  decode_many(
    data: Size,
    length: Size,
    lengths: Size,
    count: Size,
    verify: boolean,
    index: Size,
    words: Size,
    most: Size
  ): number
  malformed_text(reason: number, offset: number): number
  encode(
    slab: Size,
    slabLength: Size,
    entries: Size,
    entryCount: Size,
    record: Size,
    recordLength: Size,
    seal: boolean
  ): number
  digests(data: Size, length: Size, lengths: Size, count: Size, digests: Size): number
  hash_key(key: Size, length: Size, out: Size): void
  shard_table(starts: Size, length: Size): Size
  shard_table_free(table: Size): void
  shard_of_key(table: Size, key: Size, length: Size): number
  shard_of_hash_key(table: Size, key: Size, length: Size): number
  shards_of_keys(table: Size, records: Size, length: Size, places: Size, count: Size): number
  encode_lane(
    slab: Size,
    slabLength: Size,
    places: Size,
    count: Size,
    maxSize: Size,
    maxRecords: Size,
    seed: Size,
    out: Size,
    outLength: Size,
    head: Size
  ): number
  sort_by_shard(
    table: Size,
    inbox: Size,
    length: Size,
    places: Size,
    count: Size,
    out: Size,
    sorted: Size,
    runs: Size
  ): number
  hash_keys(slab: Size, length: Size, places: Size, count: Size, out: Size): number
  encode_message(parts: Size, length: Size): number
  decode_message(data: Size, length: Size): number
}

/** Arguments of more bytes are given back as soon as few come: a giant must not cost memory for ever. */
const KEPT_BYTES = 2 * 1024 * 1024
const MIN_BYTES = 64 * 1024

/** WebAssembly's memory has the lowest byte first on every machine, typed arrays have the machine's order. */
const BIG_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0

/** Typed arrays' own copying costs more for so few words. */
const FEW_WORDS = 48

/**
 * An instance of the codec and its memory. Arguments are copied in, and what comes out is copied out again, so that
 * whoever calls knows nothing of it.
 *
 * The memory of an instance never shrinks, and after a trap an instance is not to be used again: then another one
 * takes its place.
 */
export class WasmMemory {
  /** The instance of now. */
  wasm!: WasmExports
  readonly #module: WebAssembly.Module
  #bytes!: Buffer
  #words!: Uint32Array
  #base = 0
  #capacity = 0

  constructor(module: WebAssembly.Module) {
    this.#module = module
    this.renew()
  }

  /** Another instance instead of this one, whose memory goes with it. */
  renew(): void {
    this.wasm = new WebAssembly.Instance(this.#module, {}).exports as WasmExports
    this.#base = 0
    this.#capacity = 0
    this.#view()
  }

  /** Room for the arguments of one call, aligned to 8 bytes; may be another instance's. */
  reserve(bytes: number): number {
    const isGiant = this.#capacity > KEPT_BYTES
    if (bytes > this.#capacity || (isGiant && bytes < KEPT_BYTES / 4)) {
      if (isGiant && bytes < this.#capacity) this.renew()
      this.#capacity = bytes > KEPT_BYTES ? bytes : Math.max(MIN_BYTES, 2 ** Math.ceil(Math.log2(bytes)))
      this.#base = this.wasm.reserve(this.#capacity) >>> 0
      this.#view()
    }
    return this.#base
  }

  /** The memory's views are void once it has grown. */
  #view(): void {
    const { buffer } = this.wasm.memory
    if (this.#bytes?.buffer === buffer) return
    this.#bytes = Buffer.from(buffer)
    this.#words = new Uint32Array(buffer)
  }

  /** The result of a call; throws its error. Whatever it wrote can be read then. */
  check(result: number): number {
    this.#view()
    if (result === -1) throw new Error(this.answer().toString())
    return result
  }

  /** The bytes that the last call answered with. */
  answer(): Buffer {
    this.#view()
    const at = this.wasm.answer_at() >>> 0
    return Buffer.from(this.#bytes.subarray(at, at + this.wasm.answer_len()))
  }

  putBytes(from: Uint8Array, at: number): void {
    // A view whose memory was taken away has no bytes, and `set` would throw.
    if (from.length > 0) this.#bytes.set(from, at)
  }

  takeBytes(to: Uint8Array, at: number): void {
    to.set(this.#bytes.subarray(at, at + to.length))
  }

  putWords(from: Uint32Array, at: number): void {
    const words = this.#words.subarray(at >>> 2, (at >>> 2) + from.length)
    words.set(from)
    if (BIG_ENDIAN) swap(words)
  }

  putWord(word: number, at: number): void {
    this.#bytes.writeUInt32LE(word, at)
  }

  word(at: number): number {
    return this.#bytes.readUInt32LE(at)
  }

  /** The first `count` words of `to`. */
  takeWords(to: Uint32Array, at: number, count: number): void {
    const first = at >>> 2
    if (count <= FEW_WORDS && !BIG_ENDIAN) {
      for (let i = 0; i < count; i++) to[i] = this.#words[first + i]!
      return
    }
    to.set(this.#words.subarray(first, first + count))
    if (BIG_ENDIAN) swap(to.subarray(0, count))
  }

  /** The UTF-8 of a text, of at most three bytes a character; returns its length. */
  putText(text: string, at: number): number {
    return this.#bytes.utf8Write(text, at)
  }
}

function swap(words: Uint32Array): void {
  Buffer.from(words.buffer, words.byteOffset, words.byteLength).swap32()
}
