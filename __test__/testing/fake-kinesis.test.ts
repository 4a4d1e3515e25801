import {
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type ListShardsCommandOutput,
  PutRecordCommand,
  PutRecordsCommand
} from '@aws-sdk/client-kinesis'
import { aggregate, hashKeyOf } from 'kinesis-agg'
import { fetchShardMap } from 'kinesis-agg/sdk'
import { FakeKinesis } from 'kinesis-agg/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'

const MIB = 1 << 20

const entry = (PartitionKey: string, text = 'x', more: { ExplicitHashKey?: string } = {}) => ({
  Data: Buffer.from(text),
  PartitionKey,
  ...more
})

const put = (kinesis: FakeKinesis, ...Records: ReturnType<typeof entry>[]) =>
  kinesis.client.send(new PutRecordsCommand({ StreamName: 's', Records }))

const list = async (kinesis: FakeKinesis, more: object = {}) =>
  (await kinesis.client.send(new ListShardsCommand({ StreamName: 's', ...more }))).Shards!

/** Time passes when a test says so. */
const mockTime = (): void => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
afterEach(() => void vi.useRealTimers())

const one = (shards = 1): FakeKinesis => new FakeKinesis({ streams: { s: { shards } } })

/** Reads a shard from its beginning to its end, or to its last record for now. */
async function read(kinesis: FakeKinesis, ShardId: string, Limit?: number) {
  const { client } = kinesis
  let { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamName: 's', ShardId, ShardIteratorType: 'TRIM_HORIZON' })
  )
  const records = []
  for (;;) {
    const page = await client.send(new GetRecordsCommand({ ShardIterator, Limit }))
    records.push(...page.Records!)
    ShardIterator = page.NextShardIterator
    if (page.Records!.length === 0 || ShardIterator === undefined) {
      return { records, children: page.ChildShards?.map(({ ShardId }) => ShardId) }
    }
  }
}

describe('records', () => {
  it('come back as user records, aggregates taken apart, in the order of storing', async () => {
    const kinesis = one(2)
    const [encoded] = aggregate([
      { partitionKey: 'a', data: '1' },
      { partitionKey: 'b', data: '2', explicitHashKey: '5' }
    ])
    await kinesis.client.send(
      new PutRecordsCommand({
        StreamName: 's',
        Records: [{ Data: encoded!.data, PartitionKey: 'a' }, entry('c', '3')]
      })
    )
    await put(kinesis, entry('d', '4'))
    const records = kinesis.records('s')
    expect(records.map(({ partitionKey, data }) => [partitionKey, data.toString()])).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4']
    ])
    expect(records.map(({ aggregated, subSequenceNumber }) => [aggregated, subSequenceNumber])).toEqual([
      [true, 0],
      [true, 1],
      [false, 0],
      [false, 0]
    ])
    expect(records[1]!.explicitHashKey).toBe('5')
    expect(records[0]!.approximateArrivalTimestamp).toBeInstanceOf(Date)
  })

  it('are copies: what the caller does with his bytes later changes nothing', async () => {
    const kinesis = one()
    const Data = Buffer.from('before')
    await kinesis.client.send(
      new PutRecordsCommand({ StreamName: 's', Records: [{ Data, PartitionKey: 'k' }] })
    )
    Data.fill('x')
    expect(kinesis.records('s')[0]!.data.toString()).toBe('before')
  })

  it('throws for a stream that is not there', () => {
    expect(() => one().records('other')).toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' })
    )
  })
})

