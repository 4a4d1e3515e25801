import type { GetRecordsCommandOutput, KinesisClient } from '@aws-sdk/client-kinesis'
import { describe, expect, it } from 'vitest'
import { fetchFailedBatch } from 'kinesis-agg/sdk'

const STREAM = 'arn:aws:kinesis:eu-central-1:123456789012:stream/readings'
/** Text order and the order of the numbers differ. */
const sequence = (i: number): string => String(98n + BigInt(i))

const record = (i: number) => ({
  Data: Buffer.from(String(i)),
  PartitionKey: 'k',
  SequenceNumber: sequence(i)
})

type Page = Partial<GetRecordsCommandOutput>

/** Gives these pages one after the other, and keeps what it was asked for. */
function clientWith(...pages: Page[]): { client: KinesisClient; inputs: Record<string, unknown>[] } {
  const inputs: Record<string, unknown>[] = []
  const send = async ({ input }: { input: Record<string, unknown> }): Promise<object> => {
    inputs.push(input)
    if ('ShardIteratorType' in input) return { ShardIterator: 'page-0' }
    const number = Number(String(input['ShardIterator']).slice(5))
    return { NextShardIterator: number + 1 < pages.length ? `page-${number + 1}` : null, ...pages[number]! }
  }
  return { client: { send } as unknown as KinesisClient, inputs }
}

const info = (batchSize: number, from = 0, to = from + batchSize - 1): { KinesisBatchInfo: object } => ({
  KinesisBatchInfo: {
    shardId: 'shardId-000000000001',
    startSequenceNumber: sequence(from),
    endSequenceNumber: sequence(to),
    batchSize,
    streamArn: STREAM
  }
})

const numbersOf = (records: { Data: unknown }[]): number[] => records.map(({ Data }) => Number(Data))

describe('fetchFailedBatch', () => {
  it('reads the batch, past empty pages, and nothing behind it', async () => {
    const { client, inputs } = clientWith(
      { Records: [], MillisBehindLatest: 5000 },
      { Records: [record(0), record(1)], MillisBehindLatest: 4000 },
      { Records: [], MillisBehindLatest: 3000 },
      { Records: [record(2), record(3)], MillisBehindLatest: 0 },
      { Records: [record(4)] }
    )
    const { records, ...rest } = await fetchFailedBatch(client, info(3))
    expect(numbersOf(records)).toEqual([0, 1, 2])
    expect(rest).toEqual({ expected: 3, expired: false, exact: true })
    expect(inputs[0]).toEqual({
      StreamARN: STREAM,
      ShardId: 'shardId-000000000001',
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: sequence(0)
    })
    expect(inputs).toHaveLength(5)
  })

  it('says that it is not exact if a foreign record stands between', async () => {
    const { client } = clientWith({ Records: [record(0), record(1), record(2)] })
    const { records, ...rest } = await fetchFailedBatch(client, info(2, 0, 2))
    expect(numbersOf(records)).toEqual([0, 1, 2])
    expect(rest).toEqual({ expected: 2, expired: false, exact: false })
  })

  it('says that it is expired if its start is gone', async () => {
    const { client } = clientWith({ Records: [record(2), record(3)] })
    const { records, ...rest } = await fetchFailedBatch(client, info(4))
    expect(numbersOf(records)).toEqual([2, 3])
    expect(rest).toEqual({ expected: 4, expired: true, exact: false })
  })

  it.each([
    ['at the end of a closed shard', {}],
    ['at the tip', { MillisBehindLatest: 0, NextShardIterator: 'page-0' }],
    ['before records behind it', { Records: [record(9)] }]
  ])('is expired if no record came, %s', async (_name, page) => {
    const { client } = clientWith({ Records: [], ...page })
    expect(await fetchFailedBatch(client, info(2))).toEqual({
      records: [],
      expected: 2,
      expired: true,
      exact: false
    })
  })

  it('strips the consumer from the ARN', async () => {
    const { client, inputs } = clientWith({ Records: [record(0)] })
    const { KinesisBatchInfo } = info(1)
    await fetchFailedBatch(client, {
      KinesisBatchInfo: { ...KinesisBatchInfo, streamArn: `${STREAM}/consumer/reader:1700000000` }
    })
    expect(inputs.map(({ StreamARN }) => StreamARN)).toEqual([STREAM, STREAM])
  })

  const text = JSON.stringify(info(1))
  it.each<[string, unknown]>([
    ['JSON text', text],
    ['an SQS record', { messageId: 'm', body: text }],
    ['an SNS record', { EventSource: 'aws:sns', Sns: { Message: text } }],
    ['SNS inside SQS', { messageId: 'm', body: JSON.stringify({ Type: 'Notification', Message: text }) }],
    ['a message that the SDK received', { MessageId: 'm', Body: text }]
  ])('takes %s', async (_name, message) => {
    const { client } = clientWith({ Records: [record(0)] })
    expect(await fetchFailedBatch(client, message)).toMatchObject({ expected: 1, exact: true })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text that is no JSON', 'x'],
    ['an SQS record of something else', { body: '{"a":1}' }],
    ['info without a stream', { KinesisBatchInfo: { ...info(1).KinesisBatchInfo, streamArn: undefined } }],
    ['info without a start', { KinesisBatchInfo: { ...info(1).KinesisBatchInfo, startSequenceNumber: 'x' } }],
    ['info without a size', { KinesisBatchInfo: { ...info(1).KinesisBatchInfo, batchSize: '1' } }]
  ])('refuses %s', async (_name, message) => {
    const { client, inputs } = clientWith()
    await expect(fetchFailedBatch(client, message)).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' })
    expect(inputs).toEqual([])
  })

  it('refuses what is no client', async () => {
    await expect(fetchFailedBatch({} as KinesisClient, info(1))).rejects.toThrow(
      /^client must be a KinesisClient/
    )
  })
})
