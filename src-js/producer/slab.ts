import { Buffer } from 'node:buffer'
import { LANE_WORDS } from '../aggregation/lane-encoder'

const SMALLEST = 1024
const CLASSES = 11
/** Chunks of the largest class have so many bytes. */
export const CHUNK_BYTES = SMALLEST << (CLASSES - 1)
/** Idle chunks of a class are kept up to so many bytes. */
const KEPT_BYTES = 4 << 20

/** Memory of a lane: records one behind the other, and where they are. */
export class Chunk {
  readonly bytes: Buffer
  /** `LANE_WORDS` a record: bytes of its key, hash key and data, and its slot. */
  places = new Uint32Array(0)
  /** Where the first waiting record begins, and its number in the chunk. */
  from = 0
  first = 0
  /** Where the last one ends, and the number behind it. */
  end = 0
  last = 0
  /** Segments that are in use elsewhere. */
  uses = 0
  /** Its queue has done with it. */
  detached = false

  constructor(bytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
  }

  /** Makes room for so many more records of `bytes` in all, if the bytes have room. */
  reserve(bytes: number, records: number): boolean {
    const { length } = this.bytes
    if (this.end + bytes > length) return false
    const words = (this.last + records) * LANE_WORDS
    if (words > this.places.length) {
      // As many as fit, if all are as long as those that are there.
      const likely = Math.ceil(((this.last + records) * length) / (this.end + bytes)) * LANE_WORDS
      const places = new Uint32Array(Math.min(likely, 4 * words))
      places.set(this.places.subarray(0, this.last * LANE_WORDS))
      this.places = places
    }
    return true
  }
}

/** Records of a chunk that left their queue together; their memory stays until {@link SlabPool.release}. */
export interface Segment {
  readonly chunk: Chunk
  readonly from: number
  readonly end: number
  readonly first: number
  readonly last: number
}

/** Chunks in classes of doubled size; those that are given back are used again. */
export class SlabPool {
  readonly #idle: Chunk[][] = Array.from({ length: CLASSES }, () => [])

  /** A chunk with room for at least so much. */
  take(bytes: number, records: number): Chunk {
    let size = 0
    while (size < CLASSES && SMALLEST << size < bytes) size++
    const chunk = this.#idle[size]?.pop() ?? new Chunk(size < CLASSES ? SMALLEST << size : bytes)
    chunk.reserve(bytes, records)
    return chunk
  }

  /** The queue of the chunk needs it no longer. */
  detach(chunk: Chunk): void {
    chunk.detached = true
    if (chunk.uses === 0) this.#give(chunk)
  }

  release({ chunk }: Segment): void {
    if (--chunk.uses === 0 && chunk.detached) this.#give(chunk)
  }

  /** Drops the chunks that nobody uses. */
  clear(): void {
    for (const idle of this.#idle) idle.length = 0
  }

  #give(chunk: Chunk): void {
    chunk.from = chunk.end = chunk.first = chunk.last = 0
    chunk.detached = false
    const { length } = chunk.bytes
    const size = 31 - Math.clz32(length / SMALLEST)
    const idle = this.#idle[size]
    if (idle === undefined || length !== SMALLEST << size) return
    if (idle.length * length < KEPT_BYTES && chunk.places.byteLength <= length) idle.push(chunk)
  }
}
