import type { Bill } from './stat-cost'
import type { DropReason } from './stat-kcl'
import type { TopKeys } from './stat-keys'
import type { ShardTally, Survey } from './stat-survey'
import { WRITERS } from './stat-writers'

/** What a shard takes in a second. */
export const SHARD_BYTES = 2 ** 20
export const SHARD_RECORDS = 1000

const TOP_KEYS = 10
const DAY_MS = 86_400_000

/** What was looked at. Times are milliseconds. */
export interface Sample {
  kind: 'stream' | 'file'
  name: string
  /** Of a stream: from when; `undefined` is the oldest record. */
  from?: number | undefined
  until?: number
  shards?: number
  maxBytesPerShard?: number
  /** Shards of which there was more than that. */
  cut?: ReadonlySet<string>
  mode?: 'PROVISIONED' | 'ON_DEMAND' | undefined
  /** Kinesis distributes the records, without regard to their keys. */
  isServiceManaged?: boolean
}

export interface KeyReport {
  /** Of all keys. */
  total: number
  /** `null`: more than are counted. */
  distinct: number | null
  /** What a weight may be too low by. */
  missed: number
  /** `shardId`: the one on which all of its records lay, `'several'`, or `null` if that is not known. */
  keys: { partitionKey: string; weight: number; share: number; shardId: string | null }[]
}

export interface ShardReport {
  shardId: string | null
  kinesisRecords: number
  bytes: number
  /** `null`: no record tells its time. */
  peakBytes: { at: string; bytes: number; ofLimit: number } | null
  peakRecords: { at: string; records: number; ofLimit: number } | null
}

/** In the sample, and a day at the rate of the sample, if that is of a stream. */
export interface BillReport {
  kinesisRecords: number
  putUnits: number
  roundedKilobytes: number
  perDay: { kinesisRecords: number; putUnits: number; roundedKilobytes: number } | null
}

export interface Report {
  sample: {
    stream?: string
    file?: string
    from: string | null
    until: string | null
    shards: number | null
    maxBytesPerShard: number | null
    cutShards: { shardId: string; at: string | null }[]
    kinesisRecords: number
    bytes: number
    userRecords: number
    damaged: number
  }
  aggregation: {
    aggregates: number
    plainRecords: number
    userRecordsInAggregates: number
    writers: { guess: string; trace: string; aggregates: number }[]
  }
  kcl: {
    verdict: 'drops' | 'keeps' | 'unknown'
    kinesisRecords: number
    userRecords: number
    /** Kinesis records, by reason. */
    byReason: Record<DropReason, number>
    /** Aggregates of which the hash keys of the shard are not known. */
    unknownAggregates: number
    examples: { shardId: string | null; sequenceNumber: string; reason: DropReason; userRecords: number }[]
    serviceManaged: boolean
  }
  keys: { byBytes: KeyReport; byRecords: KeyReport }
  shards: ShardReport[]
  cost: {
    mode: 'PROVISIONED' | 'ON_DEMAND' | null
    asIs: BillReport
    alone: BillReport
    aggregated: BillReport
  }
}

/** What a survey found, as `--json` prints it. */
export function reportOf(sample: Sample, survey: Survey): Report {
  const tallies = [...survey.shards.values()]
  const { drops } = survey
  const asIs = billReport(sample, tallies, tally => tally.asIs)
  const aggregated = [...survey.writers].toSorted((a, b) => b[1] - a[1])
  return {
    sample: {
      [sample.kind]: sample.name,
      ...times(sample, tallies),
      shards: sample.shards ?? null,
      maxBytesPerShard: sample.maxBytesPerShard ?? null,
      cutShards: tallies
        .filter(({ shardId }) => shardId !== undefined && sample.cut?.has(shardId))
        .map(({ shardId, last }) => ({ shardId: shardId!, at: isoOf(last) })),
      kinesisRecords: asIs.kinesisRecords,
      bytes: sum(tallies, tally => tally.asIs.bytes),
      userRecords: survey.userRecords,
      damaged: survey.damaged
    },
    aggregation: {
      aggregates: survey.aggregates,
      plainRecords: asIs.kinesisRecords - survey.aggregates - survey.damaged,
      userRecordsInAggregates: survey.userRecordsInAggregates,
      writers: aggregated.map(([writer, aggregates]) => ({ ...WRITERS[writer], aggregates }))
    },
    kcl: {
      verdict: drops.kinesisRecords > 0 ? 'drops' : drops.unknown > 0 ? 'unknown' : 'keeps',
      kinesisRecords: drops.kinesisRecords,
      userRecords: drops.userRecords,
      byReason: drops.byReason,
      unknownAggregates: drops.unknown,
      examples: drops.examples,
      serviceManaged: sample.isServiceManaged === true
    },
    keys: { byBytes: keyReport(survey.keysByBytes), byRecords: keyReport(survey.keysByRecords) },
    shards: tallies.map(shardReport).toSorted((a, b) => loadOf(b) - loadOf(a)),
    cost: {
      mode: sample.mode ?? null,
      asIs,
      alone: billReport(sample, tallies, tally => tally.alone),
      aggregated: billReport(sample, tallies, tally => tally.aggregated.bill)
    }
  }
}

