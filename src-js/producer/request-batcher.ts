import { LANE_WORDS } from '../aggregation/lane-encoder'
import type { DueLanes } from './due-lanes'
import type { EntryEncoder } from './entry-encoder'
import { TARGET_BYTES } from './inbox'
import type { KinesisEntry } from './kinesis-entry'
import type { Lane } from './lane'
import type { Fence } from './fence'
import type { RecordQueue } from './record-queue'
import type { RecordRouter } from './record-router'
import type { RecordTable } from './record-table'
import type { ShardPace } from './shard-pace'
import { UNIT_BYTES } from './stats'

/** Kinesis takes so many records in a request. */
export const MAX_ENTRIES = 500
/** A record in an aggregate takes about so many bytes more than in a lane. */
const AROUND = 8

/** The rules of the moment for what a lane may send. */
export interface BatchRules {
  readonly maxAggregateBytes: number
  readonly maxAggregateRecords: number
  /** Each record by itself. */
  readonly plain: boolean
  /** One Kinesis record of a lane at a time, and none before those of its predecessors are settled. */
  readonly ordered: boolean
  /** Of a request. */
  readonly maxBytes: number
  /** Nobody waits: what would begin another PUT payload unit may go with the next Kinesis record. */
  readonly fullUnits: boolean
  /** One Kinesis record alone, to find out whether any gets through. */
  readonly probe: boolean
}

/** Puts the Kinesis records of lanes that are due together, for one request. */
export class RequestBatcher {
  /** When something that was left behind may go; `Infinity`: when something else happens. */
  wakeAt = Infinity
  /** Kinesis records that go in a request of their own, to find out which of them is guilty. */
  readonly groups: KinesisEntry[][] = []
  readonly #due: DueLanes
  readonly #fence: Fence
  readonly #router: RecordRouter
  readonly #encoder: EntryEncoder
  readonly #table: RecordTable
  #entries: KinesisEntry[] = []
  #bytes = 0
  #isFull = false

  constructor(due: DueLanes, fence: Fence, router: RecordRouter, encoder: EntryEncoder, table: RecordTable) {
    this.#due = due
    this.#fence = fence
    this.#router = router
    this.#encoder = encoder
    this.#table = table
  }

