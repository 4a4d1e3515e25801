import type { Buffer } from 'node:buffer'
import { LANE_WORDS } from '../aggregation/lane-encoder'
import type { RecordTable } from './record-table'
import { RecordBatch } from './record-batch'
import { CHUNK_BYTES, type Chunk, type Segment, type SlabPool } from './slab'

/** A tail that would hold no more is moved to a larger chunk, so that a small lane lies in one. */
const MOVED_BYTES = 262_144

/** The records of a lane that wait, in the order of acceptance, as bytes. */
export class RecordQueue {
  /** Bytes of the records that wait. */
  bytes = 0
  records = 0
  readonly #pool: SlabPool
  #chunks: Chunk[] = []

  constructor(pool: SlabPool) {
    this.#pool = pool
  }

  /** Where the oldest records are; there must be some. More may be in further chunks: see {@link gather}. */
  get head(): Chunk {
    return this.#chunks[0]!
  }

  /** The slot of the oldest record; there must be one. */
  get firstSlot(): number {
    const { places, first } = this.#chunks[0]!
    return places[first * LANE_WORDS + 3]!
  }

  get lastSlot(): number {
    const { places, last } = this.#chunks.at(-1)!
    return places[(last - 1) * LANE_WORDS + 3]!
  }

  /**
   * Appends records that are younger than all that wait.
   *
   * @param at where their bytes begin in `source`
   * @param first number of the first one in `places`
   * @param inbox if given, the last word of a place is the record's number in there
   */
  append(
    source: Buffer,
    at: number,
    bytes: number,
    places: Uint32Array,
    first: number,
    count: number,
    inbox?: Uint32Array
  ): void {
    let tail = this.#chunks.at(-1)
    if (tail === undefined || !tail.reserve(bytes, count)) tail = this.#grow(tail, bytes, count)
    source.copy(tail.bytes, tail.end, at, at + bytes)
    const target = tail.places
    const end = (first + count) * LANE_WORDS
    for (let p = first * LANE_WORDS, t = tail.last * LANE_WORDS; p < end; p += LANE_WORDS, t += LANE_WORDS) {
      target[t] = places[p]!
      target[t + 1] = places[p + 1]!
      target[t + 2] = places[p + 2]!
      target[t + 3] = inbox === undefined ? places[p + 3]! : inbox[places[p + 3]! * LANE_WORDS + 3]!
    }
    tail.end += bytes
    tail.last += count
    this.bytes += bytes
    this.records += count
  }

