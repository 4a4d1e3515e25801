/** What KCL would drop, of aggregates made here, and of vectors that KCL was asked about. */
import { createHash } from 'node:crypto'
import { type HashKeyRange, aggregate, hashKeyOf } from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { describe, expect, it } from 'vitest'
import { judge } from '../../../src-js/cli/stat-kcl'
import { ofKind, vector } from '../../support/vectors'

const MAGIC = Buffer.from('f3899ac2', 'hex')

const HALF = 2n ** 127n
const LOW: HashKeyRange = { startingHashKey: 0n, endingHashKey: HALF - 1n }
const HIGH: HashKeyRange = { startingHashKey: HALF, endingHashKey: 2n ** 128n - 1n }

const inLow = (i: number): string => String(i)
const inHigh = (i: number): string => String(HALF + BigInt(i))

/** An aggregate with these hash keys. */
function record(...hashKeys: (string | undefined)[]) {
  const users = hashKeys.map((explicitHashKey, i) => ({ partitionKey: `k${i}`, explicitHashKey, data: 'x' }))
  return { Data: aggregate(users, { strict: false })[0]!.data }
}

const outcome = (...args: Parameters<typeof judge>) => {
  const { userRecords, aggregated, dropped, reason } = judge(...args)
  return [userRecords.length, aggregated, dropped, reason]
}

describe('an aggregate', () => {
  it('is kept if all lie in the range, its ends included', () => {
    const ends = record(String(HALF), String(2n ** 128n - 1n))
    expect(outcome(ends, HIGH)).toEqual([2, true, 0, undefined])
    expect(outcome(ends, LOW)).toEqual([2, true, 2, 'range'])
  })

  it('is dropped whole if one lies outside, wherever it is', () => {
    for (let at = 0; at < 3; at++) {
      const keys = [0, 1, 2].map(i => (i === at ? inHigh(i) : inLow(i)))
      expect(outcome(record(...keys), LOW)).toEqual([3, true, 3, 'range'])
    }
  })

  it('is judged by the MD5 of the key where there is no hash key', () => {
    const isLow = hashKeyOf('k0') < HALF
    expect(outcome(record(undefined), isLow ? LOW : HIGH)).toEqual([1, true, 0, undefined])
    expect(outcome(record(undefined), isLow ? HIGH : LOW)).toEqual([1, true, 1, 'range'])
  })

  it('loses a record whose hash key is no number, and all after it', () => {
    expect(outcome(record(inLow(0), 'x', inLow(2)), LOW)).toEqual([3, true, 2, 'hashKey'])
    expect(outcome(record(inLow(0), 'x', inLow(2)), undefined)).toEqual([3, true, 2, 'hashKey'])
  })

  it('is told by what comes first: what KCL does not reach, it does not judge', () => {
    expect(outcome(record('x', inHigh(1)), LOW)).toEqual([2, true, 2, 'hashKey'])
    expect(outcome(record(inLow(0), 'x', inHigh(2)), LOW)).toEqual([3, true, 2, 'hashKey'])
    expect(outcome(record(inHigh(0), 'x'), LOW)).toEqual([2, true, 2, 'range'])
  })

  it('loses a record that names a key that is not there, and all after it, unless it is dropped whole', () => {
    const hashKeys = [inLow(0), inHigh(1), 'x']
    const withFault = (...indexes: number[]) => {
      const records = [...indexes, 7].map(explicit_hash_key_index => ({
        partition_key_index: 0,
        explicit_hash_key_index,
        data: Buffer.from('x')
      }))
      const message = {
        partition_key_table: ['k'],
        explicit_hash_key_table: hashKeys,
        records: [...records, records[0]!]
      }
      const bytes = Buffer.from(AggregatedRecord.encode(message).finish())
      return { Data: Buffer.concat([MAGIC, bytes, createHash('md5').update(bytes).digest()]) }
    }
    expect(outcome(withFault(0, 0), LOW)).toEqual([3, true, 2, 'index'])
    expect(outcome(withFault(0, 1), LOW)).toEqual([3, true, 4, 'range'])
    expect(outcome(withFault(0, 2, 1), LOW)).toEqual([4, true, 4, 'hashKey'])
    expect(outcome(withFault(0, 1), undefined)).toEqual([3, true, 2, 'index'])
  })

  it('keeps what is before a great many hash keys that are no numbers', () => {
    const keys = Array.from({ length: 20_000 }, () => 'x')
    const users = [inLow(0), ...keys].map(explicitHashKey => ({
      partitionKey: 'k',
      explicitHashKey,
      data: ''
    }))
    const [all] = aggregate(users, { strict: false, maxSize: 10 * 2 ** 20 })
    expect(outcome({ Data: all!.data }, LOW)).toEqual([20_001, true, 20_000, 'hashKey'])
  })

  it('is not said to be dropped for its range where that is not known', () => {
    expect(outcome(record(inLow(0), inHigh(1)), undefined)).toEqual([2, true, 0, undefined])
  })
})

it('a plain record is kept, wherever it lies', () => {
  const isLow = hashKeyOf('k') < HALF
  const plain = { Data: Buffer.from('plain'), PartitionKey: 'k' }
  expect(outcome(plain, isLow ? HIGH : LOW)).toEqual([1, false, 0, undefined])
})

/** What KCL itself found in vectors whose protobuf is good, where it drops something (interop/kcl/vectors.mjs). */
const FOUND_BY_KCL: Record<string, [number, string]> = {
  'names of object members as hash keys': [0, 'hashKey'],
  'key index outside the table': [1, 'index'],
  'key index 2^64-1': [0, 'index'],
  'hash key index outside the table': [0, 'index'],
  'hash key index with no table': [0, 'index'],
  'hash key index 2^32-1': [0, 'index']
}

describe('as KCL itself:', () => {
  it.each(Object.entries(FOUND_BY_KCL))('%s', (name, [found, reason]) => {
    const { bytes } = vector(name)
    const [, aggregated, dropped, because] = outcome({ Data: bytes }, undefined)
    const total = fromWire(bytes)
    expect([aggregated, total - (dropped as number), because]).toEqual([true, found, reason])
  })

  it('drops nothing of other vectors that can be read', () => {
    const read = ofKind('records').filter(({ name }) => !(name in FOUND_BY_KCL))
    expect(read.length).toBeGreaterThan(20)
    for (const { name, bytes, records } of read) {
      expect([name, ...outcome({ Data: bytes }, undefined)]).toEqual([
        name,
        records.length,
        true,
        0,
        undefined
      ])
    }
  })

  it('takes damaged ones for plain records, which are named instead', () => {
    for (const { bytes } of ofKind('checksum')) expect(() => judge({ Data: bytes }, LOW)).toThrow('checksum')
  })
})

/** User records in an aggregate, by its message alone. */
const fromWire = (bytes: Buffer): number => AggregatedRecord.decode(bytes.subarray(4, -16)).records.length