  /** Takes what fits into one request out of its lanes. @returns none if nothing may go now */
  collect(rules: BatchRules, now: number): KinesisEntry[] {
    this.wakeAt = Infinity
    const group = this.#takeGroup(rules)
    if (group.length > 0) return group
    this.#entries = []
    this.#bytes = 0
    this.#isFull = false
    for (const pace of Array.from(this.#due.paces)) {
      this.#fill(pace, rules, now)
      // Whoever came first now comes last next time.
      this.#due.paces.delete(pace)
      if (pace.due.length > 0) this.#due.paces.add(pace)
      if (this.#isFull) break
    }
    this.#encoder.finish()
    return this.#entries
  }

  #takeGroup({ probe }: BatchRules): KinesisEntry[] {
    for (;;) {
      const group = this.groups.shift()
      if (group === undefined) return []
      // Meanwhile some may have been taken apart, or their lanes may be no more.
      const ready = group.filter(entry => this.#isReady(entry))
      const [first, ...rest] = probe ? ready : []
      if (rest.length > 0) this.groups.unshift(rest)
      const entries = first === undefined ? ready : [first]
      for (const entry of entries) {
        const { frozen } = entry.lane
        frozen.splice(frozen.indexOf(entry), 1)
        entry.lane.flights++
      }
      if (entries.length > 0) return entries
    }
  }

  #isReady(entry: KinesisEntry): boolean {
    if (entry.dissolved || entry.lane.retired) return false
    if (entry.maybeStored || this.#table.gone === 0) return true
    if (!entry.someSlot(slot => !this.#table.isLive(slot))) return true
    this.#router.thaw(entry)
    return false
  }

  #fill(pace: ShardPace, rules: BatchRules, now: number): void {
    const { due } = pace
    let kept = 0
    let i = 0
    while (i < due.length && !this.#isFull) {
      const lane = due[i++]!
      const visit = this.#visit(lane, rules, now)
      if (visit === 'done') this.#due.remove(lane)
      else due[kept++] = lane
      if (visit === 'paced') break
    }
    due.splice(kept, i - kept)
  }

  /** `done`: the lane is due no longer. `paced`: its shard gets nothing more now. */
  #visit(lane: Lane, rules: BatchRules, now: number): 'done' | 'stays' | 'paced' {
    const { ordered } = rules
    if (!lane.isDue || lane.retired || !lane.hasRecords || (ordered && lane.isOut)) return 'done'
    if (lane.notBefore > now) {
      this.wakeAt = Math.min(this.wakeAt, lane.notBefore)
      return 'stays'
    }
    if (ordered && this.#fence.blocks(lane)) return 'stays'
    for (;;) {
      const taken = this.#takeOne(lane, rules, now)
      if (taken === 'paced') return 'paced'
      if (taken === 'no room') return 'stays'
      if (taken === 'nothing' || ordered || !lane.hasRecords) return 'done'
      if (this.#isFull) return 'stays'
    }
  }

  #takeOne(lane: Lane, rules: BatchRules, now: number): 'taken' | 'nothing' | 'paced' | 'no room' {
    const { pace, frozen, queue } = lane
    const modest = pace.isModest(now) ? TARGET_BYTES : Infinity
    const limit = Math.min(rules.maxAggregateBytes, rules.maxBytes, modest)
    this.#thaw(lane, limit)
    if (this.#table.gone > 0) this.#removeGone(lane)
    // What has no room goes with the next one in any case. Else, in an unordered stream, it would not wait for the answer.
    const isFilled = queue.bytes > limit || (rules.fullUnits && rules.ordered)
    const most = isFilled ? fullUnits(queue, limit) : limit
    const tried = frozen.find(({ grouped }) => !grouped)
    if (tried === undefined && (queue.records === 0 || (rules.ordered && frozen.length > 0))) return 'nothing'
    const wanted = tried?.bytes ?? this.#wanted(lane, rules, most)
    if (this.#entries.length > 0 && wanted > rules.maxBytes - this.#bytes) {
      this.#isFull = true
      return 'no room'
    }
    const needed = tried !== undefined || isSingle(lane, rules) ? wanted : Math.min(wanted, TARGET_BYTES)
    const allowance = pace.allowance(needed, now)
    if (allowance === 0) {
      this.wakeAt = Math.min(this.wakeAt, pace.readyAt(needed, now))
      return 'paced'
    }
    let entry = tried
    if (entry === undefined) {
      const lanes = Math.min(this.#due.count, MAX_ENTRIES)
      const max = Math.floor(Math.min(most, allowance))
      entry = this.#encoder.encode(lane, max, rules.maxAggregateRecords, rules.plain, lanes)
    } else frozen.splice(frozen.indexOf(entry), 1)
    lane.flights++
    pace.take(entry.bytes, now)
    this.#entries.push(entry)
    this.#bytes += entry.bytes
    this.#isFull = rules.probe || this.#entries.length >= MAX_ENTRIES || this.#bytes >= rules.maxBytes
    return 'taken'
  }

  /** Bytes of the Kinesis record that would be made of a lane's queue, about, and not less. */
  #wanted(lane: Lane, rules: BatchRules, most: number): number {
    const { queue } = lane
    const { places, first } = queue.head
    const p = first * LANE_WORDS
    const firstBytes = places[p]! + places[p + 2]!
    if (isSingle(lane, rules)) return firstBytes
    return Math.max(firstBytes, Math.min(most, queue.bytes + AROUND * queue.records))
  }

  /**
   * Takes aggregates that are frozen apart if no attempt of theirs may be stored, and there is a reason: some of their
   * records are gone, or they are larger than what may be sent now.
   */
  #thaw(lane: Lane, most: number): void {
    for (const entry of Array.from(lane.frozen)) {
      if (entry.maybeStored || entry.grouped) continue
      const isTooLarge = entry.aggregated && entry.bytes > most
      if (!isTooLarge && !(this.#table.gone > 0 && entry.someSlot(slot => !this.#table.isLive(slot))))
        continue
      this.#router.thaw(entry)
    }
  }

  #removeGone({ queue }: Lane): void {
    let some = false
    queue.forEachSlot(slot => {
      if (!this.#table.isLive(slot)) some = true
    })
    if (!some) return
    const gone: number[] = []
    queue.remove(slot => {
      if (this.#table.isLive(slot)) return false
      gone.push(slot)
      return true
    })
    for (const slot of gone) this.#table.remove(slot)
  }
}

/** So many bytes that the queue fills the PUT payload units that Kinesis bills; all of them if it fills none. */
function fullUnits({ bytes, records }: RecordQueue, limit: number): number {
  const most = Math.min(limit, bytes + AROUND * records)
  return most < UNIT_BYTES ? limit : most - (most % UNIT_BYTES)
}

function isSingle({ queue }: Lane, { plain, maxAggregateRecords }: BatchRules): boolean {
  return plain || queue.records === 1 || maxAggregateRecords === 1
}
