import type { DeaggregatedRecord } from '../index'
import { hashOf } from '../shards/shard-map'

/** A number as Java's BigInteger reads it, which is what KCL makes of an explicit hash key. */
const NUMBER = /^([+-]?)0*(\d+)$/

/** Digits of the highest hash key. */
const MAX_DIGITS = 39

/** Stands for all numbers that no shard has. */
const OUTSIDE = 1n << 128n

/** Keys repeat; each is hashed once. */
const hashes = new Map<string, bigint>()

/** More of them would keep the keys of inputs that are long gone. */
const MAX_HASHES = 200_000

/**
 * The hash key of a user record: the explicit one, else the MD5 of its partition key; `undefined` if the explicit one
 * is no number.
 */
export function hashKeyIn({ partitionKey, explicitHashKey }: DeaggregatedRecord): bigint | undefined {
  if (explicitHashKey !== undefined) return numberIn(explicitHashKey)
  let hash = hashes.get(partitionKey)
  if (hash === undefined) {
    if (hashes.size >= MAX_HASHES) hashes.clear()
    hash = hashOf(partitionKey)
    hashes.set(partitionKey, hash)
  }
  return hash
}

function numberIn(text: string): bigint | undefined {
  const [, sign, digits] = NUMBER.exec(text) ?? []
  if (digits === undefined) return undefined
  if (digits.length > MAX_DIGITS) return OUTSIDE
  return sign === '-' ? -BigInt(digits) : BigInt(digits)
}
