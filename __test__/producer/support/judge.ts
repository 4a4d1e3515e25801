/** Reads what was stored as KCL reads it, and compares it with what the producer promised. */
import { createHash } from 'node:crypto'
import { deaggregateSync } from 'kinesis-agg'
import { identityOf, type LedgerEntry } from './ledger'

/** A stored Kinesis record, and the hash keys of its shard. */
export interface StoredRecord {
  stream: string
  shardId: string
  startingHashKey: bigint
  endingHashKey: bigint
  sequenceNumber: string
  partitionKey: string | undefined
  data: Buffer
}

/** A ledger, or what is left of one from another process. */
export interface Judged {
  entries: readonly LedgerEntry[]
}

interface Memory {
  name: string
  records: readonly {
    shard: { id: string; startingHashKey: bigint; endingHashKey: bigint }
    sequenceNumber: string
    partitionKey: string | undefined
    data: Buffer
  }[]
}

/** One sighting of a record of the ledger. */
export interface Sighting {
  id: number
  stored: StoredRecord
  subSequenceNumber: number
  aggregated: boolean
  partitionKey: string
  /** KCL hands it to its reader. */
  kcl: boolean
}

export function storedIn(...streams: Memory[]): StoredRecord[] {
  return streams
    .flatMap(({ name, records }) =>
      records.map(({ shard, sequenceNumber, partitionKey, data }) => ({
        stream: name,
        shardId: shard.id,
        startingHashKey: shard.startingHashKey,
        endingHashKey: shard.endingHashKey,
        sequenceNumber,
        partitionKey,
        data
      }))
    )
    .toSorted((a, b) => (BigInt(a.sequenceNumber) < BigInt(b.sequenceNumber) ? -1 : 1))
}

/**
 * All sightings, in the order of storing. KCL's `AggregatorUtil.deaggregate(records, start, end)` drops an aggregate
 * whole if one of its user records has a hash key outside of the shard's; plain records it always hands out.
 */
export function sightings(stored: readonly StoredRecord[]): Sighting[] {
  const hashKeys = new Map<string, bigint>()
  const md5 = (key: string): bigint => {
    let hashKey = hashKeys.get(key)
    if (hashKey === undefined) {
      hashKey = BigInt(`0x${createHash('md5').update(key, 'utf8').digest('hex')}`)
      hashKeys.set(key, hashKey)
    }
    return hashKey
  }
  return stored.flatMap(record => {
    const parts = deaggregateSync({
      Data: record.data,
      PartitionKey: record.partitionKey ?? '',
      SequenceNumber: record.sequenceNumber
    })
    const atHome = parts.every(part => {
      const hashKey =
        part.explicitHashKey === undefined ? md5(part.partitionKey) : BigInt(part.explicitHashKey)
      return hashKey >= record.startingHashKey && hashKey <= record.endingHashKey
    })
    return parts.map(part => ({
      id: identityOf(part.data),
      stored: record,
      subSequenceNumber: part.subSequenceNumber,
      aggregated: part.aggregated,
      partitionKey: part.partitionKey,
      kcl: atHome || !part.aggregated
    }))
  })
}

export interface Verdict {
  /** Broken promises, in words; must be empty. */
  violations: string[]
  /** Records of the ledger that readers other than KCL see twice or more. */
  repeated: number
  /** The same for KCL. */
  repeatedForKcl: number
  sightings: Sighting[]
}

export interface JudgeOptions {
  /** Without it aggregates outside of their shards count as seen, as the option `kclReaders: false` has it. */
  kclReaders?: boolean
  /** `ordering: 'none'`, AUTO: no order was promised; of all streams, or of one. */
  ordered?: boolean | ((stream: string) => boolean)
  /** False where an attempt that the producer gave up on may be carried out later: then repeats may be parts. */
  blocks?: boolean
}

