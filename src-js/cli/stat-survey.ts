import { type DeaggregatedRecord, KinesisAggError, type KinesisRecordInput } from '../index'
import { AggregatedBill, Bill } from './stat-cost'
import { type Enclosing, enclosingOf } from './stat-input'
import { type DropReason, judge } from './stat-kcl'
import { TopKeys } from './stat-keys'
import { type Peak, PeakSecond } from './stat-peak'
import type { ShardRanges } from './stat-ranges'
import { type Writer, guessWriter } from './stat-writers'

/** Dropped Kinesis records that are named. */
const MAX_EXAMPLES = 5

/** What is counted of a shard. */
export class ShardTally {
  /** Kinesis records as they are, each user record put by itself, and user records aggregated. */
  readonly asIs = new Bill()
  readonly alone = new Bill()
  readonly aggregated = new AggregatedBill()
  readonly #peak = new PeakSecond()
  /** Milliseconds; of the earliest and latest record that tells its time. */
  first: number | undefined
  last: number | undefined

  constructor(readonly shardId: string | undefined) {}

  add(bytes: number, arrival: number | undefined): void {
    this.asIs.add(bytes)
    if (arrival === undefined) return
    this.#peak.add(bytes, arrival)
    this.first = Math.min(this.first ?? arrival, arrival)
    this.last = Math.max(this.last ?? arrival, arrival)
  }

  /** Nobody knows what is in it: however it is put, it costs the same. */
  addDamaged(bytes: number, arrival: number | undefined): void {
    this.add(bytes, arrival)
    this.alone.add(bytes)
    this.aggregated.bill.add(bytes)
  }

  addUserRecord(record: DeaggregatedRecord, arrival: number | undefined): void {
    this.alone.add(Buffer.byteLength(record.partitionKey) + record.data.length)
    this.aggregated.add(record, arrival)
  }

  get peak(): Peak {
    return this.#peak.peak
  }
}

/** What KCL would drop of the aggregates. */
export interface Drops {
  kinesisRecords: number
  userRecords: number
  /** Kinesis records, by reason. */
  byReason: Record<DropReason, number>
  /** Aggregates of which the range of the shard is not known. */
  unknown: number
  examples: { shardId: string | null; sequenceNumber: string; reason: DropReason; userRecords: number }[]
}

/** Counts Kinesis records and what is in them, in bounded memory. */
export class Survey {
  readonly shards = new Map<string | undefined, ShardTally>()
  readonly writers = new Map<Writer, number>()
  readonly keysByBytes = new TopKeys()
  readonly keysByRecords = new TopKeys()
  readonly drops: Drops = {
    kinesisRecords: 0,
    userRecords: 0,
    byReason: { range: 0, hashKey: 0, index: 0 },
    unknown: 0,
    examples: []
  }
  aggregates = 0
  userRecordsInAggregates = 0
  userRecords = 0
  damaged = 0

  constructor(private readonly ranges: ShardRanges) {}

  /**
   * @param knownShardId where it lay, if the record does not say so itself
   * @throws KinesisAggError the record is damaged; it counts all the same, for its size
   * @throws TypeError it is no Kinesis record
   */
  add(record: KinesisRecordInput, knownShardId?: string): void {
    try {
      this.#count(record, knownShardId)
    } catch (error) {
      if (error instanceof KinesisAggError) {
        this.damaged++
        const enclosing = enclosingOf(record)
        this.#tally(knownShardId ?? enclosing.shardId).addDamaged(sizeOf(enclosing), enclosing.arrival)
      }
      throw error
    }
  }

  #count(record: KinesisRecordInput, knownShardId: string | undefined): void {
    const enclosing = enclosingOf(record)
    const shardId = knownShardId ?? enclosing.shardId
    const range = this.ranges.of(shardId)
    const { userRecords, aggregated, dropped, reason } = judge(record, range)
    const { arrival } = enclosing
    const tally = this.#tally(shardId)
    tally.add(sizeOf(enclosing), arrival)
    for (const userRecord of userRecords) {
      const { partitionKey, data } = userRecord
      tally.addUserRecord(userRecord, arrival)
      this.keysByBytes.add(partitionKey, data.length, shardId)
      this.keysByRecords.add(partitionKey, 1, shardId)
    }
    this.userRecords += userRecords.length
    if (!aggregated) return
    this.aggregates++
    this.userRecordsInAggregates += userRecords.length
    const writer = guessWriter(userRecords, enclosing.partitionKey, enclosing.data)
    this.writers.set(writer, (this.writers.get(writer) ?? 0) + 1)
    if (reason !== undefined) this.#drop(shardId, enclosing.sequenceNumber, reason, dropped)
    else if (range === undefined) this.drops.unknown++
  }

  #drop(shardId: string | undefined, sequenceNumber: string, reason: DropReason, userRecords: number): void {
    const { drops } = this
    drops.kinesisRecords++
    drops.userRecords += userRecords
    drops.byReason[reason]++
    if (drops.examples.length < MAX_EXAMPLES)
      drops.examples.push({ shardId: shardId ?? null, sequenceNumber, reason, userRecords })
  }

  #tally(shardId: string | undefined): ShardTally {
    let tally = this.shards.get(shardId)
    if (tally === undefined) this.shards.set(shardId, (tally = new ShardTally(shardId)))
    return tally
  }

  /** To be called when there are no more records. */
  end(): void {
    for (const { aggregated } of this.shards.values()) aggregated.end()
  }
}

/** What limits and bills count: data and partition key. */
function sizeOf({ partitionKey = '', data }: Enclosing): number {
  return Buffer.byteLength(partitionKey) + data.length
}
