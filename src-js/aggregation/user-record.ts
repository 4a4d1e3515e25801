import { viewOf } from '../bytes'
import { KinesisAggError, invalidArgument, missingData, missingPartitionKey, nameOf } from '../errors'
import { checkHashKey, hashKeyText } from '../hash-key'

/** A user record with its parts under one name each; every property of the input was read once. */
export interface NormalizedUserRecord {
  partitionKey: string
  explicitHashKey: string | undefined
  data: string | Buffer
  record: unknown
}

/**
 * Reads a user record of any form.
 *
 * @param strict check partition key and explicit hash key against the rules of Kinesis
 * @param number the record's place in the caller's list, or {@link ALONE}; for the error
 * @throws KinesisAggError `ERR_MISSING_DATA`, `ERR_MISSING_PARTITION_KEY`, `ERR_INVALID_HASH_KEY` (an integer
 * beyond 2^53 - 1); with `strict` also `ERR_INVALID_PARTITION_KEY`, and `ERR_INVALID_HASH_KEY` for all that are none
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function normalizeUserRecord(input: unknown, strict: boolean, number: number): NormalizedUserRecord {
  if (input === null || typeof input !== 'object') {
    throw invalidArgument(nameOf(number), 'a user record', input)
  }
  const record = input as Record<string, unknown>
  const data = record['data'] ?? record['Data']
  if (data === undefined || data === null) throw missingData(input)
  const partitionKey = readPartitionKey(record['partitionKey'] ?? record['PartitionKey'], input, number)
  const explicitHashKey = readHashKey(record, number)
  if (strict) {
    checkPartitionKey(partitionKey, input)
    if (explicitHashKey !== undefined) checkHashKey(explicitHashKey, input)
  }
  if (typeof data === 'string') return { partitionKey, explicitHashKey, data, record: input }
  const view = viewOf(data)
  if (view === undefined) {
    throw invalidArgument(
      `${nameOf(number)}.data`,
      'a string, a Buffer, an ArrayBuffer or a view of one',
      data
    )
  }
  return { partitionKey, explicitHashKey, data: view, record: input }
}

function readPartitionKey(key: unknown, record: unknown, number: number): string {
  if (typeof key === 'string' && key !== '') return key
  if (key === undefined || key === null || key === '') throw missingPartitionKey(record)
  if (typeof key === 'number' || typeof key === 'bigint') return String(key)
  throw invalidArgument(`${nameOf(number)}.partitionKey`, 'a string', key)
}

/**
 * The explicit hash key of a record under any of its names: ours and that of `aws-kinesis-agg`, each also as the AWS SDK
 * writes it.
 *
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: an integer beyond 2^53 - 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function readHashKey(record: Record<string, unknown>, number: number): string | undefined {
  const hashKey =
    record['explicitHashKey'] ??
    record['explicitPartitionKey'] ??
    record['ExplicitHashKey'] ??
    record['ExplicitPartitionKey']
  // The usual cases, in which no name is needed.
  if (hashKey === undefined) return undefined
  if (typeof hashKey === 'string' && hashKey !== '') return hashKey
  return hashKeyText(hashKey, `${nameOf(number)}.explicitHashKey`, record)
}

/** In characters; Kinesis' own limit. */
const MAX_PARTITION_KEY = 256

/** @throws KinesisAggError `ERR_INVALID_PARTITION_KEY` */
export function checkPartitionKey(key: string, record: unknown): void {
  // Characters are code points: at most as many as UTF-16 units, and at least half as many. To count those of a
  // giant would take memory for each.
  if (key.length <= MAX_PARTITION_KEY) return
  if (key.length <= 2 * MAX_PARTITION_KEY && [...key].length <= MAX_PARTITION_KEY) return
  const message = `Partition key '${key.slice(0, 40)}…' has over ${MAX_PARTITION_KEY} characters`
  throw new KinesisAggError('ERR_INVALID_PARTITION_KEY', message, { record })
}
