import { LANE_WORDS } from '../aggregation/lane-encoder'
import { RUN_WORDS, SortedInbox, hashKeysOf, sortByShard } from '../shards/inbox-sorter'
import { hashKeyOf } from '../shards/shard-map'
import { joinLogs } from './attempt-log'
import type { Inbox } from './inbox'
import { type KinesisEntry, hashKeyAt } from './kinesis-entry'
import type { Lane } from './lane'
import type { Lanes, Routing } from './lanes'
import { RecordBatch } from './record-batch'
import { RecordQueue } from './record-queue'
import { MAYBE_STORED, type RecordTable } from './record-table'
import type { SlabPool } from './slab'
import type { StreamShards } from './stream-shards'

export interface RouterDependencies {
  table: RecordTable
  pool: SlabPool
  shards: StreamShards
  lanes: Lanes
  routing(): Routing
  /** Gives the records of a batch that have no key one that leads to a lane; with `again` also those that were given one. */
  chooseKeys(batch: RecordBatch, again: boolean): RecordBatch
  /** The lane has got records. @param fresh they come from the inbox; else they have waited before */
  grown(lane: Lane, fresh: boolean): void
}

/** Brings records to their lanes: which one a record belongs to, under the map of the moment. */
export class RecordRouter {
  /** Records that wait until it is known how they find lanes. */
  readonly waiting: RecordQueue
  readonly #parts: RouterDependencies
  readonly #lanes: Lanes

  constructor(parts: RouterDependencies) {
    this.#parts = parts
    this.#lanes = parts.lanes
    this.waiting = new RecordQueue(parts.pool)
  }

  /** Records without a key may go to one lane or another. */
  get hasChoice(): boolean {
    const routing = this.#parts.routing()
    return routing === 'shard' || routing === 'key'
  }

