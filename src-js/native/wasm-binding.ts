import { randomBytes } from 'node:crypto'
import type { Binding } from './loader'
import { WasmMemory } from './wasm-memory'
import { WasmShardTable } from './wasm-shard-table'

/** The version in package.json, put in by the build: the module itself has none, it is part of the package. */
declare const PACKAGE_VERSION: string

const DIGEST_BYTES = 16

/** What an instance of WebAssembly cannot make by itself: two random numbers of 64 bits. */
const SEED_BYTES = 16

/** Records, bytes of the aggregate, bytes in the slab: what `encodeLane` answers with. */
const HEAD_WORDS = 3

/** Records that are copied in for one call of `decodeMany` are at most so many bytes, or one record. */
const MAX_BYTES = 4 * 1024 * 1024

/** Bytes of words, rounded so that what follows is aligned too. */
const wordBytes = (count: number): number => (count * 4 + 7) & ~7

/** What `src/wasm.rs` lays out, in its order. */
const LAYOUT = [
  'HEADER_WORDS',
  'KEY_WORDS',
  'RECORD_WORDS',
  'SHARD_LOOKUP_WORDS',
  'LANE_WORDS',
  'RUN_WORDS',
  'STATUS_PLAIN',
  'STATUS_RECORDS',
  'STATUS_BASE64',
  'STATUS_CHECKSUM',
  'STATUS_MALFORMED'
] as const

