import { Buffer } from 'node:buffer'
import { native } from '../native/loader'
import { bytesOf, writeData, writeText } from '../bytes'
import { tooLarge } from '../errors'
import type { EncodedRecord } from '../types'
import type { NormalizedUserRecord } from './user-record'

/** Bytes of magic and MD5. */
export const OVERHEAD = 20

/** What is kept for the next aggregate; larger memory is given back. */
const KEPT_BYTES = 2 * 1024 * 1024

/**
 * Bytes beyond `maxSize` up to which the slab doubles: room is made for three bytes for each unit of a key, before its
 * bytes are counted.
 */
const SLACK = 1024

const NO_BYTES = Buffer.alloc(0)
const NO_WORDS = new Uint32Array(0)

/** Memory of a builder that has become empty, for the next one that fills: most live one after the other. */
let spareSlab = NO_BYTES
let spareEntries = NO_WORDS

/**
 * User records on their way into one aggregated record, laid out for one native call: bytes in a slab,
 * numbers in entries (see `src/encode.rs`). Sizes are those of protobuf, exact.
 */
export class AggregateBuilder {
  /** User records in it. */
  count = 0
  /** Bytes of the protobuf message. */
  messageBytes = 0

  #slab = NO_BYTES
  #slabLength = 0
  #entries = NO_WORDS
  // The first one says how many follow up to the last record that brings a key.
  #entryCount = 1
  #keys = new Map<string, number>()
  #hashKeys = new Map<string, number>()
  #outerKey = ''
  #outerKeyBytes = 0
  #outerHashKey: string | undefined

  constructor(readonly maxSize: number) {}

  /** What counts of the aggregated record: its bytes and those of its partition key. */
  get size(): number {
    return OVERHEAD + this.messageBytes + this.#outerKeyBytes
  }

