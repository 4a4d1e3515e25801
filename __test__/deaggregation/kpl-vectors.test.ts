import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { RecordAggregator, deaggregateSync, isAggregated } from 'kinesis-agg'

interface Vector {
  name: string
  record: string
  expect: { records: { partitionKey: string; explicitHashKey: string | null; data: string }[] }
}

/** Aggregates that the real KPL wrote; `interop/peers/kpl.mjs` recorded them. */
const { vectors } = JSON.parse(
  readFileSync(join(__dirname, '..', '..', 'interop', 'vectors', 'kpl.json'), 'utf8')
) as { vectors: Vector[] }

describe.each(vectors)('an aggregate of the KPL ($name)', ({ record, expect: { records } }) => {
  it('is taken apart into what was put', () => {
    expect(isAggregated({ data: record })).toBe(true)
    const found = deaggregateSync({ data: record }).map(({ partitionKey, explicitHashKey, data }) => ({
      partitionKey,
      explicitHashKey: explicitHashKey ?? null,
      data: data.toString('base64')
    }))
    expect(found).toEqual(records)
  })

  it('is what we make of the same records, byte for byte', () => {
    const aggregator = new RecordAggregator()
    for (const { partitionKey, explicitHashKey, data } of records) {
      aggregator.push({ partitionKey, explicitHashKey, data: Buffer.from(data, 'base64') })
    }
    expect(aggregator.flush()!.data.toString('base64')).toBe(record)
  })
})
