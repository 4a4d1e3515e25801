import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deaggregate, deaggregateSync, isAggregated } from 'kinesis-agg'
import { lambda } from '../support/inputs'
import { vectors } from '../support/vectors'

describe('damaged bytes', () => {
  const CODES = ['ERR_INVALID_CHECKSUM', 'ERR_MALFORMED_RECORD']

  /** Bytes that were changed, cut or repeated somewhere. */
  const damaged = fc
    .tuple(
      fc.constantFrom(...vectors.map(one => one.bytes).filter(({ length }) => length > 4 && length < 2000)),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }),
      fc.nat(2000),
      fc.constantFrom('keep', 'cut', 'repeat')
    )
    .map(([original, changes, at, how]) => {
      const copy = Buffer.from(original)
      // Most behind the magic, so that they are read at all.
      for (const [place, value] of changes) copy[4 + (place % (copy.length - 4))] = value
      const end = at % copy.length
      if (how === 'cut') return copy.subarray(0, end)
      return how === 'repeat' ? Buffer.concat([copy, copy.subarray(end)]) : copy
    })

  it('give a documented error or records, the same in every form', () => {
    fc.assert(
      fc.property(damaged, fc.boolean(), (data, computeChecksums) => {
        let count: number
        let code: unknown
        try {
          const records = deaggregateSync(lambda(data), { computeChecksums })
          count = records.length
          for (const one of records) expect(one.data.length).toBeLessThanOrEqual(data.length)
        } catch (error) {
          code = (error as { code: unknown }).code
          count = 0
          expect(CODES).toContain(code)
          expect(isAggregated(lambda(data))).toBe(true)
        }
        deaggregateSync(lambda(data.toString('base64')), computeChecksums, (error, list) => {
          expect((error as { code?: unknown } | undefined)?.code).toBe(code)
          expect(list).toHaveLength(count)
        })
        let delivered = 0
        deaggregate(
          lambda(data),
          computeChecksums,
          () => delivered++,
          error => expect((error as { code?: unknown } | undefined)?.code).toBe(code)
        )
        expect(delivered).toBe(count)
        const passed = deaggregateSync(lambda(data), { computeChecksums, onInvalid: 'passthrough' })
        if (code === undefined) expect(passed).toHaveLength(count)
        else expect(passed).toMatchObject([{ aggregated: false, data }])
      }),
      { numRuns: 3000 }
    )
  })

  it('damage none of the others in a batch that passes them through', () => {
    const some = fc.array(fc.oneof(damaged, fc.constantFrom(...vectors.map(one => one.bytes))), {
      maxLength: 12
    })
    fc.assert(
      fc.property(some, fc.boolean(), (list, computeChecksums) => {
        const options = { computeChecksums, onInvalid: 'passthrough' } as const
        const batch = list.map(lambda)
        expect(deaggregateSync(batch, options)).toEqual(batch.flatMap(one => deaggregateSync(one, options)))
      }),
      { numRuns: 100 }
    )
  })
})
