import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { aggregate, deaggregateSync } from 'kinesis-agg'
import { MIN_MD5_BACKENDS } from '../support/codec'

/** The native half, as `binding.js` loads it for the package. */
const { native } = createRequire(__filename)(join(__dirname, '..', '..', 'dist', 'binding.js')) as {
  native: typeof import('../../src-js/native/native.js')
}

const backends = native.md5Backends()

/** Several aggregates of unequal lengths, so that lanes end at different times. */
const records = Array.from({ length: 600 }, (_, i) => ({
  partitionKey: `device-${i % 37}`,
  data: Buffer.alloc((i * 7919) % 900, i)
}))

afterEach(() => native.forceMd5(null))

it('several MD5 implementations work here, the scalar one first', () => {
  expect(backends.length).toBeGreaterThanOrEqual(MIN_MD5_BACKENDS)
  expect(backends[0]).toBe('scalar')
})

it.each(backends.slice(1))('%s is faster than the scalar one, so that it is known to be used', name => {
  const batch = Array.from(
    { length: 64 },
    () => aggregate([{ partitionKey: 'k', data: Buffer.alloc(65_536) }])[0]!
  )
  const timeOf = (backend: string): number => {
    native.forceMd5(backend)
    return Math.min(
      ...Array.from({ length: 20 }, () => {
        const start = process.hrtime.bigint()
        expect(deaggregateSync(batch)).toHaveLength(64)
        return Number(process.hrtime.bigint() - start)
      })
    )
  }
  // It is between three and ten times as fast.
  expect(timeOf(name)).toBeLessThan(timeOf('scalar') * 0.7)
})

describe.each(backends)('with the MD5 of %s', name => {
  it('aggregates carry the digest that OpenSSL makes', () => {
    native.forceMd5(name)
    const encoded = aggregate(records, { maxSize: 6_000 })
    expect(encoded.length).toBeGreaterThan(32)
    for (const { data } of encoded) {
      expect(data.subarray(-16)).toEqual(createHash('md5').update(data.subarray(4, -16)).digest())
    }
  })

  it('a batch is taken apart, and one damaged byte in any record of it is found', () => {
    native.forceMd5(name)
    const batch = aggregate(records, { maxSize: 6_000 }).map(({ data }, i) => ({
      Data: data,
      SequenceNumber: String(i)
    }))
    const found = deaggregateSync(batch)
    expect(found.map(({ partitionKey, data }) => ({ partitionKey, data }))).toEqual(records)
    for (const { Data, SequenceNumber } of batch) {
      Data[Data.length >> 1]! ^= 1
      expect(() => deaggregateSync(batch)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_CHECKSUM', sequenceNumber: SequenceNumber })
      )
      Data[Data.length >> 1]! ^= 1
    }
  })
})
