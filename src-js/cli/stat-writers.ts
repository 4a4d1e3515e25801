import { type DeaggregatedRecord, KinesisAggError, aggregate, hashKeyOf } from '../index'

/** Who may have written an aggregate, told by what each of them leaves in it. */
export type Writer = 'kpl' | 'java' | 'node' | 'kinesis-agg' | 'unknown'

/** What is said of each: who it may be, and why. All of them are guesses. */
export const WRITERS: Record<Writer, { guess: string; trace: string }> = {
  kpl: { guess: 'the KPL', trace: 'the outer partition key is "a"' },
  java: {
    guess: 'the Java module of kinesis-aggregation',
    trace: 'each user record has the MD5 of its partition key as explicit hash key'
  },
  node: {
    guess: 'aws-kinesis-agg for Node.js, and keys have changed places',
    trace: 'the outer partition key is that of another user record than the first'
  },
  'kinesis-agg': {
    guess: 'kinesis-agg, or a module of kinesis-aggregation',
    trace: 'the outer partition key is that of the first user record, and all bytes are as these write them'
  },
  unknown: { guess: 'an unknown writer', trace: 'there is no trace that is known' }
}

const MAX_SIZE = 10 * 1024 * 1024

/**
 * @param userRecords of an aggregate
 * @param outerKey the partition key of the Kinesis record
 * @param data of the Kinesis record
 */
export function guessWriter(
  userRecords: readonly DeaggregatedRecord[],
  outerKey: string | undefined,
  data: Uint8Array
): Writer {
  const [first] = userRecords
  if (first === undefined || outerKey === undefined) return 'unknown'
  if (outerKey === first.partitionKey) {
    if (userRecords.every(hasMadeHashKey)) return 'java'
    return isWrittenAsHere(userRecords, data) ? 'kinesis-agg' : 'unknown'
  }
  if (outerKey === 'a') return 'kpl'
  return userRecords.some(({ partitionKey }) => partitionKey === outerKey) ? 'node' : 'unknown'
}

function hasMadeHashKey({ partitionKey, explicitHashKey }: DeaggregatedRecord): boolean {
  if (explicitHashKey === undefined || partitionKey.length > 256) return false
  return explicitHashKey === String(hashKeyOf(partitionKey))
}

/** The aggregate comes out byte for byte the same here. */
function isWrittenAsHere(userRecords: readonly DeaggregatedRecord[], data: Uint8Array): boolean {
  try {
    const [again, ...more] = aggregate(userRecords, { maxSize: MAX_SIZE, strict: false })
    return more.length === 0 && again!.data.equals(data)
  } catch (error) {
    if (error instanceof KinesisAggError) return false
    throw error
  }
}
