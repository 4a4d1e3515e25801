import { Buffer } from 'node:buffer'
import { LANE_WORDS } from '../aggregation/lane-encoder'
import type { RecordTable } from './record-table'
import type { Segment } from './slab'

/** Records in memory of their own, on their way from one place of the producer to another. */
export class RecordBatch {
  bytes: Buffer
  places: Uint32Array
  count = 0
  /** Bytes of all records. */
  end = 0

  constructor(bytes = 1024, records = 16) {
    this.bytes = Buffer.allocUnsafe(bytes)
    this.places = new Uint32Array(records * LANE_WORDS)
  }

  /** Appends a record whose bytes begin at `at`. */
  add(source: Buffer, at: number, key: number, hashKey: number, data: number, slot: number): void {
    const bytes = key + hashKey + data
    this.reserve(bytes)
    source.copy(this.bytes, this.end, at, at + bytes)
    this.push(key, hashKey, data, slot)
  }

  /** Makes room for a record of so many bytes; it may then be written at {@link end}. */
  reserve(bytes: number): void {
    if (this.end + bytes > this.bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.end + bytes))
      this.bytes.copy(grown, 0, 0, this.end)
      this.bytes = grown
    }
    if ((this.count + 1) * LANE_WORDS > this.places.length) {
      const grown = new Uint32Array(this.places.length * 2)
      grown.set(this.places)
      this.places = grown
    }
  }

  /** Takes a record whose bytes were written at {@link end}. */
  push(key: number, hashKey: number, data: number, slot: number): void {
    const p = this.count++ * LANE_WORDS
    this.places[p] = key
    this.places[p + 1] = hashKey
    this.places[p + 2] = data
    this.places[p + 3] = slot
    this.end += key + hashKey + data
  }

  /** Appends the records of a segment that `wanted` takes. */
  addSegment({ chunk, from, first, last }: Segment, wanted: (slot: number) => boolean = () => true): void {
    const { bytes, places } = chunk
    let at = from
    for (let p = first * LANE_WORDS; p < last * LANE_WORDS; p += LANE_WORDS) {
      const key = places[p]!
      const hashKey = places[p + 1]!
      const data = places[p + 2]!
      const slot = places[p + 3]!
      if (wanted(slot)) this.add(bytes, at, key, hashKey, data, slot)
      at += key + hashKey + data
    }
  }

  slot(i: number): number {
    return this.places[i * LANE_WORDS + 3]!
  }

  /** Where each record begins. */
  offsets(): Float64Array {
    const offsets = new Float64Array(this.count)
    let at = 0
    for (let i = 0; i < this.count; i++) {
      offsets[i] = at
      at += this.bytesOf(i)
    }
    return offsets
  }

  bytesOf(i: number): number {
    const p = i * LANE_WORDS
    return this.places[p]! + this.places[p + 1]! + this.places[p + 2]!
  }

  /** The records at these positions, in this order. */
  pick(positions: readonly number[], offsets = this.offsets()): RecordBatch {
    const picked = new RecordBatch(this.end, Math.max(1, positions.length))
    for (const i of positions) {
      const p = i * LANE_WORDS
      const { places } = this
      picked.add(this.bytes, offsets[i]!, places[p]!, places[p + 1]!, places[p + 2]!, places[p + 3]!)
    }
    return picked
  }

  /** The same records in the order of acceptance. */
  sorted({ sequence }: RecordTable): RecordBatch {
    const positions: number[] = []
    let ascends = true
    for (let i = 0; i < this.count; i++) {
      positions.push(i)
      if (i > 0 && sequence[this.slot(i - 1)]! > sequence[this.slot(i)]!) ascends = false
    }
    if (ascends) return this
    return this.pick(positions.toSorted((a, b) => sequence[this.slot(a)]! - sequence[this.slot(b)]!))
  }
}