  /** The lane that a record would go to, if there is one. */
  laneOf(partitionKey: string, hashKey: string | undefined): Lane | undefined {
    return this.#lanes.find(this.#parts.routing(), () =>
      hashKey === undefined ? hashKeyOf(partitionKey) : BigInt(hashKey)
    )
  }

  /** Sorts the records of an inbox into lanes, and empties it. They are younger than all that lanes have. */
  takeInbox(inbox: Inbox): void {
    const routing = this.#parts.routing()
    const { bytes, places, end, count } = inbox
    if (routing === 'wait') this.waiting.append(bytes, 0, end, places, 0, count)
    else if (routing === 'any') this.#append(this.#lanes.any(), inbox)
    else if (routing === 'key' || inbox.keyless > 0 || this.#lanes.hasDark)
      this.#route(batchOf(inbox), { fresh: true })
    else if (this.#parts.shards.open.length === 1) this.#append(this.#lanes.atShard(0), inbox)
    else this.#sort(inbox)
    inbox.clear()
  }

  #append(lane: Lane, { bytes, places, end, count }: Inbox): void {
    lane.queue.append(bytes, 0, end, places, 0, count)
    this.#parts.grown(lane, true)
  }

  #sort(inbox: Inbox): void {
    const { sorted, places } = inbox
    const { runs } = sorted
    const count = sortByShard(this.#parts.shards.map!, inbox.bytes, places, inbox.count, sorted)
    let at = 0
    let first = 0
    for (let r = 0; r < count * RUN_WORDS; r += RUN_WORDS) {
      const lane = this.#lanes.atShard(runs[r]!)
      const records = runs[r + 1]!
      const bytes = runs[r + 2]!
      lane.queue.append(sorted.bytes, at, bytes, sorted.places, first, records, places)
      this.#parts.grown(lane, true)
      at += bytes
      first += records
    }
  }

  /** Puts records that have waited before where they belong, in the order of acceptance. */
  route(records: RecordBatch, chooseAgain = false): void {
    this.#route(records, { chooseAgain })
  }

  /** @param how `fresh`: they come from the inbox */
  #route(records: RecordBatch, { chooseAgain = false, fresh = false }): void {
    if (records.count === 0) return
    const routing = this.#parts.routing()
    if (routing === 'wait') {
      this.waiting.merge(records.sorted(this.#parts.table), this.#parts.table)
      return
    }
    if (routing === 'any') {
      this.#merge(this.#lanes.any(), records, fresh)
      return
    }
    const batch = this.#parts.chooseKeys(records, chooseAgain).sorted(this.#parts.table)
    const hashKeys = hashKeysOf(batch.bytes.subarray(0, batch.end), batch.places, batch.count)
    const positions = new Map<Lane, number[]>()
    const shardOf = routing === 'shard' ? this.#shardPositions(batch) : undefined
    for (let i = 0; i < batch.count; i++) {
      const lane = this.#laneFor(hashKeys, i, shardOf?.[i])
      const list = positions.get(lane)
      if (list === undefined) positions.set(lane, [i])
      else list.push(i)
    }
    const offsets = batch.offsets()
    for (const [lane, list] of positions) this.#merge(lane, batch.pick(list, offsets), fresh)
  }

  /** The position of the shard of each record. */
  #shardPositions(batch: RecordBatch): Uint32Array {
    const positions = new Uint32Array(batch.count)
    const sorted = new SortedInbox(batch.end, batch.count)
    const places = batch.places.subarray(0, batch.count * LANE_WORDS)
    const runs = sortByShard(
      this.#parts.shards.map!,
      batch.bytes.subarray(0, batch.end),
      places,
      batch.count,
      sorted
    )
    let record = 0
    for (let r = 0; r < runs; r++) {
      const position = sorted.runs[r * RUN_WORDS]!
      for (let n = sorted.runs[r * RUN_WORDS + 1]!; n > 0; n--) {
        positions[sorted.places[record++ * LANE_WORDS + 3]!] = position
      }
    }
    return positions
  }

  #laneFor(hashKeys: Buffer, i: number, position: number | undefined): Lane {
    if (position !== undefined && !this.#lanes.hasDark) return this.#lanes.atShard(position)
    const hashKey = hashKeyAt(hashKeys, i * 16)
    if (position !== undefined && !this.#lanes.isDark(hashKey)) return this.#lanes.atShard(position)
    return this.#lanes.ofKey(hashKeys.latin1Slice(i * 16, i * 16 + 16), hashKey)
  }

  #merge(lane: Lane, batch: RecordBatch, fresh: boolean): void {
    lane.queue.merge(batch.sorted(this.#parts.table), this.#parts.table)
    this.#parts.grown(lane, fresh)
  }

  /** Others take the range of a lane over, while something of it is out. Its records that wait go there. */
  retire(lane: Lane): void {
    if (lane.retired) return
    this.#lanes.detach(lane)
    this.route(this.#takeAll([lane]))
  }

  /** The records of a range go by key until the next map. */
  darken(range: { lo: bigint; hi: bigint }): void {
    this.route(this.#takeAll(this.#lanes.darken(range)))
  }

  /** After a new map, or when records find their lanes in another way. */
  recut(): void {
    const routing = this.#parts.routing()
    const records = this.#takeAll(this.#lanes.recut(routing))
    const waited = routing === 'wait' ? new RecordBatch() : this.waiting.drain()
    for (const batch of [records, waited]) this.route(batch)
  }

  /** The records of lanes that are no more and wait, those of Kinesis records to be tried again included. */
  #takeAll(lanes: readonly Lane[]): RecordBatch {
    const batch = new RecordBatch()
    for (const lane of lanes) {
      for (const entry of lane.frozen.splice(0)) this.dissolve(entry, batch)
      const waiting = lane.queue.drain()
      let at = 0
      for (let i = 0; i < waiting.count; i++) {
        const p = i * LANE_WORDS
        const { places } = waiting
        batch.add(waiting.bytes, at, places[p]!, places[p + 1]!, places[p + 2]!, places[p + 3]!)
        at += waiting.bytesOf(i)
      }
    }
    return batch
  }

  /** Takes a Kinesis record apart; its records remember its attempts. Those that are gone end here. */
  dissolve(entry: KinesisEntry, into: RecordBatch): void {
    const { table, pool } = this.#parts
    const { attempts, maybeStored, log, segment } = entry
    for (let i = 0; i < entry.records; i++) {
      const slot = entry.slot(i)
      if (!table.isLive(slot)) {
        table.remove(slot)
        continue
      }
      table.attempts[slot]! += attempts
      if (maybeStored) table.set(slot, MAYBE_STORED)
      if (log !== undefined) table.logs.set(slot, joinLogs(table.logs.get(slot), log)!)
    }
    into.addSegment(segment, slot => table.isLive(slot))
    entry.dissolved = true
    entry.lane.takeBack(entry)
    pool.release(segment)
  }

  /** Takes a Kinesis record that waits apart: its lane encodes its records anew. */
  thaw(entry: KinesisEntry): void {
    const { lane } = entry
    lane.frozen.splice(lane.frozen.indexOf(entry), 1)
    const batch = new RecordBatch()
    this.dissolve(entry, batch)
    lane.queue.merge(batch, this.#parts.table)
    this.#parts.grown(lane, false)
  }

  /** Takes a Kinesis record apart, and puts its records where they belong now. */
  reroute(entry: KinesisEntry, chooseAgain = false): void {
    const batch = new RecordBatch(entry.segment.end - entry.segment.from, entry.records)
    this.dissolve(entry, batch)
    this.route(batch, chooseAgain)
  }
}

function batchOf({ bytes, places, end, count }: Inbox): RecordBatch {
  const batch = new RecordBatch(1, 1)
  batch.bytes = Buffer.from(bytes.subarray(0, end))
  batch.places = places.slice(0, count * LANE_WORDS)
  batch.count = count
  batch.end = end
  return batch
}