  /** A chunk with room: that of a small tail with its records moved, else another one. */
  #grow(tail: Chunk | undefined, bytes: number, count: number): Chunk {
    const waiting = tail === undefined ? 0 : tail.end - tail.from
    if (tail === undefined || waiting + bytes > MOVED_BYTES) {
      // A backlog doubles: most of what is taken out of large chunks need not be brought together first.
      const chunk = this.#pool.take(Math.max(bytes, Math.min(CHUNK_BYTES, this.bytes >> 1)), count)
      this.#chunks.push(chunk)
      return chunk
    }
    // What grows doubles.
    const chunk = this.#pool.take(
      (waiting + bytes) * (bytes < waiting ? 2 : 1),
      tail.last - tail.first + count
    )
    move(tail, chunk, tail.last - tail.first, waiting)
    this.#pool.detach(tail)
    this.#chunks[this.#chunks.length - 1] = chunk
    return chunk
  }

  /** Brings at least so many bytes of records together in the head, or all that there are. */
  gather(bytes: number): void {
    if (this.#chunks.length < 2 || this.head.end - this.head.from >= bytes) return
    const wanted = Math.min(bytes, this.bytes)
    let count = 0
    let total = 0
    let chunks = 0
    for (const { from, end, first, last, places } of this.#chunks) {
      chunks++
      if (total + end - from <= wanted) {
        total += end - from
        count += last - first
        if (total < wanted) continue
        break
      }
      for (let p = first * LANE_WORDS; total < wanted; p += LANE_WORDS) {
        total += places[p]! + places[p + 1]! + places[p + 2]!
        count++
      }
      break
    }
    const chunk = this.#pool.take(total, count)
    let left = count
    for (const source of this.#chunks.slice(0, chunks)) {
      const records = Math.min(left, source.last - source.first)
      const moved =
        records === source.last - source.first ? source.end - source.from : bytesOf(source, records)
      move(source, chunk, records, moved)
      source.from += moved
      source.first += records
      left -= records
    }
    const emptied = this.#chunks.slice(0, chunks).filter(({ first, last }) => first === last)
    for (const each of emptied) this.#pool.detach(each)
    this.#chunks.splice(0, emptied.length, chunk)
  }

  /** Takes the oldest records out; they must be in the head. */
  take(records: number, bytes: number): Segment {
    const chunk = this.head
    const segment = {
      chunk,
      from: chunk.from,
      end: chunk.from + bytes,
      first: chunk.first,
      last: chunk.first + records
    }
    chunk.uses++
    chunk.from = segment.end
    chunk.first = segment.last
    this.bytes -= bytes
    this.records -= records
    if (chunk.first === chunk.last) {
      this.#chunks.shift()
      this.#pool.detach(chunk)
    }
    return segment
  }

  /** Takes all records out. */
  drain(): RecordBatch {
    const batch = new RecordBatch(Math.max(1, this.bytes), Math.max(1, this.records))
    for (const chunk of this.#chunks) {
      batch.addSegment({ ...bounds(chunk), chunk })
      this.#pool.detach(chunk)
    }
    this.#chunks = []
    this.bytes = this.records = 0
    return batch
  }

  /** Puts records, in the order of acceptance, where they belong among those that wait. */
  merge(batch: RecordBatch, table: RecordTable): void {
    if (batch.count === 0) return
    const { sequence } = table
    if (this.records === 0 || sequence[this.lastSlot]! < sequence[batch.slot(0)]!) {
      this.#appendAll(batch)
      return
    }
    const waiting = this.drain()
    const merged = new RecordBatch(waiting.end + batch.end, waiting.count + batch.count)
    merged.addSegment(segmentOf(waiting))
    merged.addSegment(segmentOf(batch))
    this.#appendAll(merged.sorted(table))
  }

  /** In chunks of ordinary size, so that their memory can be used again. */
  #appendAll({ bytes, places, count, end }: RecordBatch): void {
    if (end <= CHUNK_BYTES) {
      this.append(bytes, 0, end, places, 0, count)
      return
    }
    let at = 0
    let first = 0
    while (first < count) {
      let size = 0
      let next = first
      for (; next < count; next++) {
        const p = next * LANE_WORDS
        const record = places[p]! + places[p + 1]! + places[p + 2]!
        if (next > first && size + record > CHUNK_BYTES) break
        size += record
      }
      this.append(bytes, at, size, places, first, next - first)
      at += size
      first = next
    }
  }

  /** Drops the records that `unwanted` names. */
  remove(unwanted: (slot: number) => boolean): void {
    if (this.records === 0) return
    const all = this.drain()
    const kept = new RecordBatch(Math.max(1, all.end), Math.max(1, all.count))
    kept.addSegment(segmentOf(all), slot => !unwanted(slot))
    if (kept.count > 0) this.#appendAll(kept)
  }

  forEachSlot(visit: (slot: number) => void): void {
    for (const { places, first, last } of this.#chunks) {
      for (let i = first; i < last; i++) visit(places[i * LANE_WORDS + 3]!)
    }
  }
}

/** A batch as a segment, to be read alone. */
export function segmentOf({ bytes, places, count, end }: RecordBatch): Segment {
  return { chunk: { bytes, places } as Chunk, from: 0, end, first: 0, last: count }
}

function bounds({ from, end, first, last }: Chunk): Omit<Segment, 'chunk'> {
  return { from, end, first, last }
}

function bytesOf({ places, first }: Chunk, records: number): number {
  let bytes = 0
  for (let p = first * LANE_WORDS, end = p + records * LANE_WORDS; p < end; p += LANE_WORDS) {
    bytes += places[p]! + places[p + 1]! + places[p + 2]!
  }
  return bytes
}

/** Copies the first records of a chunk behind those of another one. */
function move(source: Chunk, target: Chunk, records: number, bytes: number): void {
  source.bytes.copy(target.bytes, target.end, source.from, source.from + bytes)
  const from = source.first * LANE_WORDS
  target.places.set(source.places.subarray(from, from + records * LANE_WORDS), target.last * LANE_WORDS)
  target.end += bytes
  target.last += records
}
