import type { Buffer } from 'node:buffer'
import { native } from '../native/loader'
import { OVERHEAD } from './aggregate-builder'

export { LANE_WORDS } from '../native/layout'

/** What {@link encodeLane} took from the head of a lane. */
export interface LaneHead {
  /** User records. */
  records: number
  /** Bytes of the aggregated record, at the front of `out`. */
  size: number
  /** Bytes that the records have in the slab. */
  slabBytes: number
}

const head = new Uint32Array(3)

/**
 * Makes one aggregated record of the first records of a lane, as many as the limits allow, without a digest: see
 * {@link sealAll}. Byte for byte it is what `aggregate` makes of the same records.
 *
 * @param slab of each record its partition key, explicit hash key and data, as UTF-8; another memory than `out`
 * @param from where the first record begins
 * @param end where the last one ends
 * @param places `LANE_WORDS` words a record: bytes of its partition key, explicit hash key (0: none) and data, and a
 * free one
 * @param first number of the first record in `places`
 * @param count of the records that there are
 * @param maxSize bytes of the aggregated record and its partition key, which is that of its first user record
 * @param maxRecords user records, below 2^32
 * @param out has room for {@link aggregateBound} or `maxSize` bytes, whichever is less
 * @returns all numbers are 0 if not even the first record fits: it has to be put as it is
 */
export function encodeLane(
  slab: Buffer,
  from: number,
  end: number,
  places: Uint32Array,
  first: number,
  count: number,
  maxSize: number,
  maxRecords: number,
  out: Buffer
): LaneHead {
  native.encodeLane(slab, from, end, places, first, count, maxSize, maxRecords, out, head)
  return { records: head[0]!, size: head[1]!, slabBytes: head[2]! }
}

/** Tags, lengths and numbers of a record and its table entries; each varint has at most five bytes. */
const MAX_AROUND = 6 * 6

/** Bytes that an aggregate of so many records, of so many bytes in the slab, has at most. */
export function aggregateBound(slabBytes: number, count: number): number {
  return OVERHEAD + slabBytes + count * MAX_AROUND
}

/** Puts the digests on aggregated records: all at once take little longer than one. */
export function sealAll(aggregates: readonly Buffer[]): void {
  native.seal(aggregates as Buffer[])
}
