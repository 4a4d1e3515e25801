import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { deaggregateEvent, deaggregateSync } from 'kinesis-agg'
import { aggregated } from '../support/wire'

const firehose = (subsequenceNumber: unknown) => ({
  recordId: 'r',
  data: 'ZDA=',
  kinesisRecordMetadata: {
    sequenceNumber: '4959',
    subsequenceNumber,
    partitionKey: 'pk',
    shardId: 'shardId-000000000000',
    approximateArrivalTimestamp: 1_700_000_000_000
  }
})
const multiLang = (subSequenceNumber: unknown) => ({
  data: 'ZDA=',
  partitionKey: 'pk',
  sequenceNumber: '4959',
  subSequenceNumber
})

describe('the sub-sequence number of a plain record', () => {
  it('is what Firehose says', () => {
    const records = deaggregateEvent({ records: [firehose(0), firehose(1)] as never })
    expect(records.map(record => [record.sequenceNumber, record.subSequenceNumber])).toEqual([
      ['4959', 0],
      ['4959', 1]
    ])
  })

  it.each([
    [3, 3],
    ['3', 3],
    ['', 0],
    [undefined, 0],
    [null, 0],
    ['x', 0],
    [-1, 0],
    [1.5, 0]
  ])('is a number always: %j is %j', (given, number) => {
    for (const record of [firehose(given), multiLang(given)] as never[]) {
      expect(deaggregateSync(record)[0]).toMatchObject({ subSequenceNumber: number, aggregated: false })
      // One of several takes another way.
      const [one] = deaggregateSync([record, record])
      expect(one).toMatchObject({ subSequenceNumber: number, aggregated: false })
    }
  })

  it('is of no account where the aggregate is still whole', () => {
    const data = aggregated({
      keys: ['k'],
      records: [
        { key: 0, data: 'a' },
        { key: 0, data: 'b' }
      ]
    }).toString('base64')
    for (const record of [
      { ...firehose(7), data },
      { ...multiLang(7), data }
    ] as never[]) {
      expect(deaggregateSync(record).map(one => one.subSequenceNumber)).toEqual([0, 1])
    }
  })

  it('comes along where a record that came out goes in', () => {
    const [out] = deaggregateSync({ ...multiLang(5), data: Buffer.from('x') } as never)
    expect(deaggregateSync(out as never)[0]!.subSequenceNumber).toBe(5)
  })
})
