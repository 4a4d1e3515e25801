import { native } from './binding'
import { KinesisAggError } from './errors'
import type { Enclosing } from './input'
import {
  HEADER_WORDS,
  KEY_WORDS,
  RECORD_WORDS,
  STATUS_CHECKSUM,
  STATUS_MALFORMED,
  STATUS_PLAIN
} from './layout'

/** One key table of one aggregated record. A key becomes a string when a record first needs it. */
export class KeyTable {
  // Grows with the keys that are used: a message may have millions that are not.
  readonly #keys: string[] = []

  constructor(
    private readonly bytes: Buffer,
    private readonly index: Uint32Array,
    private readonly at: number
  ) {}

  key(number: number): string {
    return this.#keys[number] ?? (this.#keys[number] = this.#read(number))
  }

  #read(number: number): string {
    const at = this.at + number * KEY_WORDS
    const start = this.index[at]!
    const length = this.index[at + 1]! | 0
    // Negative with the ASCII bit set; what is not UTF-8 becomes U+FFFD.
    return length < 0
      ? this.bytes.latin1Slice(start, start + (length & 0x7fffffff))
      : this.bytes.utf8Slice(start, start + length)
  }
}

/** Words of the header and index that begin at `at`. */
export function wordsOf(index: Uint32Array, at: number): number {
  if (index[at] === STATUS_PLAIN || index[at]! >= STATUS_CHECKSUM) return HEADER_WORDS
  return HEADER_WORDS + (index[at + 1]! + index[at + 2]!) * KEY_WORDS + index[at + 3]! * RECORD_WORDS
}

/** The error that a header tells of, if it does. */
export function errorAt(index: Uint32Array, at: number, enclosing: Enclosing): KinesisAggError | undefined {
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