  /** Bytes that adding this record now would add to the message. */
  measure({ partitionKey, explicitHashKey, data }: NormalizedUserRecord): number {
    const key = this.#keys.get(partitionKey)
    let bytes = key === undefined ? fieldSize(Buffer.byteLength(partitionKey)) : 0
    let hashKey: number | undefined
    if (explicitHashKey !== undefined) {
      hashKey = this.#hashKeys.get(explicitHashKey)
      if (hashKey === undefined) bytes += fieldSize(Buffer.byteLength(explicitHashKey))
      hashKey ??= this.#hashKeys.size
    }
    return bytes + recordSize(key ?? this.#keys.size, hashKey, bytesOf(data))
  }

  /** Whether {@link add} would have room for a record. */
  hasRoom(record: NormalizedUserRecord): boolean {
    // The first record's key becomes the outer one, which counts too.
    const outerKeyBytes = this.count === 0 ? Buffer.byteLength(record.partitionKey) : 0
    return this.size + this.measure(record) + outerKeyBytes <= this.maxSize
  }

  /** @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: not even alone does the record fit */
  assertFitsAlone(record: NormalizedUserRecord): void {
    const { partitionKey, explicitHashKey, data } = record
    const keyBytes = Buffer.byteLength(partitionKey)
    const hashKey = explicitHashKey === undefined ? undefined : 0
    const hashKeyBytes = explicitHashKey === undefined ? 0 : fieldSize(Buffer.byteLength(explicitHashKey))
    const message = fieldSize(keyBytes) + hashKeyBytes + recordSize(0, hashKey, bytesOf(data))
    if (OVERHEAD + message + keyBytes > this.maxSize) {
      throw tooLarge(record.record, partitionKey, explicitHashKey, message)
    }
  }

  /** Adds a record; `false`, and nothing has changed, if there is no room for it. */
  add({ partitionKey, explicitHashKey, data }: NormalizedUserRecord): boolean {
    const dataBytes = bytesOf(data)
    // Texts have at least as many bytes as UTF-16 units, and at most three times as many.
    let most = dataBytes
    let key = this.#keys.get(partitionKey)
    if (key === undefined) most += partitionKey.length * 3
    let hashKey: number | undefined
    if (explicitHashKey !== undefined) {
      hashKey = this.#hashKeys.get(explicitHashKey)
      if (hashKey === undefined) most += explicitHashKey.length * 3
    }
    if (most > this.maxSize * 3 || OVERHEAD + this.messageBytes + dataBytes > this.maxSize) return false
    if (this.#slabLength + most > this.#slab.length || this.#entryCount + 5 > this.#entries.length) {
      this.#reserve(most)
    }
    const slab = this.#slab
    const entries = this.#entries
    // Written behind what is valid: until `slabLength` and `entryCount` say so, it does not count.
    let end = this.#slabLength
    let at = this.#entryCount
    let added = 0
    let outerKeyBytes = this.#outerKeyBytes
    const isNewKey = key === undefined
    if (key === undefined) {
      key = this.#keys.size
      const bytes = Buffer.byteLength(partitionKey)
      writeText(slab, partitionKey, bytes, end)
      if (this.count === 0) outerKeyBytes = bytes
      entries[at++] = key
      entries[at++] = bytes
      end += bytes
      added = fieldSize(bytes)
    } else {
      entries[at++] = key
    }
    const isNewHashKey = explicitHashKey !== undefined && hashKey === undefined
    if (explicitHashKey === undefined) {
      entries[at++] = 0
    } else {
      hashKey ??= this.#hashKeys.size
      entries[at++] = hashKey + 1
      if (isNewHashKey) {
        const bytes = Buffer.byteLength(explicitHashKey)
        writeText(slab, explicitHashKey, bytes, end)
        entries[at++] = bytes
        end += bytes
        added += fieldSize(bytes)
      }
    }
    added += recordSize(key, hashKey, dataBytes)
    if (OVERHEAD + this.messageBytes + added + outerKeyBytes > this.maxSize) return false
    writeData(slab, data, dataBytes, end)
    entries[at++] = dataBytes
    if (isNewKey || isNewHashKey) entries[0] = at - 1
    if (isNewKey) this.#keys.set(partitionKey, key)
    if (isNewHashKey) this.#hashKeys.set(explicitHashKey, hashKey!)
    if (this.count === 0) {
      this.#outerKey = partitionKey
      this.#outerKeyBytes = outerKeyBytes
      this.#outerHashKey = explicitHashKey
    }
    this.#slabLength = end + dataBytes
    this.#entryCount = at
    this.count++
    this.messageBytes += added
    return true
  }

  /**
   * Adds a record without explicit hash key, whose partition key and data lie one behind the other in `bytes`, from
   * `at` on. It must be known to have room: see {@link maxRecordBytes}.
   */
  addFrom(bytes: Buffer, at: number, partitionKey: string, keyBytes: number, dataBytes: number): void {
    const length = keyBytes + dataBytes
    if (this.#slabLength + length > this.#slab.length || this.#entryCount + 5 > this.#entries.length) {
      this.#reserve(length)
    }
    const entries = this.#entries
    const known = this.#keys.get(partitionKey)
    const key = known ?? this.#keys.size
    const from = known === undefined ? at : at + keyBytes
    const to = at + length
    bytes.copy(this.#slab, this.#slabLength, from, to)
    this.#slabLength += to - from
    entries[this.#entryCount++] = key
    if (known === undefined) {
      entries[this.#entryCount++] = keyBytes
      this.#keys.set(partitionKey, key)
      this.messageBytes += fieldSize(keyBytes)
    }
    entries[this.#entryCount++] = 0
    entries[this.#entryCount++] = dataBytes
    if (known === undefined) entries[0] = this.#entryCount - 1
    if (this.count === 0) {
      this.#outerKey = partitionKey
      this.#outerKeyBytes = keyBytes
    }
    this.count++
    this.messageBytes += recordSize(key, undefined, dataBytes)
  }

  /**
   * Makes the aggregated record and empties the builder.
   *
   * @param seal put the digest on it; else the caller does, for several at once
   */
  build(seal: boolean): EncodedRecord {
    const encoded = this.encode(seal)
    this.clear()
    return encoded
  }

  /** Makes the aggregated record; the user records stay. */
  encode(seal: boolean): EncodedRecord {
    const data = Buffer.allocUnsafe(OVERHEAD + this.messageBytes)
    native.encode(this.#slab, this.#slabLength, this.#entries, this.#entryCount, data, seal)
    const encoded: EncodedRecord = { partitionKey: this.#outerKey, data }
    if (this.#outerHashKey !== undefined) {
      encoded.explicitHashKey = this.#outerHashKey
      encoded.ExplicitHashKey = this.#outerHashKey
    }
    return encoded
  }

  /** Returns what takes out again all that is added from now on; nothing may have been built or cleared meanwhile. */
  mark(): () => void {
    const { count, messageBytes } = this
    const [slabLength, entryCount, lastWithKey] = [this.#slabLength, this.#entryCount, this.#entries[0]]
    const [keys, hashKeys] = [this.#keys.size, this.#hashKeys.size]
    return () => {
      if (count === 0) {
        this.clear()
        return
      }
      this.count = count
      this.messageBytes = messageBytes
      this.#slabLength = slabLength
      this.#entryCount = entryCount
      this.#entries[0] = lastWithKey!
      removeFrom(this.#keys, keys)
      removeFrom(this.#hashKeys, hashKeys)
    }
  }

  clear(): void {
    if (this.#slab.length > spareSlab.length && this.#slab.length <= KEPT_BYTES) spareSlab = this.#slab
    if (this.#entries.length > spareEntries.length && this.#entries.byteLength <= KEPT_BYTES) {
      spareEntries = this.#entries
    }
    this.#slab = NO_BYTES
    this.#entries = NO_WORDS
    this.#slabLength = 0
    this.#entryCount = 1
    this.#keys.clear()
    this.#hashKeys.clear()
    this.#outerKey = ''
    this.#outerKeyBytes = 0
    this.#outerHashKey = undefined
    this.count = 0
    this.messageBytes = 0
  }

  /** Makes room for one more record of so many bytes. */
  #reserve(bytes: number): void {
    const slabLength = this.#slabLength + bytes
    if (slabLength > this.#slab.length) {
      const full = this.maxSize + SLACK
      if (this.count === 0 && spareSlab.length >= slabLength && spareSlab.length <= full) {
        this.#slab = spareSlab
        spareSlab = NO_BYTES
      } else {
        const grown = Buffer.allocUnsafeSlow(
          Math.max(slabLength, Math.min(this.#slab.length * 2, full), 1024)
        )
        grown.set(this.#slab.subarray(0, this.#slabLength))
        this.#slab = grown
      }
    }
    // A record has at most five numbers.
    if (this.#entryCount + 5 > this.#entries.length) {
      if (this.count === 0 && spareEntries.length > 0) {
        this.#entries = spareEntries
        spareEntries = NO_WORDS
      } else {
        const grown = new Uint32Array(Math.max(this.#entries.length * 2, 64))
        grown.set(this.#entries)
        this.#entries = grown
      }
    }
  }
}

/** Takes the entries of a table out from number `size` on. */
function removeFrom(table: Map<string, number>, size: number): void {
  for (const [key, number] of table) if (number >= size) table.delete(key)
}

/** Bytes of a number as a varint. */
function varintSize(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x200000) return 3
  if (value < 0x10000000) return 4
  return 5
}

/** Bytes of a length-delimited field with a one-byte tag. */
function fieldSize(length: number): number {
  return 1 + varintSize(length) + length
}

/** Bytes of a user record in the message, given its indexes. */
function recordSize(key: number, hashKey: number | undefined, dataBytes: number): number {
  const indexes = 1 + varintSize(key) + (hashKey === undefined ? 0 : 1 + varintSize(hashKey))
  return fieldSize(indexes + fieldSize(dataBytes))
}

/** The highest number of a table entry that there can be. */
const LAST_KEY = 0xffff_ffff

/** What a record without explicit hash key adds at most to {@link AggregateBuilder.size}, whatever is there. */
export function maxRecordBytes(keyBytes: number, dataBytes: number): number {
  return fieldSize(keyBytes) + recordSize(LAST_KEY, undefined, dataBytes) + keyBytes
}
