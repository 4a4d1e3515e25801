import { describe, expect, it } from 'vitest'
import { enclosingOf, kinesisRecordsIn } from '../../../src-js/cli/stat-input'
import { about, arrivedAt, wrappers } from '../../support/inputs'

const data = Buffer.from('data')

describe('the Kinesis record around', () => {
  const shards: Record<string, string | undefined> = {
    'the payload of Lambda': undefined,
    'the whole record of Lambda': 'shardId-000000000006',
    'a record of the SDK': undefined,
    'a record of Firehose': 'shardId-000000000000',
    'a record of Kinesis Analytics': 'shardId-000000000000'
  }
  it.each(Object.entries(wrappers))('%s', (name, wrap) => {
    const forms: unknown[] = [
      data.toString('base64'),
      data,
      new Uint8Array(data),
      JSON.parse(JSON.stringify(data))
    ]
    for (const form of forms) {
      const enclosing = enclosingOf(wrap(form))
      expect(enclosing).toMatchObject({
        shardId: shards[name],
        partitionKey: about.partitionKey,
        sequenceNumber: about.sequenceNumber,
        arrival: arrivedAt.getTime()
      })
      expect(Buffer.from(enclosing.data)).toEqual(data)
    }
  })

  it('a line of "tail --raw", and of the AWS CLI', () => {
    const line = {
      ShardId: 'shardId-000000000003',
      SequenceNumber: '49',
      PartitionKey: 'k',
      Data: 'ZGF0YQ=='
    }
    for (const time of ['2026-11-25T10:00:00.123Z', '2026-11-25T12:00:00.123000+02:00', 1795600800.123]) {
      expect(enclosingOf({ ...line, ApproximateArrivalTimestamp: time } as never)).toEqual({
        shardId: 'shardId-000000000003',
        partitionKey: 'k',
        sequenceNumber: '49',
        arrival: Date.UTC(2026, 10, 25, 10, 0, 0, 123),
        data
      })
    }
  })

  it.each([null, 1, {}, { kinesis: 5 }, { data: 7 }, { Data: [] }])('what is none: %j', value => {
    expect(enclosingOf(value as never)).toMatchObject({ shardId: undefined, arrival: undefined })
  })
})

describe('Kinesis records in', () => {
  it('base64, an event of SubscribeToShard, a record', () => {
    expect(kinesisRecordsIn('ZGF0YQ==')).toEqual([{ data: 'ZGF0YQ==' }])
    expect(kinesisRecordsIn({ SubscribeToShardEvent: { Records: [{ Data: 'x' }] } })).toEqual([{ Data: 'x' }])
    expect(kinesisRecordsIn({ Data: 'x' })).toEqual([{ Data: 'x' }])
  })

  it('a user record: there are none any more', () => {
    expect(() => kinesisRecordsIn({ aggregated: true, partitionKey: 'k', data: 'x' })).toThrow('tail --raw')
  })
})
