/** Whichever way records go into an aggregator, the same bytes come out. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EncodedRecord, RecordAggregator, aggregate, deaggregateSync } from 'kinesis-agg'
import { type Input, inputs, leastSize, someInputs, whatWentIn } from '../support/arbitraries'
import { binaryForms } from '../support/inputs'

describe('identical bytes', () => {
  type Way = (records: Input[], maxSize: number) => Promise<EncodedRecord[]> | EncodedRecord[]

  const ways: Record<string, Way> = {
    'push and flush': (records, maxSize) => {
      const aggregator = new RecordAggregator({ strict: false, maxSize })
      return [...records.map(record => aggregator.push(record)), aggregator.flush()].filter(
        one => one !== undefined
      )
    },
    'addUserRecord and build': (records, maxSize) => {
      const aggregator = new RecordAggregator({ strict: false, maxSize })
      const encoded: EncodedRecord[] = []
      for (const record of records) {
        if (!aggregator.checkIfUserRecordFits(record)) encoded.push(aggregator.build()!)
        aggregator.addUserRecord(record)
      }
      return [...encoded, aggregator.build()!]
    },
    'aggregateRecords in chunks': (records, maxSize) => {
      const encoded: EncodedRecord[] = []
      const aggregator = new RecordAggregator({
        strict: false,
        maxSize,
        onReady: (_, one) => encoded.push(one!)
      })
      for (let at = 0, size = 1; at < records.length; at += size, size = (size * 7 + 3) % 11)
        aggregator.aggregateRecords(records.slice(at, at + size))
      aggregator.flushBufferedRecords()
      return encoded
    },
    'an aggregator that was used and cleared': (records, maxSize) => {
      const aggregator = new RecordAggregator({ strict: false, maxSize })
      for (const record of records) aggregator.push(record)
      aggregator.clearRecords()
      return [...records.map(record => aggregator.push(record)), aggregator.build()].filter(
        one => one !== undefined
      )
    },
    'records with the names of the SDK': (records, maxSize) =>
      aggregate(
        records.map(({ partitionKey, data, explicitHashKey }) => ({
          PartitionKey: partitionKey,
          Data: data,
          ExplicitHashKey: explicitHashKey
        })),
        { strict: false, maxSize }
      ),
    'hash keys under their other name': (records, maxSize) =>
      aggregate(
        records.map(({ partitionKey, data, explicitHashKey }) => ({
          partitionKey,
          data,
          explicitPartitionKey: explicitHashKey
        })),
        { strict: false, maxSize }
      ),
    'a generator': (records, maxSize) =>
      aggregate(
        (function* () {
          yield* records
        })(),
        { strict: false, maxSize }
      ),
    'data in changing forms': (records, maxSize) => {
      const forms = Object.values(binaryForms)
      return aggregate(
        records.map((record, i) => ({
          ...record,
          data: (forms[i % forms.length]!(record.data) as Buffer | undefined) ?? record.data
        })),
        { strict: false, maxSize }
      )
    }
  }

  it.each(Object.entries(ways))('%s and aggregate', async (_, way) => {
    await fc.assert(
      fc.asyncProperty(someInputs, fc.nat(5000), async (records, more) => {
        const maxSize = leastSize(records) + more
        expect(whatWentIn(await way(records, maxSize))).toEqual(
          whatWentIn(aggregate(records, { strict: false, maxSize }))
        )
      }),
      { numRuns: 100 }
    )
  })

  it('the form with callbacks and the one without', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(inputs, { minLength: 1, maxLength: 20 }), async records => {
        const handled: EncodedRecord[] = []
        await new Promise<void>((resolve, reject) =>
          aggregate(
            records,
            (one, done) => {
              handled.push(one)
              done()
            },
            resolve,
            reject
          )
        )
        expect(whatWentIn(handled)).toEqual(whatWentIn(aggregate(records, { strict: false })))
      }),
      { numRuns: 30 }
    )
  })

  it('text and its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), texts => {
        const partitionKey = 'k'
        const asText = aggregate(texts.map(data => ({ partitionKey, data })))
        expect(asText).toEqual(aggregate(texts.map(data => ({ partitionKey, data: Buffer.from(data) }))))
      })
    )
  })

  it('of a lone surrogate become U+FFFD, as everywhere in Node.js', () => {
    const [one] = deaggregateSync(
      aggregate([{ partitionKey: 'a\ud800b', data: '\udc00', explicitHashKey: '\ud800' }], { strict: false })
    )
    expect([one!.partitionKey, one!.explicitHashKey, `${one!.data}`]).toEqual([
      'a\ufffdb',
      '\ufffd',
      '\ufffd'
    ])
  })
})
