import { Buffer } from 'node:buffer'
import { native } from '../native/loader'
import { KinesisAggError } from '../errors'
import type { KinesisRecordParts } from './kinesis-record'
import {
  ASCII,
  HEADER_WORDS,
  KEY_WORDS,
  RECORD_WORDS,
  STATUS_CHECKSUM,
  STATUS_MALFORMED,
  STATUS_PLAIN
} from '../native/layout'

/**
 * Bytes of keys that become strings together: one call for several keys that stand side by side makes each of
 * them several times cheaper. They share that text for as long as one of them lives: a key that is kept keeps at most
 * 2 KiB, with the headers of both strings, and no record.
 */
const SHARED_BYTES = 2 * 1024 - 64

/** One key table of one aggregated record. Keys become strings when a record first needs one of them. */
export class KeyTable {
  /** Nobody asks it for a key: indexes outside their table were refused. */
  static readonly #empty = new KeyTable(Buffer.alloc(0), new Uint32Array(0), 0, 0)

  // Grows with the keys that are used: a message may have millions that are not.
  readonly #keys: string[] = []
  readonly #bytes: Buffer
  readonly #index: Uint32Array
  readonly #from: number
  readonly #to: number

  /** The table of `count` keys whose index begins at word `from`; most records have one of the two tables only. */
  static of(bytes: Buffer, index: Uint32Array, from: number, count: number): KeyTable {
    return count === 0 ? KeyTable.#empty : new KeyTable(bytes, index, from, count)
  }

  private constructor(bytes: Buffer, index: Uint32Array, from: number, count: number) {
    this.#bytes = bytes
    this.#index = index
    this.#from = from
    this.#to = from + count * KEY_WORDS
  }

  key(number: number): string {
    return this.#keys[number] ?? this.#read(number)
  }

  #read(number: number): string {
    const bytes = this.#bytes
    const index = this.#index
    const keys = this.#keys
    const at = this.#from + number * KEY_WORDS
    const start = index[at]!
    // Negative with the ASCII bit set; what is not UTF-8 becomes U+FFFD.
    const length = index[at + 1]! | 0
    if (length >= 0) return (keys[number] = bytes.utf8Slice(start, start + length))
    const most = start + SHARED_BYTES
    let end = start + (length & ~ASCII)
    let next = at + KEY_WORDS
    // Only to the next one that is known: records may name keys from the last one to the first.
    for (let i = number + 1; next < this.#to && keys[i] === undefined; i++, next += KEY_WORDS) {
      const length = index[next + 1]! | 0
      const keyEnd = index[next]! + (length & ~ASCII)
      if (length >= 0 || keyEnd > most || index[next]! < end) break
      end = keyEnd
    }
    const text = bytes.latin1Slice(start, end)
    for (let word = at, i = number; word < next; word += KEY_WORDS, i++) {
      const from = index[word]! - start
      keys[i] = text.substring(from, from + (index[word + 1]! & ~ASCII))
    }
    return keys[number]!
  }
}

/** Words of the header and index that begin at `at`. */
export function wordsOf(index: Uint32Array, at: number): number {
  if (index[at] === STATUS_PLAIN || index[at]! >= STATUS_CHECKSUM) return HEADER_WORDS
  return HEADER_WORDS + (index[at + 1]! + index[at + 2]!) * KEY_WORDS + index[at + 3]! * RECORD_WORDS
}

/** The error that a header tells of, if it does. */
export function errorAt(
  index: Uint32Array,
  at: number,
  enclosing: KinesisRecordParts
): KinesisAggError | undefined {
  const status = index[at]!
  if (status !== STATUS_CHECKSUM && status !== STATUS_MALFORMED) return undefined
  const about = {
    record: enclosing.source,
    sequenceNumber: typeof enclosing.sequenceNumber === 'string' ? enclosing.sequenceNumber : undefined
  }
  return status === STATUS_CHECKSUM
    ? new KinesisAggError('ERR_INVALID_CHECKSUM', 'Invalid record checksum', about)
    : new KinesisAggError('ERR_MALFORMED_RECORD', native.malformedText(index[at + 1]!, index[at + 2]!), about)
}