/** From when to when: as asked for, else those of the records. */
function times(sample: Sample, tallies: ShardTally[]): { from: string | null; until: string | null } {
  let from = sample.from
  let until = sample.until
  for (const { first, last } of tallies) {
    if (sample.from === undefined && first !== undefined) from = Math.min(from ?? first, first)
    if (sample.until === undefined && last !== undefined) until = Math.max(until ?? last, last)
  }
  return { from: isoOf(from), until: isoOf(until) }
}

function keyReport(top: TopKeys): KeyReport {
  const { total, missed } = top
  // What may not have more than others that were forgotten does not dominate.
  const heavy = top.top(TOP_KEYS).filter(({ weight }) => weight > missed)
  const keys = heavy.map(({ key, weight, shardId = null, isOnSeveral }) => ({
    partitionKey: key,
    weight,
    share: weight / total,
    shardId: isOnSeveral ? 'several' : shardId
  }))
  return { total, distinct: top.distinct ?? null, missed, keys }
}

function shardReport({ shardId, asIs, peak }: ShardTally): ShardReport {
  const { bytes, bytesAt, records, recordsAt } = peak
  return {
    shardId: shardId ?? null,
    kinesisRecords: asIs.kinesisRecords,
    bytes: asIs.bytes,
    peakBytes: bytesAt === undefined ? null : { at: isoOf(bytesAt)!, bytes, ofLimit: bytes / SHARD_BYTES },
    peakRecords:
      recordsAt === undefined ? null : { at: isoOf(recordsAt)!, records, ofLimit: records / SHARD_RECORDS }
  }
}

/** How near a shard came to one of its limits. */
function loadOf({ peakBytes, peakRecords }: ShardReport): number {
  return Math.max(peakBytes?.ofLimit ?? 0, peakRecords?.ofLimit ?? 0)
}

function billReport(sample: Sample, tallies: ShardTally[], billOf: (tally: ShardTally) => Bill): BillReport {
  const perDay = sample.kind === 'stream' ? totals(tallies, billOf, tally => daysOf(sample, tally)) : null
  return { ...totals(tallies, billOf, () => 1), perDay }
}

/** @param divisorOf what the numbers of a shard are divided by */
function totals(
  tallies: ShardTally[],
  billOf: (tally: ShardTally) => Bill,
  divisorOf: (tally: ShardTally) => number
): { kinesisRecords: number; putUnits: number; roundedKilobytes: number } {
  const of = (field: 'kinesisRecords' | 'putUnits' | 'roundedKilobytes'): number =>
    Math.round(sum(tallies, tally => billOf(tally)[field] / divisorOf(tally)))
  return {
    kinesisRecords: of('kinesisRecords'),
    putUnits: of('putUnits'),
    roundedKilobytes: of('roundedKilobytes')
  }
}

/** How much of a day the sample of a shard is, and a second at least: the sample of some ends before its time. */
function daysOf({ from, until, cut }: Sample, { shardId, first, last }: ShardTally): number {
  const start = from ?? first ?? 0
  const isCut = shardId !== undefined && cut?.has(shardId) === true
  const end = (isCut ? last : until) ?? start
  // The last millisecond counts.
  return Math.max(end + 1 - start, 1000) / DAY_MS
}

function sum(tallies: ShardTally[], numberOf: (tally: ShardTally) => number): number {
  return tallies.reduce((total, tally) => total + numberOf(tally), 0)
}

function isoOf(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
