import { native } from './binding'
import { tooLarge } from './errors'
import type { EncodedRecord } from './types'
import type { OpenUserRecord } from './user-record'

/** Bytes of magic and MD5. */
const OVERHEAD = 20

/** What is kept for the next aggregate; larger memory is given back. */
const KEPT_BYTES = 2 * 1024 * 1024

const NO_BYTES = Buffer.alloc(0)
const NO_WORDS = new Uint32Array(0)

/** Memory of a collector that has become empty, for the next one that fills: most live one after the other. */
let spareSlab = NO_BYTES
let spareEntries = NO_WORDS

/**
 * User records on their way into one aggregated record, laid out for one native call: bytes in a slab,
 * numbers in entries (see `src/encode.rs`). Sizes are those of protobuf, exact.
 */
export class Collector {
  /** User records in it. */
  count = 0
  /** Bytes of the protobuf message. */
  messageBytes = 0

  #slab = NO_BYTES
  #slabLength = 0
  #entries = NO_WORDS
  #entryCount = 0
  #keys = new Map<string, number>()
  #hashKeys = new Map<string, number>()
  #outerKey = ''
  #outerKeyBytes = 0
  #outerHashKey: string | undefined

  // What `measure` found, for `add`.
  #key = 0
  #newKeyBytes = -1
  #hashKey = 0
  #newHashKeyBytes = -1
  #dataBytes = 0

  constructor(readonly maxSize: number) {}

  /** Bytes that adding this record now would add to the message. */
  measure(record: OpenUserRecord): number {
    const { partitionKey, explicitHashKey, data } = record
    let bytes = 0
    const key = this.#keys.get(partitionKey)
    if (key === undefined) {
      this.#key = this.#keys.size
      this.#newKeyBytes = Buffer.byteLength(partitionKey)
      bytes += fieldSize(this.#newKeyBytes)
    } else {
      this.#key = key
      this.#newKeyBytes = -1
    }
    let body = 1 + varintSize(this.#key)
    if (explicitHashKey !== undefined) {
      const hashKey = this.#hashKeys.get(explicitHashKey)
      if (hashKey === undefined) {
        this.#hashKey = this.#hashKeys.size
        this.#newHashKeyBytes = Buffer.byteLength(explicitHashKey)
        bytes += fieldSize(this.#newHashKeyBytes)
      } else {
        this.#hashKey = hashKey
        this.#newHashKeyBytes = -1
      }
      body += 1 + varintSize(this.#hashKey)
    }
    this.#dataBytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    body += fieldSize(this.#dataBytes)
    return bytes + fieldSize(body)
  }

  /** Whether a record of that measure can be added. */
  hasRoom(measured: number): boolean {
    // The first record's key becomes the outer one, which counts too.
    const outerKeyBytes = this.count === 0 ? this.#newKeyBytes : this.#outerKeyBytes
    return OVERHEAD + this.messageBytes + measured + outerKeyBytes <= this.maxSize
  }

  /** @throws KinesisAggError `ERR_RECORD_TOO_LARGE`: not even alone does the record fit */
  checkAlone(record: OpenUserRecord): void {
    const { partitionKey, explicitHashKey, data } = record
    const keyBytes = Buffer.byteLength(partitionKey)
    const dataBytes = typeof data === 'string' ? Buffer.byteLength(data) : data.length
    const hashKeyBytes = explicitHashKey === undefined ? -1 : Buffer.byteLength(explicitHashKey)
    // Both indexes are 0.
    const body = 2 + (hashKeyBytes < 0 ? 0 : 2) + fieldSize(dataBytes)
    const message = fieldSize(keyBytes) + (hashKeyBytes < 0 ? 0 : fieldSize(hashKeyBytes)) + fieldSize(body)
    if (OVERHEAD + message + keyBytes > this.maxSize) {
      throw tooLarge(record.record, partitionKey, explicitHashKey, message)
    }
  }

  /** Adds the record that was measured last. */
  add(record: OpenUserRecord, measured: number): void {
    const { partitionKey, explicitHashKey, data } = record
    this.#reserve(this.#dataBytes + Math.max(this.#newKeyBytes, 0) + Math.max(this.#newHashKeyBytes, 0))
    const entries = this.#entries
    let at = this.#entryCount
    entries[at++] = this.#key
    if (this.#newKeyBytes >= 0) {
      entries[at++] = this.#newKeyBytes
      this.#keys.set(partitionKey, this.#key)
      this.#writeText(partitionKey, this.#newKeyBytes)
    }
    if (explicitHashKey === undefined) {
      entries[at++] = 0
    } else {
      entries[at++] = this.#hashKey + 1
      if (this.#newHashKeyBytes >= 0) {
        entries[at++] = this.#newHashKeyBytes
        this.#hashKeys.set(explicitHashKey, this.#hashKey)
        this.#writeText(explicitHashKey, this.#newHashKeyBytes)
      }
    }
    entries[at++] = this.#dataBytes
    this.#entryCount = at
    if (typeof data === 'string') {
      this.#writeText(data, this.#dataBytes)
    } else {
      this.#slab.set(data, this.#slabLength)
      this.#slabLength += this.#dataBytes
    }
    if (this.count === 0) {
      this.#outerKey = partitionKey
      this.#outerKeyBytes = this.#newKeyBytes
      this.#outerHashKey = explicitHashKey
    }
    this.count++
    this.messageBytes += measured
  }

  /**
   * Makes the aggregated record and empties the collector.
   *
   * @param seal put the digest on it; else the caller does, for several at once
   */
  take(seal: boolean): EncodedRecord {
    const data = Buffer.allocUnsafe(OVERHEAD + this.messageBytes)
    native.encode(this.#slab, this.#slabLength, this.#entries, this.#entryCount, data, seal)
    const encoded: EncodedRecord = { partitionKey: this.#outerKey, data }
    if (this.#outerHashKey !== undefined) {
      encoded.explicitHashKey = this.#outerHashKey
      encoded.ExplicitHashKey = this.#outerHashKey
    }
    this.clear()
    return encoded
  }

  clear(): void {
    if (this.#slab.length > spareSlab.length && this.#slab.length <= KEPT_BYTES) spareSlab = this.#slab
    if (this.#entries.length > spareEntries.length && this.#entries.byteLength <= KEPT_BYTES) {
      spareEntries = this.#entries
    }
    this.#slab = NO_BYTES
    this.#entries = NO_WORDS
    this.#slabLength = 0
    this.#entryCount = 0
    this.#keys.clear()
    this.#hashKeys.clear()
    this.#outerKey = ''
    this.#outerHashKey = undefined
    this.count = 0
    this.messageBytes = 0
  }

  #writeText(text: string, bytes: number): void {
    if (text.length === bytes) this.#slab.latin1Write(text, this.#slabLength)
    else this.#slab.utf8Write(text, this.#slabLength)
    this.#slabLength += bytes
  }

  /** Makes room for one more record of so many bytes. */
  #reserve(bytes: number): void {
    const slabLength = this.#slabLength + bytes
    if (slabLength > this.#slab.length) {
      if (this.count === 0 && spareSlab.length >= slabLength) {
        this.#slab = spareSlab
        spareSlab = NO_BYTES
      } else {
        const grown = Buffer.allocUnsafeSlow(Math.max(slabLength, this.#slab.length * 2, 1024))
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
