import {
  type DeaggregatedRecord,
  type HashKeyRange,
  KinesisAggError,
  type KinesisRecordInput,
  aggregate,
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

/** No Kinesis record is longer. */
const MAX_SIZE = 10 * 1024 * 1024

const ALL: HashKeyRange = { startingHashKey: 0n, endingHashKey: 2n ** 128n - 1n }

/**
 * What KCL makes of a Kinesis record. It looks at the user records of an aggregate in their order.
 *
 * @param range hash keys of the shard on which it lay; `undefined` if that is not known, and then no user record
 * counts as outside
 * @throws KinesisAggError the record is damaged
 */
export function judge(record: KinesisRecordInput, range: HashKeyRange | undefined): Judged {
  let userRecords: DeaggregatedRecord[]
  try {
    userRecords = deaggregateSync(record)
  } catch (error) {
    if (codeOf(error) !== 'ERR_MALFORMED_RECORD') throw error
    return judgeSalvaged(record, range)
  }
  const total = userRecords.length
  const aggregated = userRecords[0]?.aggregated !== false
  if (!aggregated) return { userRecords, aggregated, dropped: 0, reason: undefined }
  const hashKeyRange = range ?? ALL
  let kept: DeaggregatedRecord[]
  let fault = total
  try {
    kept = deaggregateSync(record, { hashKeyRange })
  } catch (error) {
    if (codeOf(error) !== 'ERR_INVALID_HASH_KEY') throw error
    fault = (error as KinesisAggError).subSequenceNumber!
    kept = deaggregateSync(record, { hashKeyRange, onInvalid: 'passthrough' })
  }
  // Whichever of them KCL finds first.
  if (firstMissing(kept) < fault) return { userRecords, aggregated, dropped: total, reason: 'range' }
  const dropped = total - fault
  return { userRecords, aggregated, dropped, reason: dropped > 0 ? 'hashKey' : undefined }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof KinesisAggError ? error.code : undefined
}

/** An aggregate in which user records name keys that are not there. Those before the first of them are judged alone. */
function judgeSalvaged(record: KinesisRecordInput, range: HashKeyRange | undefined): Judged {
  const invalid: number[] = []
  const userRecords = deaggregateSync(record, {
    onInvalid: 'salvage',
    onInvalidRecord: (error: KinesisAggError) => invalid.push(error.subSequenceNumber!)
  })
  const fault = invalid[0]!
  const total = userRecords.length + invalid.length
  const [before] = aggregate(userRecords.slice(0, fault), { maxSize: MAX_SIZE, strict: false })
  const judged = before && judge({ Data: before.data }, range)
  const all = { userRecords, aggregated: true }
  if (judged?.reason === 'range') return { ...all, dropped: total, reason: 'range' }
  if (judged?.reason === 'hashKey')
    return { ...all, dropped: total - fault + judged.dropped, reason: 'hashKey' }
  return { ...all, dropped: total - fault, reason: 'index' }
}

/** The first position that is not among those kept; one behind the last if there is none. */
function firstMissing(kept: DeaggregatedRecord[]): number {
  const missing = kept.findIndex(({ subSequenceNumber }, i) => subSequenceNumber !== i)
  return missing < 0 ? kept.length : missing
}
