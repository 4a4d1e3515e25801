import type { AttemptLog } from './attempt-log'
import type { PutError } from './errors'

/** Who is told of a record's fate. `undefined`: written, told of by a 'failed' event alone. */
export type Settler = ((result: unknown) => void) | RecordOwner | undefined

/** Tells of many records: of those of a `putAll`, say. Called from a turn of its own, never amid the producer's work. */
export interface RecordOwner {
  /** Wants results, not only to know that a record is stored. */
  readonly wantsResults: boolean
  /** May take its records back; see `Withdrawals`. */
  readonly isRecallable?: boolean
  delivered(result: unknown): void
  failed(error: unknown): void
}

/** No record has the number. */
const FREE = 0
/** Accepted and not settled. */
const LIVE = 1
/** Settled (aborted), but its bytes are still in a queue. */
const GONE = 2
const STATE = 3

/** Came without a partition key: the producer chooses one. */
export const KEYLESS = 4
/** An attempt of an earlier encoding may be stored. */
export const MAYBE_STORED = 8

const FIRST_CAPACITY = 1024

/**
 * What there is to know of each pending record, by a number (its slot) that the record keeps in inbox, lanes and
 * requests. Slots are given out in a circle, so that their order is nearly that of acceptance: promises are then settled
 * in the order in which they lie in memory.
 */
export class RecordTable {
  /** Number of acceptance; ascends, over all streams. */
  sequence = new Float64Array(FIRST_CAPACITY)
  /** When it was accepted, in running time. */
  accepted = new Float64Array(FIRST_CAPACITY)
  /** Attempts of earlier encodings. */
  attempts = new Uint16Array(FIRST_CAPACITY)
  settlers: Settler[] = Array.from({ length: FIRST_CAPACITY })
  /** Records that bring a context are few or all; the list is as long as the last one of them. */
  readonly contexts: unknown[] = []
  /** Of records whose earlier encodings were tried. */
  readonly logs = new Map<number, AttemptLog>()
  /** Who wants to know of a record's end besides its settler. */
  readonly watchers = new Map<number, (error: PutError | undefined) => void>()
  /** Records that are settled though their bytes are still in a queue. */
  gone = 0
  #flags = new Uint8Array(FIRST_CAPACITY)
  #taken = 0
  #next = 0
  #nextSequence = 1

  /** Slots that are in use, those of records that are gone included. */
  get size(): number {
    return this.#taken
  }

  /** The number of acceptance that the next record gets. */
  get nextSequence(): number {
    return this.#nextSequence
  }

  get capacity(): number {
    return this.#flags.length
  }

  /** @param flags {@link KEYLESS} or 0 */
  add(accepted: number, settler: Settler, flags: number): number {
    if (this.#taken * 2 >= this.#flags.length) this.#grow()
    const mask = this.#flags.length - 1
    let slot = this.#next
    while (this.#flags[slot] !== FREE) slot = (slot + 1) & mask
    this.#next = (slot + 1) & mask
    this.#taken++
    this.#flags[slot] = LIVE | flags
    this.sequence[slot] = this.#nextSequence++
    this.accepted[slot] = accepted
    if (settler !== undefined) this.settlers[slot] = settler
    return slot
  }

  isLive(slot: number): boolean {
    return (this.#flags[slot]! & STATE) === LIVE
  }

  has(slot: number, flag: number): boolean {
    return (this.#flags[slot]! & flag) !== 0
  }

  set(slot: number, flag: number): void {
    this.#flags[slot]! |= flag
  }

  /** Settled, though its bytes are still somewhere: {@link remove} follows when they are not. */
  leave(slot: number): void {
    this.#flags[slot] = (this.#flags[slot]! & ~STATE) | GONE
    this.#forget(slot)
    this.gone++
  }

  remove(slot: number): void {
    if ((this.#flags[slot]! & STATE) === GONE) this.gone--
    else this.#forget(slot)
    this.#flags[slot] = FREE
    this.attempts[slot] = 0
    this.#taken--
  }

  #forget(slot: number): void {
    if (this.settlers[slot] !== undefined) this.settlers[slot] = undefined
    if (slot < this.contexts.length) this.contexts[slot] = undefined
    if (this.logs.size > 0) this.logs.delete(slot)
    if (this.watchers.size > 0) this.watchers.delete(slot)
  }

  /** Gives back what a crowd took, once it is empty. */
  shrink(): void {
    if (this.#taken > 0 || this.#flags.length <= 64 * FIRST_CAPACITY) return
    this.#resize(FIRST_CAPACITY)
    this.contexts.length = 0
  }

  #grow(): void {
    const from = this.#flags.length
    this.#resize(from * 2)
    this.#next = from
  }

  #resize(capacity: number): void {
    const keep = Math.min(capacity, this.#flags.length)
    const moved = <T extends { set(from: T): void; subarray(from: number, to: number): T }>(
      from: T,
      to: T
    ): T => {
      to.set(from.subarray(0, keep))
      return to
    }
    this.sequence = moved(this.sequence, new Float64Array(capacity))
    this.accepted = moved(this.accepted, new Float64Array(capacity))
    this.attempts = moved(this.attempts, new Uint16Array(capacity))
    this.#flags = moved(this.#flags, new Uint8Array(capacity))
    const settlers = Array.from<Settler>({ length: capacity })
    for (let i = 0; i < keep; i++) settlers[i] = this.settlers[i]
    this.settlers = settlers
    if (this.#next >= capacity) this.#next = 0
  }
}