describe('PutRecords', () => {
  it('places records by hash key, explicit or the MD5 of the partition key', async () => {
    const kinesis = one(4)
    const { Records } = await put(kinesis, entry('user-1'), entry('user-1', 'x', { ExplicitHashKey: '0' }))
    const shards = await list(kinesis)
    const home = shards.find(
      ({ HashKeyRange }) => hashKeyOf('user-1') <= BigInt(HashKeyRange!.EndingHashKey!)
    )!.ShardId
    expect(Records!.map(({ ShardId }) => ShardId)).toEqual([home, shards[0]!.ShardId])
  })

  it('answers with sequence numbers that ascend, and counts', async () => {
    const kinesis = one()
    const { Records, FailedRecordCount, $metadata } = await put(kinesis, entry('a'), entry('b'))
    expect(FailedRecordCount).toBe(0)
    expect($metadata.httpStatusCode).toBe(200)
    expect(BigInt(Records![1]!.SequenceNumber!)).toBeGreaterThan(BigInt(Records![0]!.SequenceNumber!))
  })

  it.each([
    ['501 records', Array.from({ length: 501 }, () => entry('k')), 'ValidationException', /500/],
    ['no records', [], 'ValidationException', /records/],
    [
      'a key of 257 characters',
      [entry('é'.repeat(257))],
      'ValidationException',
      /records\.1\.member\.partitionKey/
    ],
    ['an empty key', [entry('k'), entry('')], 'ValidationException', /records\.2\.member\.partitionKey/],
    [
      'a hash key of 2^128',
      [entry('k', 'x', { ExplicitHashKey: String(1n << 128n) })],
      'InvalidArgumentException',
      /ExplicitHashKey/
    ],
    [
      'a hash key that is no number',
      [entry('k', 'x', { ExplicitHashKey: '1e3' })],
      'InvalidArgumentException',
      /ExplicitHashKey/
    ],
    [
      'a record of over 1 MiB',
      [entry('k', 'x'.repeat(MIB))],
      'ValidationException',
      /records\.1\.member\.data/
    ],
    [
      'a request of over 10 MiB',
      Array.from({ length: 11 }, () => entry('k', 'x'.repeat(MIB - 1))),
      'InvalidArgumentException',
      /size/
    ]
  ])('refuses %s and stores nothing of it', async (_, Records, name, message) => {
    const kinesis = one()
    const error = await put(kinesis, ...Records).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name,
      message: expect.stringMatching(message),
      $metadata: { httpStatusCode: 400 }
    })
    expect(kinesis.records('s')).toEqual([])
  })

  it('takes what is just within the limits', async () => {
    const kinesis = one()
    await put(kinesis, ...Array.from({ length: 500 }, () => entry('k')))
    await put(kinesis, entry('k', 'x'.repeat(MIB - 1)), entry('😀'.repeat(256)))
    await put(kinesis, entry('k', 'x', { ExplicitHashKey: String((1n << 128n) - 1n) }))
    expect(kinesis.records('s')).toHaveLength(503)
  })

  it('knows a stream by its ARN too', async () => {
    const kinesis = one()
    const StreamARN = 'arn:aws:kinesis:eu-west-1:123456789012:stream/s'
    await kinesis.client.send(new PutRecordsCommand({ StreamARN, Records: [entry('k')] }))
    expect(kinesis.records('s')).toHaveLength(1)
  })

  it('on an AUTO stream needs no key, and keys do not choose the shard', async () => {
    const kinesis = new FakeKinesis({ streams: { s: { shards: 2, recordDistribution: 'AUTO' } } })
    const Records = Array.from({ length: 4 }, () => ({
      Data: Buffer.from('x'),
      PartitionKey: undefined as never
    }))
    const answer = await kinesis.client.send(new PutRecordsCommand({ StreamName: 's', Records }))
    expect(new Set(answer.Records!.map(({ ShardId }) => ShardId)).size).toBe(2)
    expect(kinesis.records('s').map(({ partitionKey }) => partitionKey)).toEqual(['', '', '', ''])
    const same = await put(kinesis, entry('k'), entry('k'))
    expect(new Set(same.Records!.map(({ ShardId }) => ShardId)).size).toBe(2)
  })
})

