import {
  type DeaggregateOptions,
  type DeaggregatedRecord,
  type HashKeyRange,
  type KinesisAggError,
  type KinesisRecordInput,
  deaggregateSync
} from '../index'

/** Why KCL drops user records. */
export type DropReason =
  /** One belongs to another shard: it drops the whole aggregate. */
  | 'range'
  /** One has a hash key that is no number, or one out of range: it drops that one and all after it. */
  | 'hashKey'
  /** One names a key that is not there: it drops that one and all after it. */
  | 'index'

/** A Kinesis record as KCL reads it. */
export interface Judged {
  /** Those that can be read, also if KCL would drop them. */
  userRecords: DeaggregatedRecord[]
  aggregated: boolean
  /** How many KCL drops, for what is known of the shard. */
  dropped: number
  reason: DropReason | undefined
}

const ALL: HashKeyRange = { startingHashKey: 0n, endingHashKey: 2n ** 128n - 1n }

/**
 * What KCL makes of a Kinesis record. It looks at the user records of an aggregate in their order.
 *
 * @param range hash keys of the shard on which it lay; `undefined` if that is not known, and then no user record
 * counts as outside
 * @throws KinesisAggError the record is damaged
 */
export function judge(record: KinesisRecordInput, range: HashKeyRange | undefined): Judged {
  const noIndex: number[] = []
  const userRecords = deaggregateSync(record, salvaging(noIndex))
  const total = userRecords.length + noIndex.length
  const aggregated = noIndex.length > 0 || userRecords[0]?.aggregated !== false
  if (!aggregated) return { userRecords, aggregated, dropped: 0, reason: undefined }
  const invalid: number[] = []
  const kept = deaggregateSync(record, { ...salvaging(invalid), hashKeyRange: range ?? ALL })
  const fault = invalid.reduce((least, position) => Math.min(least, position), total)
  const outside = firstMissing(kept, invalid, total)
  if (outside < fault) return { userRecords, aggregated, dropped: total, reason: 'range' }
  if (fault === total) return { userRecords, aggregated, dropped: 0, reason: undefined }
  const reason = noIndex.includes(fault) ? 'index' : 'hashKey'
  return { userRecords, aggregated, dropped: total - fault, reason }
}

function salvaging(invalid: number[]): DeaggregateOptions {
  return {
    onInvalid: 'salvage',
    onInvalidRecord: (error: KinesisAggError) => invalid.push(error.subSequenceNumber!)
  }
}

/** The first position that is neither among those kept nor invalid; `total` if there is none. */
function firstMissing(kept: DeaggregatedRecord[], invalid: number[], total: number): number {
  const seen = new Set(invalid)
  let next = 0
  for (let position = 0; position < total; position++) {
    if (seen.has(position)) continue
    if (kept[next]?.subSequenceNumber !== position) return position
    next++
  }
  return total
}
