import { KinesisAggError, invalidArgument } from './errors'
import { type ShardTable, positionOf, shardTable } from './shards'
import type { HashKeyRange, UserRecord } from './types'
import { MAX_HASH_KEY, checkHashKey } from './user-record'

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
  return checkHashKey(String(hashKey), undefined)
}

/**
 * Leaves out user records of aggregates whose effective hash key is outside the range. Plain records stay: the
 * explicit hash key with which one was put is not in it, so only Kinesis knows where it belongs.
 *
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: a user record's explicit hash key is none
 */
export function keepInside(records: UserRecord[], { table, position }: Range): UserRecord[] {
  // Keys repeat; each is looked at once.
  const byKey = new Map<string, boolean>()
  const byHashKey = new Map<string, boolean>()
  return records.filter(record => {
    if (!record.aggregated) return true
    const { explicitHashKey, partitionKey } = record
    const [known, text] = explicitHashKey === undefined ? [byKey, partitionKey] : [byHashKey, explicitHashKey]
    let inside = known.get(text)
    if (inside === undefined) {
      inside =
        positionOf(table, partitionKey, explicitHashKey, record.source, record.sequenceNumber) === position
      known.set(text, inside)
    }
    return inside
  })
}