describe('shards', () => {
  it('are listed page by page; a further page takes the token alone', async () => {
    const { client } = one(5)
    const ids: string[] = []
    let NextToken: string | undefined
    do {
      const page: ListShardsCommandOutput = await client.send(
        new ListShardsCommand({
          ...(NextToken === undefined ? { StreamName: 's' } : { NextToken }),
          MaxResults: 2
        })
      )
      ids.push(...page.Shards!.map(({ ShardId }) => ShardId!))
      ;({ NextToken } = page)
    } while (NextToken !== undefined)
    expect(ids).toEqual([0, 1, 2, 3, 4].map(i => `shardId-00000000000${i}`))
    const { NextToken: token } = await client.send(new ListShardsCommand({ StreamName: 's', MaxResults: 2 }))
    await expect(
      client.send(new ListShardsCommand({ StreamName: 's', NextToken: token }))
    ).rejects.toMatchObject({ name: 'InvalidArgumentException' })
  })

  it('are what fetchShardMap asks for', async () => {
    const kinesis = one(2)
    kinesis.split('s', 'shardId-000000000000')
    const map = await fetchShardMap(kinesis.client, { StreamName: 's' })
    expect(map.shards.map(({ shardId }) => shardId)).toEqual([2, 3, 1].map(i => `shardId-00000000000${i}`))
  })

  it('cover all hash keys without gap', async () => {
    const shards = await list(one(3))
    let next = 0n
    for (const { HashKeyRange } of shards) {
      expect(BigInt(HashKeyRange!.StartingHashKey!)).toBe(next)
      next = BigInt(HashKeyRange!.EndingHashKey!) + 1n
    }
    expect(next).toBe(1n << 128n)
  })

  it('split: the parent is closed, the children share its hash keys; AT_LATEST hides the parent', async () => {
    const kinesis = one(2)
    kinesis.split('s', 'shardId-000000000000')
    const all = await list(kinesis)
    expect(all.map(({ ParentShardId }) => ParentShardId)).toEqual([
      undefined,
      undefined,
      'shardId-000000000000',
      'shardId-000000000000'
    ])
    expect(all[0]!.SequenceNumberRange!.EndingSequenceNumber).toMatch(/^\d+$/)
    expect(BigInt(all[2]!.HashKeyRange!.EndingHashKey!) + 1n).toBe(
      BigInt(all[3]!.HashKeyRange!.StartingHashKey!)
    )
    const open = await list(kinesis, { ShardFilter: { Type: 'AT_LATEST' } })
    expect(open.map(({ ShardId }) => ShardId)).toEqual([1, 2, 3].map(i => `shardId-00000000000${i}`))
    const { Records } = await put(kinesis, entry('k', 'x', { ExplicitHashKey: '0' }))
    expect(Records![0]!.ShardId).toBe('shardId-000000000002')
  })

  it('split without a name takes the shard with the most hash keys', async () => {
    const kinesis = one(2)
    kinesis.split('s', 'shardId-000000000000')
    kinesis.split('s')
    const closed = (await list(kinesis)).filter(
      ({ SequenceNumberRange }) => SequenceNumberRange!.EndingSequenceNumber !== undefined
    )
    expect(closed.map(({ ShardId }) => ShardId)).toEqual(['shardId-000000000000', 'shardId-000000000001'])
  })

  it('merge: with the next one; the last one with the one before', async () => {
    const kinesis = one(4)
    kinesis.merge('s')
    kinesis.merge('s', 'shardId-000000000003')
    const shards = await list(kinesis)
    expect(
      shards
        .slice(4)
        .map(({ ParentShardId, AdjacentParentShardId }) => [ParentShardId, AdjacentParentShardId])
    ).toEqual([
      ['shardId-000000000000', 'shardId-000000000001'],
      ['shardId-000000000002', 'shardId-000000000003']
    ])
    expect(await list(kinesis, { ShardFilter: { Type: 'AT_LATEST' } })).toHaveLength(2)
  })

  it('split and merge refuse what cannot be', () => {
    const kinesis = one()
    expect(() => kinesis.merge('s')).toThrow(/single shard/)
    kinesis.split('s')
    expect(() => kinesis.split('s', 'shardId-000000000000')).toThrow(/no open shard/)
  })

  it('DescribeStreamSummary tells open shards, distribution and the largest record', async () => {
    const kinesis = one(3)
    kinesis.split('s')
    const { StreamDescriptionSummary } = await kinesis.client.send(
      new DescribeStreamSummaryCommand({ StreamName: 's' })
    )
    expect(StreamDescriptionSummary).toMatchObject({
      StreamName: 's',
      StreamStatus: 'ACTIVE',
      OpenShardCount: 4,
      RecordDistributionStrategy: 'USER_PARTITION_KEY',
      MaxRecordSizeInKiB: 1024
    })
  })
})

describe('reading', () => {
  it('GetRecords pages through a shard; a closed one ends and names its children', async () => {
    const kinesis = one()
    await put(kinesis, ...Array.from({ length: 10 }, (_, i) => entry(`k${i}`, String(i))))
    kinesis.split('s')
    await put(kinesis, entry('later'))
    const { records, children } = await read(kinesis, 'shardId-000000000000', 3)
    expect(records.map(({ Data }) => Buffer.from(Data!).toString())).toEqual([...'0123456789'])
    expect(records.map(({ PartitionKey }) => PartitionKey)).toEqual([...'0123456789'].map(i => `k${i}`))
    expect(children).toEqual(['shardId-000000000001', 'shardId-000000000002'])
    const open = await Promise.all(children!.map(id => read(kinesis, id!)))
    expect(open.flatMap(({ records }) => records)).toHaveLength(1)
    expect(open.every(({ children }) => children === undefined)).toBe(true)
  })

  it('iterators of every kind', async () => {
    const kinesis = one()
    const { Records } = await put(kinesis, entry('a', '0'), entry('a', '1'), entry('a', '2'))
    const from = async (ShardIteratorType: string, more: object = {}): Promise<string> => {
      const { ShardIterator } = await kinesis.client.send(
        new GetShardIteratorCommand({
          StreamName: 's',
          ShardId: 'shardId-000000000000',
          ShardIteratorType: ShardIteratorType as never,
          ...more
        })
      )
      const { Records } = await kinesis.client.send(new GetRecordsCommand({ ShardIterator }))
      return Records!.map(({ Data }) => Buffer.from(Data!).toString()).join('')
    }
    const StartingSequenceNumber = Records![1]!.SequenceNumber
    expect(await from('TRIM_HORIZON')).toBe('012')
    expect(await from('LATEST')).toBe('')
    expect(await from('AT_SEQUENCE_NUMBER', { StartingSequenceNumber })).toBe('12')
    expect(await from('AFTER_SEQUENCE_NUMBER', { StartingSequenceNumber })).toBe('2')
    expect(await from('AT_TIMESTAMP', { Timestamp: new Date(0) })).toBe('012')
    expect(await from('AT_TIMESTAMP', { Timestamp: new Date(Date.now() + 60_000) })).toBe('')
  })
})