export function judge(
  ledger: Judged,
  stored: readonly StoredRecord[],
  { kclReaders = true, ordered = true, blocks = true }: JudgeOptions = {}
): Verdict {
  const all = sightings(stored)
  const seen = all.filter(sighting => sighting.kcl || !kclReaders)
  const byId = groupById(all)
  const seenById = groupById(seen)
  const violations = [
    ...ledger.entries.flatMap(entry =>
      judgeEntry(entry, byId.get(entry.id) ?? [], seenById.get(entry.id) ?? [])
    ),
    ...judgePlaces(ledger, all),
    ...(ordered === false ? [] : judgeOrder(ledger, seen, { blocks, ordered }))
  ]
  const repeated = (groups: Map<number, Sighting[]>): number =>
    [...groups.values()].filter(group => group.length > 1).length
  return { violations, repeated: repeated(byId), repeatedForKcl: repeated(seenById), sightings: all }
}

function groupById(list: readonly Sighting[]): Map<number, Sighting[]> {
  const groups = new Map<number, Sighting[]>()
  for (const sighting of list) {
    const group = groups.get(sighting.id)
    if (group === undefined) groups.set(sighting.id, [sighting])
    else group.push(sighting)
  }
  return groups
}

function judgeEntry(entry: LedgerEntry, all: readonly Sighting[], seen: readonly Sighting[]): string[] {
  const found: string[] = []
  const wrong = (what: string): void => void found.push(`record ${entry.id} (${entry.key}): ${what}`)
  if (entry.told !== 1) wrong(`settled ${entry.told} times`)
  if (entry.fate === 'fulfilled') {
    if (seen.length === 0) wrong(`fulfilled, but ${all.length === 0 ? 'not stored' : 'KCL does not see it'}`)
    if (all.length > 1 && entry.result?.maybeDuplicated === false) {
      wrong(`stored ${all.length} times without maybeDuplicated`)
    }
  } else if (all.length > 0 && entry.error?.maybeStored !== true) {
    wrong(`rejected (${entry.error?.code}) without maybeStored, but stored`)
  }
  return found
}

/** A result names the very place where its record is. */
function judgePlaces(ledger: Judged, all: readonly Sighting[]): string[] {
  const place = (shardId: string, sequenceNumber: string, subSequenceNumber: number | undefined): string =>
    `${shardId} ${sequenceNumber} ${subSequenceNumber ?? '-'}`
  const there = new Map(
    all.map(({ id, stored, aggregated, subSequenceNumber }) => [
      place(stored.shardId, stored.sequenceNumber, aggregated ? subSequenceNumber : undefined),
      id
    ])
  )
  return ledger.entries.flatMap(({ id, result }) => {
    if (result === undefined) return []
    const named = place(result.shardId, result.sequenceNumber, result.subSequenceNumber)
    return there.get(named) === id ? [] : [`record ${id}: not at the place that its result names (${named})`]
  })
}

/** Of each key, the first sightings of fulfilled records ascend, and repeats come as whole blocks. */
function judgeOrder(
  ledger: Judged,
  seen: readonly Sighting[],
  { blocks, ordered }: Required<Pick<JudgeOptions, 'blocks' | 'ordered'>>
): string[] {
  const ids = new Map<string, number[]>()
  for (const { id, stored } of seen) {
    const { key, hashKey, fate } = ledger.entries[id]!
    if (((key ?? '') === '' && hashKey === undefined) || fate !== 'fulfilled') continue
    if (typeof ordered === 'function' && !ordered(stored.stream)) continue
    const of = `${stored.stream}/${hashKey ?? key}`
    const list = ids.get(of)
    if (list === undefined) ids.set(of, [id])
    else list.push(id)
  }
  return [...ids].flatMap(([key, list]) => [
    ...judgeFirsts(key, list),
    ...(blocks ? judgeBlocks(key, list) : [])
  ])
}

function judgeFirsts(key: string, list: readonly number[]): string[] {
  let highest = -1
  return [...new Set(list)].flatMap(id => {
    if (id < highest) return [`key ${key}: record ${id} first seen after ${highest}`]
    highest = id
    return []
  })
}

/** After a record comes its successor or one that was there before, never one further on (A B A B C, never A C B). */
function judgeBlocks(key: string, list: readonly number[]): string[] {
  const ranks = new Map([...new Set(list)].toSorted((a, b) => a - b).map((id, rank) => [id, rank]))
  let before = -1
  return list.flatMap(id => {
    const skipped = ranks.get(id)! > before + 1
    before = ranks.get(id)!
    return skipped ? [`key ${key}: record ${id} seen without its predecessor`] : []
  })
}
