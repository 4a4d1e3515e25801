// Random sets of user records, the same in every run, with all that has gone wrong in one codec or another.
import { Random } from '../../bench/corpus.mjs'

/** @typedef {{ partitionKey: string, explicitHashKey?: string, data: Buffer }} UserRecord */

export const MAX_HASH_KEY = 2n ** 128n - 1n

/** A random number of `bits` bits. */
export const randomBits = (random, bits) => BigInt(`0x${random.bytes(bits / 8).toString('hex')}`)

/** Numbers in ascending order. */
export const ascending = numbers => numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))

/** A whole number in [0, bound). */
export const below = (random, bound) => random.next() % bound

const pick = (random, choices) => choices[below(random, choices.length)]

// A key of another script, of another plane, and of what JSON and JavaScript treat in their own way.
const LETTERS = ['我', '愛', 'ß', 'é', 'ключ', '😀', 'ﷺ', '\u0000', ' ', '"', '\\', '\u2028', '\uFEFF']
const NUMBERS = ['4294967294', '4294967295', '18446744073709551615', '-1', '007', '1.0', '1e3']
const MEMBERS = ['__proto__', 'constructor', 'hasOwnProperty', 'prototype', 'toString', 'valueOf', 'length']

const PARTITION_KEYS = [
  random => random.uuid(),
  random => `device-${below(random, 20)}`,
  random => Array.from({ length: 1 + below(random, 12) }, () => pick(random, LETTERS)).join(''),
  random => (below(random, 6) === 0 ? pick(random, NUMBERS) : String(below(random, 50))),
  random => pick(random, MEMBERS),
  random => `${random.uuid()}-`.repeat(7).slice(0, 256)
]

const HASH_KEYS = [
  random => String(randomBits(random, 128)),
  random => String(below(random, 10)),
  random => pick(random, ['0', String(MAX_HASH_KEY), String(MAX_HASH_KEY >> 1n)])
]

const SIZES = [
  () => 0,
  random => below(random, 32),
  random => below(random, 32),
  random => below(random, 300),
  random => below(random, 300),
  random => below(random, below(random, 10) === 0 ? 6000 : 1000)
]

/** Keys of sets, each the least that shows a fault of one peer or another. */
const POINTED = [
  [['2'], ['1']],
  [['a'], ['b'], ['__proto__']],
  [['a'], ['__proto__'], ['b']],
  [['hasOwnProperty'], ['a']],
  [['a', '5'], ['b']]
]

/**
 * `count` sets. First come one of near 1 MiB and a few pointed ones. Each of the others has 1 to 300 user
 * records of up to several KB; in some, no record has a hash key, in some all have, in some a part.
 *
 * @returns {Generator<UserRecord[]>}
 */
export function* randomSets(count, seed) {
  const random = new Random(seed)
  yield almostFull(random)
  for (const keys of POINTED) {
    yield keys.map(([partitionKey, explicitHashKey]) =>
      userRecord(partitionKey, explicitHashKey, random.bytes(8))
    )
  }
  for (let i = POINTED.length + 1; i < count; i++) yield randomSet(random)
}

function almostFull(random) {
  return Array.from({ length: 130 }, () => userRecord(random.uuid(), undefined, random.bytes(8000)))
}

const userRecord = (partitionKey, explicitHashKey, data) =>
  explicitHashKey === undefined ? { partitionKey, data } : { partitionKey, explicitHashKey, data }

function randomSet(random) {
  const length = 1 + Math.floor(300 * (random.next() / 2 ** 32) ** 3)
  const kinds = below(random, 3) === 0 ? PARTITION_KEYS : [pick(random, PARTITION_KEYS)]
  const hashKeys = below(random, 3) === 0 ? HASH_KEYS : [pick(random, HASH_KEYS)]
  const withHashKey = pick(random, [() => false, () => true, () => below(random, 2) === 0])
  return Array.from({ length }, () =>
    userRecord(
      pick(random, kinds)(random),
      withHashKey() ? pick(random, hashKeys)(random) : undefined,
      random.bytes(pick(random, SIZES)(random))
    )
  )
}