describe('faults', () => {
  const codes = async (kinesis: FakeKinesis, ...entries: ReturnType<typeof entry>[]) =>
    (await put(kinesis, ...entries)).Records!.map(({ ErrorCode }) => ErrorCode)
  const low = entry('k', 'x', { ExplicitHashKey: '0' })
  const high = entry('k', 'x', { ExplicitHashKey: String((1n << 128n) - 1n) })
  const THROTTLED = 'ProvisionedThroughputExceededException'

  it('throttle refuses records of all shards, or of one, until reset', async () => {
    const kinesis = one(2)
    kinesis.throttle('s', { shardId: 'shardId-000000000001' })
    expect(await codes(kinesis, low, high)).toEqual([undefined, THROTTLED])
    kinesis.throttle('s')
    expect(await codes(kinesis, low, high)).toEqual([THROTTLED, THROTTLED])
    kinesis.reset()
    expect(await codes(kinesis, low, high)).toEqual([undefined, undefined])
    expect(kinesis.records('s')).toHaveLength(3)
    expect(() => kinesis.throttle('s', { shardId: 'shardId-9' })).toThrow(/no open shard/)
  })

  it('throttle ends by itself after forMs', async () => {
    mockTime()
    const kinesis = one()
    kinesis.throttle('s', { forMs: 30 })
    await vi.advanceTimersByTimeAsync(29)
    expect(await codes(kinesis, low)).toEqual([THROTTLED])
    await vi.advanceTimersByTimeAsync(1)
    expect(await codes(kinesis, low)).toEqual([undefined])
  })

  it('failNext fails the next PutRecords, as often as said; other calls are left alone', async () => {
    const kinesis = one()
    const own = new TypeError('mine')
    kinesis.failNext({ name: 'AccessDeniedException', message: 'not you' }, { times: 2 })
    kinesis.failNext(own)
    kinesis.failNext({ name: 'InternalFailure' })
    await expect(list(kinesis)).resolves.toHaveLength(1)
    for (let i = 0; i < 2; i++) {
      await expect(put(kinesis, low)).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: 'not you',
        $fault: 'client',
        $metadata: { httpStatusCode: 400 }
      })
    }
    await expect(put(kinesis, low)).rejects.toBe(own)
    await expect(put(kinesis, low)).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 }
    })
    await expect(put(kinesis, low)).resolves.toMatchObject({ FailedRecordCount: 0 })
    expect(kinesis.records('s')).toHaveLength(1)
  })

  it('hang: no answer until reset, or for forMs; a request that was aborted meanwhile is not stored', async () => {
    const kinesis = one()
    kinesis.hang()
    const controller = new AbortController()
    const aborted = kinesis.client.send(new PutRecordsCommand({ StreamName: 's', Records: [low] }), {
      abortSignal: controller.signal
    })
    let answered = false
    const waiting = put(kinesis, high).then(() => (answered = true))
    controller.abort()
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(answered).toBe(false)
    kinesis.reset()
    await waiting
    expect(kinesis.records('s')).toHaveLength(1)

    mockTime()
    kinesis.hang({ forMs: 30 })
    answered = false
    const hung = put(kinesis, low).then(() => (answered = true))
    await vi.advanceTimersByTimeAsync(29)
    expect(answered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await hung
  })

  it('delayMs delays each answer', async () => {
    const kinesis = new FakeKinesis({ streams: { s: {} }, delayMs: 30 })
    mockTime()
    let answered = false
    const delayed = put(kinesis, low).then(() => (answered = true))
    await vi.advanceTimersByTimeAsync(29)
    expect(answered).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await delayed
  })

  it('a call that it does not know, and an unknown stream, fail as in Kinesis', async () => {
    const { client } = one()
    await expect(
      client.send(new PutRecordCommand({ StreamName: 's', Data: Buffer.from('x'), PartitionKey: 'k' }))
    ).rejects.toThrow(/PutRecord is not an action/)
    await expect(client.send(new ListShardsCommand({ StreamName: 'other' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException'
    })
    client.destroy()
  })

  it('knows a command whose class a minifier renamed', async () => {
    class A extends ListShardsCommand {}
    await expect(one().client.send(new A({ StreamName: 's' }))).resolves.toHaveProperty('Shards')
  })
})