/** What a native binary exports, by WebAssembly. */
export function wasmBinding(module: WebAssembly.Module): Binding {
  const memory = new WasmMemory(module)
  let seed: Uint8Array | undefined

  function decode(data: Uint8Array, length: number, verify: boolean, index: Uint32Array): number {
    if (!(length <= data.length)) throw internal('a length outside its memory')
    const at = memory.reserve(wordBytes(index.length) + length)
    const dataAt = at + wordBytes(index.length)
    memory.putBytes(data.length === length ? data : data.subarray(0, length), dataAt)
    const needed = memory.check(memory.wasm.decode(dataAt, length, verify, at, index.length))
    if (needed <= index.length) memory.takeWords(index, at, needed)
    return needed
  }

  /** The UTF-8 of a key behind room for so many bytes: where that begins, and the key's length. */
  function putKey(key: string, before: number): [at: number, length: number] {
    const at = memory.reserve(before + key.length * 3)
    return [at, memory.putText(key, at + before)]
  }

  /** Where a key is, its length, and where the table is that it is looked up in. */
  function putKeyForTable(key: string, table: WasmShardTable): [at: number, length: number, table: number] {
    const [at, length] = putKey(key, table.bytes)
    return [at + table.bytes, length, table.at(at)]
  }

  const layoutAt = memory.wasm.layout() >>> 0
  const layout = Object.fromEntries(LAYOUT.map((name, i) => [name, memory.word(layoutAt + i * 4)])) as Record<
    (typeof LAYOUT)[number],
    number
  >
  const { SHARD_LOOKUP_WORDS, LANE_WORDS, RUN_WORDS } = layout

  /** The words of `count` lane records from number `first` on. */
  function laneWords(places: Uint32Array, first: number, count: number): Uint32Array {
    const words = places.subarray(first * LANE_WORDS, (first + count) * LANE_WORDS)
    if (words.length !== count * LANE_WORDS) throw internal('more records than places')
    return words
  }

  const calls = {
    decode,

    // Its status says that the caller has to make base64 himself; here that is faster.
    decodeToBase64: decode,
    encodeData: () => 0,

    decodeMany(list, from, verify, index, most) {
      const records = list as Uint8Array[]
      let total = 0
      let end = from
      while (end < records.length && (end === from || total + records[end]!.length <= MAX_BYTES)) {
        total += records[end]!.length
        end++
      }
      const count = end - from
      const at = memory.reserve(wordBytes(index.length) + wordBytes(count) + total)
      const lengthsAt = at + wordBytes(index.length)
      const dataAt = lengthsAt + wordBytes(count)
      for (let i = from, to = dataAt; i < end; i++) {
        memory.putWord(records[i]!.length, lengthsAt + (i - from) * 4)
        memory.putBytes(records[i]!, to)
        to += records[i]!.length
      }
      const done = memory.check(
        memory.wasm.decode_many(dataAt, total, lengthsAt, count, verify, at, index.length, most)
      )
      memory.takeWords(index, at, memory.word(lengthsAt))
      return done
    },

    malformedText(reason, offset) {
      memory.check(memory.wasm.malformed_text(reason, offset))
      return memory.answer().toString()
    },

    encode(slab, slabLength, entries, entryCount, record, seal) {
      if (!(slabLength <= slab.length)) throw internal('a slab too short')
      if (!(entryCount <= entries.length)) throw internal('entries too short')
      const at = memory.reserve(wordBytes(entryCount) + slabLength + record.length)
      const slabAt = at + wordBytes(entryCount)
      const recordAt = slabAt + slabLength
      memory.putWords(entries.subarray(0, entryCount), at)
      memory.putBytes(slab.subarray(0, slabLength), slabAt)
      memory.check(memory.wasm.encode(slabAt, slabLength, at, entryCount, recordAt, record.length, seal))
      memory.takeBytes(record, recordAt)
    },

    seal(list) {
      const records = list as Uint8Array[]
      const total = records.reduce((sum, record) => sum + record.length, 0)
      const digests = records.length * DIGEST_BYTES
      const at = memory.reserve(digests + wordBytes(records.length) + total)
      const lengthsAt = at + digests
      const dataAt = lengthsAt + wordBytes(records.length)
      let to = dataAt
      for (const [i, record] of records.entries()) {
        memory.putWord(record.length, lengthsAt + i * 4)
        memory.putBytes(record, to)
        to += record.length
      }
      memory.check(memory.wasm.digests(dataAt, total, lengthsAt, records.length, at))
      for (const [i, record] of records.entries())
        memory.takeBytes(record.subarray(-DIGEST_BYTES), at + i * DIGEST_BYTES)
    },

    hashKey(partitionKey, out) {
      if (out.length < DIGEST_BYTES) throw internal('no room for a hash key')
      const [at, length] = putKey(partitionKey, DIGEST_BYTES)
      memory.wasm.hash_key(at + DIGEST_BYTES, length, at)
      memory.takeBytes(out.subarray(0, DIGEST_BYTES), at)
    },

    shardTable(starts) {
      const table = new WasmShardTable(memory, starts)
      table.at(memory.reserve(table.bytes))
      return table
    },

    shardOfKey(table, partitionKey) {
      const [at, length, tableAt] = putKeyForTable(partitionKey, table as WasmShardTable)
      return memory.wasm.shard_of_key(tableAt, at, length) >>> 0
    },

    shardOfHashKey(table, hashKey) {
      const [at, length, tableAt] = putKeyForTable(hashKey, table as WasmShardTable)
      return memory.wasm.shard_of_hash_key(tableAt, at, length)
    },

    shardsOfKeys(table, records, lookups, count) {
      const words = lookups.subarray(0, count * SHARD_LOOKUP_WORDS)
      if (words.length < count * SHARD_LOOKUP_WORDS) throw internal('more records than lookups')
      const { bytes } = table as WasmShardTable
      const at = memory.reserve(bytes + wordBytes(words.length) + records.length)
      const placesAt = at + bytes
      const recordsAt = placesAt + wordBytes(words.length)
      const tableAt = (table as WasmShardTable).at(at)
      memory.putWords(words, placesAt)
      memory.putBytes(records, recordsAt)
      memory.check(memory.wasm.shards_of_keys(tableAt, recordsAt, records.length, placesAt, count))
      memory.takeWords(words, placesAt, words.length)
    },

    encodeLane(slab, from, end, places, first, count, maxSize, maxRecords, out, head) {
      if (!(from >= 0 && from <= end && end <= slab.length)) throw internal('records outside their slab')
      if (head.length < HEAD_WORDS) throw internal('no room for a head')
      const words = laneWords(places, first, count)
      seed ??= randomBytes(SEED_BYTES)
      const length = end - from
      const at = memory.reserve(
        SEED_BYTES + wordBytes(HEAD_WORDS) + wordBytes(words.length) + length + out.length
      )
      const headAt = at + SEED_BYTES
      const placesAt = headAt + wordBytes(HEAD_WORDS)
      const slabAt = placesAt + wordBytes(words.length)
      const outAt = slabAt + length
      memory.putBytes(seed, at)
      memory.putWords(words, placesAt)
      memory.putBytes(slab.subarray(from, end), slabAt)
      memory.check(
        memory.wasm.encode_lane(
          slabAt,
          length,
          placesAt,
          count,
          maxSize,
          maxRecords,
          at,
          outAt,
          out.length,
          headAt
        )
      )
      memory.takeWords(head, headAt, HEAD_WORDS)
      // What is left for the digest is not written.
      memory.takeBytes(out.subarray(0, Math.max(0, head[1]! - DIGEST_BYTES)), outAt)
    },

    sortByShard(table, inbox, places, count, out, sorted, runs) {
      const words = laneWords(places, 0, count)
      if (sorted.length < words.length) throw internal('no room for sorted records')
      const { bytes } = table as WasmShardTable
      const { length } = inbox
      const runWords = wordBytes(count * RUN_WORDS)
      const at = memory.reserve(bytes + 2 * wordBytes(words.length) + runWords + 2 * length)
      const placesAt = at + bytes
      const sortedAt = placesAt + wordBytes(words.length)
      const runsAt = sortedAt + wordBytes(words.length)
      const inboxAt = runsAt + runWords
      const outAt = inboxAt + length
      const tableAt = (table as WasmShardTable).at(at)
      memory.putWords(words, placesAt)
      memory.putBytes(inbox, inboxAt)
      const found = memory.check(
        memory.wasm.sort_by_shard(tableAt, inboxAt, length, placesAt, count, outAt, sortedAt, runsAt)
      )
      let sortedBytes = 0
      for (let run = 0; run < found; run++) sortedBytes += memory.word(runsAt + (run * RUN_WORDS + 2) * 4)
      if (runs.length < found * RUN_WORDS || out.length < sortedBytes)
        throw internal('no room for sorted records')
      memory.takeWords(sorted, sortedAt, words.length)
      memory.takeWords(runs, runsAt, found * RUN_WORDS)
      memory.takeBytes(out.subarray(0, sortedBytes), outAt)
      return found
    },

    hashKeys(slab, places, count, out) {
      const words = laneWords(places, 0, count)
      const bytes = count * DIGEST_BYTES
      if (out.length < bytes) throw internal('no room for hash keys')
      const at = memory.reserve(bytes + wordBytes(words.length) + slab.length)
      const placesAt = at + bytes
      const slabAt = placesAt + wordBytes(words.length)
      memory.putWords(words, placesAt)
      memory.putBytes(slab, slabAt)
      memory.check(memory.wasm.hash_keys(slabAt, slab.length, placesAt, count, at))
      memory.takeBytes(out.subarray(0, bytes), at)
    },

    encodeMessage(parts) {
      const at = memory.reserve(parts.length)
      memory.putBytes(parts, at)
      memory.check(memory.wasm.encode_message(at, parts.length))
      return memory.answer()
    },

    decodeMessage(bytes) {
      const at = memory.reserve(bytes.length)
      memory.putBytes(bytes, at)
      memory.check(memory.wasm.decode_message(at, bytes.length))
      return memory.answer()
    },

    md5Backends: () => ['scalar'],
    forceMd5: () => undefined
  } satisfies Partial<Binding>

  return { ...renewingAfterTraps(memory, calls), ...layout, VERSION: PACKAGE_VERSION }
}

/** The two halves of this package disagree: a fault of ours. */
function internal(what: string): Error {
  return new Error(`ERR_INTERNAL: Internal error: ${what}`)
}

type Calls = Record<string, (...args: never[]) => unknown>

/** The same functions; one that traps (there is no memory left, or a bug of ours) throws, and the next call works. */
function renewingAfterTraps<T extends Calls>(memory: WasmMemory, calls: T): T {
  const renewing =
    (call: Calls[string]) =>
    (...args: never[]): unknown => {
      try {
        return call(...args)
      } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) throw error
        memory.renew()
        throw Object.assign(internal(`WebAssembly stopped: ${error.message}`), { cause: error })
      }
    }
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, renewing(call)])) as T
}
