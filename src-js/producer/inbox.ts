import { Buffer } from 'node:buffer'
import { LANE_WORDS } from '../aggregation/lane-encoder'
import { SortedInbox } from '../shards/inbox-sorter'

/** A lane is due when it holds so much; no lane can newly do so while the inbox holds less. */
export const TARGET_BYTES = 51_200

const BYTES = 65_536
const RECORDS = 1024
/** Shorter keys are written faster by a loop than by a call. */
const SHORT_KEY = 32

/** Memory of an inbox and of its sorted copy; streams borrow it while they hold unsorted records. */
export class InboxMemory {
  readonly bytes: Buffer
  readonly places: Uint32Array

  constructor(bytes = BYTES) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
    this.places = new Uint32Array(RECORDS * LANE_WORDS)
  }
}

/** Lends the memory of inboxes, and keeps what was given back. */
export class InboxPool {
  #idle: InboxMemory[] = []
  #sorted: SortedInbox | undefined

  take(bytes: number): InboxMemory {
    if (bytes > BYTES) return new InboxMemory(bytes)
    return this.#idle.pop() ?? new InboxMemory()
  }

  give(memory: InboxMemory): void {
    if (memory.bytes.length === BYTES && this.#idle.length < 4) this.#idle.push(memory)
  }

  /** Where an inbox is sorted to; used up before the next one is. */
  sortedFor(bytes: number, records: number): SortedInbox {
    if (bytes > BYTES || records > RECORDS) return new SortedInbox(bytes, records)
    return (this.#sorted ??= new SortedInbox(BYTES, RECORDS))
  }

  clear(): void {
    this.#idle = []
    this.#sorted = undefined
  }
}

/** Records of one stream that were accepted, in order, before anybody looked where they belong. */
export class Inbox {
  count = 0
  /** Bytes of all records. */
  end = 0
  /** Records without a key. */
  keyless = 0
  readonly #pool: InboxPool
  #memory: InboxMemory | undefined

  constructor(pool: InboxPool) {
    this.#pool = pool
  }

  /** Of the records; the inbox must not be empty. */
  get bytes(): Buffer {
    return this.#memory!.bytes
  }

  get places(): Uint32Array {
    return this.#memory!.places
  }

  /** Whether a record of at most so many bytes fits. */
  hasRoomFor(bytes: number): boolean {
    if (this.#memory === undefined) return true
    return this.count < RECORDS && this.end + bytes <= this.#memory.bytes.length
  }

  /**
   * Writes a record behind the others, without taking it: see {@link push}. There must be room.
   *
   * @param most bytes that it has at most
   * @returns the bytes of the key; those of the data are `this.written`
   */
  write(key: string, hashKey: string, data: string | Buffer, most: number): number {
    const memory = (this.#memory ??= this.#pool.take(most))
    const { bytes } = memory
    const at = this.end
    const keyBytes = writeKey(bytes, key, at)
    let next = at + keyBytes
    if (hashKey !== '') next += bytes.latin1Write(hashKey, next)
    if (typeof data === 'string') this.written = bytes.utf8Write(data, next)
    else {
      bytes.set(data, next)
      this.written = data.length
    }
    return keyBytes
  }

  /** Bytes of the data that {@link write} wrote last. */
  written = 0

  /** Takes the record that was written last. */
  push(key: number, hashKey: number, data: number, slot: number): void {
    const { places } = this.#memory!
    const p = this.count++ * LANE_WORDS
    places[p] = key
    places[p + 1] = hashKey
    places[p + 2] = data
    places[p + 3] = slot
    this.end += key + hashKey + data
    if (key === 0) this.keyless++
  }

  /** Where to sort the records to. */
  get sorted(): SortedInbox {
    return this.#pool.sortedFor(this.bytes.length, this.count)
  }

  clear(): void {
    this.count = this.end = this.keyless = 0
    if (this.#memory !== undefined) this.#pool.give(this.#memory)
    this.#memory = undefined
  }
}

/** @returns the bytes */
function writeKey(bytes: Buffer, key: string, at: number): number {
  const { length } = key
  if (length <= SHORT_KEY) {
    let i = 0
    for (; i < length; i++) {
      const code = key.charCodeAt(i)
      if (code > 127) break
      bytes[at + i] = code
    }
    if (i === length) return length
  }
  return bytes.utf8Write(key, at)
}
