import { joinLogs } from './attempt-log'
import { type Clock, Timer } from './clock'
import type { Distribution } from './distribution'
import type { KinesisEntry } from './kinesis-entry'
import type { Lanes } from './lanes'
import type { RecordRouter } from './record-router'
import type { RecordTable } from './record-table'
import type { StoredEntry } from './settlement'
import type { StreamShards } from './stream-shards'

/** See {@link HeldAnswer}. */
export type Proof = 'listing' | 'new-listing' | 'summary'

/** An answer that says where an aggregate is, but not yet whether that is its place. */
interface HeldAnswer extends StoredEntry {
  at: number
  /** What can judge it: any listing; one that begins after it; or, where none is allowed, a summary. */
  needs: Proof
  timer: Timer
}

/** Longer than this nobody waits for a map. */
const MAX_HELD_MS = 5000

export interface HeldAnswersParts {
  clock: Clock
  table: RecordTable
  shards: StreamShards
  lanes: Lanes
  router: RecordRouter
  distribution: Distribution
  stored(stored: StoredEntry): void
  /** Somewhere else than where its lane's shard is. */
  outside(entry: KinesisEntry): void
  wantMap(): void
  wantSummary(): void
  /** The answer is right, though others before told otherwise. */
  confirmed(stored: StoredEntry): void
}

/**
 * Answers that came from another shard than expected. KCL drops an aggregate of which a user record lies outside of its
 * shard, so that the answer waits for a map that knows the shard's range; then all user records are stored, or all are put
 * again.
 */
export class HeldAnswers {
  readonly #parts: HeldAnswersParts
  readonly #answers = new Set<HeldAnswer>()

  constructor(parts: HeldAnswersParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#answers.size
  }

  [Symbol.iterator](): IterableIterator<StoredEntry & { at: number }> {
    return this.#answers[Symbol.iterator]()
  }

  /** Takes an answer, and judges it if that is possible now. The lane of the entry sends nothing any more. */
  hold(stored: StoredEntry, needs: Proof): void {
    const { clock, router } = this.#parts
    const { lane } = stored.entry
    const at = clock.now()
    const timer = new Timer(clock, () => {
      if (lane.kind === 'shard') router.darken(lane)
      this.#judge(held, true)
    })
    const held: HeldAnswer = { ...stored, at, needs, timer }
    this.#answers.add(held)
    lane.held++
    router.retire(lane)
    timer.set(at + MAX_HELD_MS)
    this.#judge(held, false)
  }

  /** After a new listing. */
  judgeAll(): void {
    for (const held of Array.from(this.#answers)) this.#judge(held, false)
  }

  /** Kinesis distributes the records: no aggregate is readable. */
  putAllAgain(): void {
    for (const held of Array.from(this.#answers)) this.#putAgain(held)
  }

  /** Ends it: the records are settled by whoever asks. */
  takeAll(): KinesisEntry[] {
    return [...this.#answers].map(held => {
      this.#release(held)
      return held.entry
    })
  }

  #judge(held: HeldAnswer, isLate: boolean): void {
    const { shards, table, distribution, wantMap, wantSummary, stored, confirmed } = this.#parts
    const { entry, shardId, at, needs } = held
    const shard = shards.shard(shardId)
    if (distribution.isAuto && !isLate) {
      this.#putAgain(held)
      return
    }
    if (needs === 'summary' && shard === undefined && (isLate || distribution.describedAt > at)) {
      confirmed(held)
      this.#release(held)
      stored(held)
      return
    }
    if (needs === 'summary') wantSummary()
    if (!isLate && (shard === undefined || (needs === 'new-listing' && shards.listedAt <= at))) {
      wantMap()
      return
    }
    if (shard !== undefined && entry.liesIn(shard)) {
      this.#release(held)
      stored(held)
      return
    }
    // Once per map: what it says again may be old.
    if (!isLate && entry.someSlot(slot => table.logs.get(slot)?.outsideOf === shards.generation)) {
      wantMap()
      return
    }
    if (shard === undefined && entry.lane.kind === 'key' && !distribution.isAuto) {
      // The records of one key are at home together, wherever that is.
      this.#release(held)
      stored(held)
      return
    }
    this.#putAgain(held)
  }

  #putAgain(held: HeldAnswer): void {
    const { entry } = held
    entry.maybeStored = true
    entry.log = joinLogs(entry.log, { last: [], cause: undefined, outsideOf: this.#parts.shards.generation })
    this.#parts.outside(entry)
    this.#release(held)
    this.#parts.router.reroute(entry)
  }

  #release(held: HeldAnswer): void {
    const { lane } = held.entry
    held.timer.clear()
    this.#answers.delete(held)
    lane.held--
    this.#parts.lanes.leave(lane)
  }
}
