import { KinesisAggError, invalidArgument, withoutStack } from '../errors'
import { type ShardTable, positionOf, shardTable } from '../shards/shard-table'
import { MAX_HASH_KEY, invalidHashKey, parseHashKey } from '../hash-key'
import type { HashKeyRange } from '../types'
import type { DeaggregateSettings } from './options'
import type { Found } from './salvage'

/** A range as one of those that make up all hash keys. */
export interface Range {
  table: ShardTable
  position: number
}

/**
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function checkHashKeyRange(range: unknown): Range {
  if (range === null || typeof range !== 'object') {
    throw invalidArgument('options.hashKeyRange', '{ startingHashKey, endingHashKey }', range)
  }
  const { startingHashKey, endingHashKey } = range as HashKeyRange
  const start = readEnd('startingHashKey', startingHashKey)
  const end = readEnd('endingHashKey', endingHashKey)
  if (start > end) {
    const message = `options.hashKeyRange starts at ${start}, behind its end ${end}`
    throw new KinesisAggError('ERR_INVALID_HASH_KEY', message)
  }
  const starts = start === 0n ? [0n] : [0n, start]
  const position = starts.length - 1
  if (end < MAX_HASH_KEY) starts.push(end + 1n)
  return { table: shardTable(starts), position }
}

function readEnd(name: string, hashKey: unknown): bigint {
  if (typeof hashKey !== 'string' && typeof hashKey !== 'bigint') {
    throw invalidArgument(`options.hashKeyRange.${name}`, 'a decimal string or a bigint', hashKey)
  }
  return parseHashKey(String(hashKey))
}

/**
 * Leaves out user records of aggregates whose effective hash key is outside the range. Plain records stay: the
 * explicit hash key with which one was put is not in it, so only Kinesis knows where it belongs.
 *
 * @param onInvalid what becomes of a user record whose explicit hash key is no number, so that it has no place:
 * see {@link DeaggregateOptions}
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: there is such a record, and `onInvalid` is `'throw'`
 */
export function filterByHashKeyRange(
  { userRecords, invalid }: Found,
  { table, position }: Range,
  onInvalid: DeaggregateSettings['onInvalid']
): Found {
  // Keys repeat; each is looked at once.
  const byKey = new Map<string, number>()
  const byHashKey = new Map<string, number>()
  const kept: Found = { userRecords: [], invalid: [] }
  let nextInvalid = 0
  const moveInvalid = (to: number): void => {
    for (; invalid[nextInvalid] !== undefined && invalid[nextInvalid]!.before <= to; nextInvalid++) {
      kept.invalid.push({ ...invalid[nextInvalid]!, before: kept.userRecords.length })
    }
  }
  for (const [i, record] of userRecords.entries()) {
    moveInvalid(i)
    const { explicitHashKey, partitionKey } = record
    let found = position
    if (record.aggregated) {
      const [known, text] =
        explicitHashKey === undefined ? [byKey, partitionKey] : [byHashKey, explicitHashKey]
      found = known.get(text) ?? positionOf(table, partitionKey, explicitHashKey)
      known.set(text, found)
    }
    if (found >= 0) {
      if (found === position) kept.userRecords.push(record)
      continue
    }
    if (onInvalid === 'passthrough') {
      kept.userRecords.push(record)
      continue
    }
    const { source, sequenceNumber, subSequenceNumber } = record
    const error = (): KinesisAggError =>
      invalidHashKey(explicitHashKey!, { record: source, sequenceNumber, subSequenceNumber })
    if (onInvalid === 'throw') throw error()
    kept.invalid.push({ error: () => withoutStack(error), source, before: kept.userRecords.length })
  }
  moveInvalid(userRecords.length)
  return kept
}
