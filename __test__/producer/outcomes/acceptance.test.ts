/** What is refused, when, and how; records of every shape. */
import { KinesisAggError, deaggregateSync } from 'kinesis-agg'
import { KinesisProducer, type PutError } from 'kinesis-agg/producer'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Endpoint } from '../support/endpoint'
import { startMockedScenario } from '../support/scenario'

const MIB = 1 << 20

function quiet(options: object = {}): { producer: KinesisProducer; failed: PutError[]; endpoint: Endpoint } {
  const endpoint = new Endpoint({ s: {} })
  const producer = new KinesisProducer({ client: endpoint.inProcessClient(), stream: 's', ...options })
  const failed: PutError[] = []
  producer.on('failed', error => failed.push(error))
  onTestFinished(() => producer.abort())
  return { producer, failed, endpoint }
}

const of = (partitionKey: unknown, data: unknown = 'x', more: object = {}): never =>
  ({ partitionKey, data, ...more }) as never

describe('mistakes of the code: put rejects, write throws a TypeError', () => {
  it.each([
    ['no record', undefined],
    ['null', null],
    ['a string', 'record'],
    ['a number for a key', of(7)],
    ['null for data', of('k', null)],
    ['undefined for data', { partitionKey: 'k', data: undefined }],
    ['no data at all', { partitionKey: 'k' }],
    ['a number for data', of('k', 5)],
    ['an object for data', of('k', {})],
    ['a fraction for a hash key', of('k', 'x', { explicitHashKey: 1.5 })],
    ['an object for a hash key', of('k', 'x', { explicitHashKey: {} })],
    ['a number for a stream', of('k', 'x', { stream: 5 })]
  ])('%s', async (_, record) => {
    const { producer, failed } = quiet()
    await expect(producer.put(record as never)).rejects.toBeInstanceOf(Error)
    let thrown: unknown
    try {
      producer.write(record as never)
    } catch (error) {
      thrown = error
    }
    // Missing data depends on data, an argument of the wrong kind on the code.
    if (thrown === undefined) {
      await new Promise(resolve => setImmediate(resolve))
      expect(failed).toEqual([expect.objectContaining({ code: 'ERR_MISSING_DATA', maybeStored: false })])
    } else expect(thrown).toBeInstanceOf(TypeError)
    expect(producer.stats()).toMatchObject({})
  })

  it('no stream: ERR_MISSING_STREAM; write throws', async () => {
    const { producer } = quiet({ stream: undefined })
    await expect(producer.put(of('k'))).rejects.toMatchObject({ code: 'ERR_MISSING_STREAM' })
    expect(() => producer.write(of('k'))).toThrow(expect.objectContaining({ code: 'ERR_MISSING_STREAM' }))
  })
})

describe('what depends on data or load: put rejects, write fails by event, with maybeStored false', () => {
  const cases: [string, never, string][] = [
    ['a key of 257 characters', of('é'.repeat(257)), 'ERR_INVALID_PARTITION_KEY'],
    ['a hash key that is no number', of('k', 'x', { explicitHashKey: '12a' }), 'ERR_INVALID_HASH_KEY'],
    ['a hash key of 2^128', of('k', 'x', { explicitHashKey: String(1n << 128n) }), 'ERR_INVALID_HASH_KEY'],
    ['a negative hash key', of('k', 'x', { explicitHashKey: '-1' }), 'ERR_INVALID_HASH_KEY'],
    ['1 MiB and a byte with the key', of('k', Buffer.alloc(MIB)), 'ERR_RECORD_TOO_LARGE']
  ]
  it.each(cases)('%s', async (_, record, code) => {
    const { producer, failed } = quiet()
    const error = await producer.put(record).then(
      () => undefined,
      (error: PutError) => error
    )
    expect(error).toBeInstanceOf(KinesisAggError)
    expect(error).toMatchObject({ code, maybeStored: false, attempts: 0, stream: 's' })
    expect(typeof producer.write(record)).toBe('boolean')
    await new Promise(resolve => setImmediate(resolve))
    expect(failed).toEqual([expect.objectContaining({ code, maybeStored: false })])
  })

  it('errors hold the record, not enumerably, and tell no data', async () => {
    const { producer } = quiet()
    const record = of('secret-key'.repeat(40), 'secret-data', { context: { id: 7 } })
    const error = (await producer.put(record).catch((error: unknown) => error)) as PutError
    expect(error.record).toBe(record)
    expect(Object.keys(error)).not.toContain('record')
    expect(error.context).toEqual({ id: 7 })
    expect(error.message).not.toMatch(/secret-data/)
  })
})

describe('what is taken', () => {
  it.each([
    ['a string', 'héllo', Buffer.from('héllo')],
    ['an empty string', '', Buffer.alloc(0)],
    ['a Buffer', Buffer.from([1, 2, 3]), Buffer.from([1, 2, 3])],
    ['an empty Buffer', Buffer.alloc(0), Buffer.alloc(0)],
    ['a view over a part', new Uint8Array([9, 1, 2, 9]).subarray(1, 3), Buffer.from([1, 2])],
    ['a DataView', new DataView(new Uint8Array([5, 6]).buffer), Buffer.from([5, 6])],
    ['an ArrayBuffer', new Uint8Array([7, 8]).buffer, Buffer.from([7, 8])]
  ])('%s as data', async (_, data, expected) => {
    const { endpoint, producer, clock } = startMockedScenario()
    const results = [1, 2].map(i => producer.put(of(`k${i}`, data)))
    await clock.run(300)
    await Promise.all(results)
    const read = endpoint
      .stream('s')
      .records.flatMap(({ data, sequenceNumber }) =>
        deaggregateSync({ Data: data, PartitionKey: 'a', SequenceNumber: sequenceNumber })
      )
    expect(read.map(({ data }) => Buffer.from(data))).toEqual([expected, expected])
    expect(read.map(({ partitionKey }) => partitionKey)).toEqual(['k1', 'k2'])
  })

  it('keys of 256 characters outside of ASCII, each 4 bytes in UTF-8', async () => {
    const { endpoint, producer, clock } = startMockedScenario()
    const key = '😀'.repeat(256)
    const result = producer.put(of(key))
    await clock.run(300)
    await result
    expect(endpoint.stream('s').records[0]!.partitionKey).toBe(key)
  })

  it('records as the SDK, aws-kinesis-agg and deaggregateSync name their parts', async () => {
    const { endpoint, producer, clock } = startMockedScenario()
    const [read] = deaggregateSync({ Data: Buffer.from('d'), PartitionKey: 'd', SequenceNumber: '1' })
    const results = [
      producer.put({ PartitionKey: 'a', Data: Buffer.from('a'), ExplicitHashKey: '5' }),
      producer.put({ partitionKey: 'b', data: 'b', explicitPartitionKey: '6' }),
      producer.put({ partitionKey: 'c', data: 'c', explicitHashKey: 7n }),
      producer.put(read!)
    ]
    await clock.run(300)
    await Promise.all(results)
    const records = endpoint
      .stream('s')
      .records.flatMap(({ data }) => deaggregateSync({ Data: data, PartitionKey: '?', SequenceNumber: '1' }))
    expect(
      records.map(({ partitionKey, explicitHashKey, data }) => [partitionKey, explicitHashKey, String(data)])
    ).toEqual([
      ['a', '5', 'a'],
      ['b', '6', 'b'],
      ['c', '7', 'c'],
      ['d', undefined, 'd']
    ])
  })

  it('data is copied: changing it after put changes nothing', async () => {
    const { endpoint, producer, clock } = startMockedScenario()
    const data = Buffer.from('before')
    const result = producer.put(of('k', data))
    data.fill('x')
    await clock.run(300)
    await result
    expect(String(endpoint.stream('s').records[0]!.data)).toBe('before')
  })

  it('with nothing pending, any legal record is taken, whatever the limits', async () => {
    const { producer, clock } = startMockedScenario({ maxPendingBytes: 1000, maxPendingRecords: 1 })
    for (let i = 0; i < 2; i++) {
      const result = producer.put(of('k', Buffer.alloc(200_000)))
      await clock.run(3000)
      expect(await result).toMatchObject({ stream: 's' })
    }
  })

  it('an ARN for a stream goes as StreamARN; the result names the stream as it was given', async () => {
    const { endpoint, producer, clock } = startMockedScenario()
    const { arn } = endpoint.stream('s')
    const result = producer.put(of('k', 'x', { stream: arn }))
    await clock.run(300)
    expect(await result).toMatchObject({ stream: arn })
    expect(endpoint.puts[0]!.input).toMatchObject({ StreamARN: arn })
    expect(endpoint.puts[0]!.input).not.toHaveProperty('StreamName')
  })

  it('a stream by its name and by its ARN: one warning STREAM_NAMED_TWICE', async () => {
    const { endpoint, producer, clock, warnings } = startMockedScenario()
    const { arn } = endpoint.stream('s')
    const results = ['s', arn, 's', arn].map(stream => producer.put(of('k', 'x', { stream })))
    await clock.run(300)
    await Promise.all(results)
    expect(warnings.filter(({ code }) => code === 'STREAM_NAMED_TWICE')).toHaveLength(1)
  })

  it('results carry context, place, attempts and, of an aggregate, the sub-sequence number', async () => {
    const { producer, clock } = startMockedScenario()
    const context = { receipt: 1 }
    const results = ['a', 'b', 'a'].map(key => producer.put(of(key, 'x', { context })))
    await clock.run(300)
    const settled = await Promise.all(results)
    expect(settled.map(({ subSequenceNumber }) => subSequenceNumber)).toEqual([0, 1, 2])
    for (const result of settled) {
      expect(result).toEqual({
        stream: 's',
        shardId: 'shardId-000000000000',
        sequenceNumber: expect.stringMatching(/^\d+$/),
        subSequenceNumber: expect.any(Number),
        attempts: 1,
        maybeDuplicated: false,
        context
      })
      expect(result.context).toBe(context)
    }
  })
})

describe('records over the limits of an aggregate', () => {
  it('over maxAggregateBytes: plain, in the same lane, in order', async () => {
    const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({ maxAggregateBytes: 10_000 })
    for (let i = 0; i < 9; i++) void ledger.put(producer, 'k', { bytes: i % 3 === 1 ? 20_000 : 100 })
    await clock.until(() => ledger.of('pending').length === 0)
    expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
    const sizes = endpoint.puts.flatMap(({ input }) => input.Records!.map(({ Data }) => Data.length))
    expect(sizes.filter(size => size > 10_000)).toEqual([20_000, 20_000, 20_000])
  })

  it('aggregates never exceed maxAggregateBytes (data and key), nor maxAggregateRecords', async () => {
    const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({
      maxAggregateBytes: 4000,
      maxAggregateRecords: 7
    })
    for (let i = 0; i < 300; i++) void ledger.put(producer, `key-${i % 9}`, { bytes: 10 + ((i * 37) % 900) })
    await clock.until(() => ledger.of('pending').length === 0)
    const { violations, sightings } = verdict()
    expect(violations).toEqual([])
    for (const { input } of endpoint.puts) {
      for (const { Data, PartitionKey } of input.Records!) {
        expect(Data.length + Buffer.byteLength(PartitionKey!)).toBeLessThanOrEqual(4000)
      }
    }
    expect(Math.max(...sightings.map(({ subSequenceNumber }) => subSequenceNumber))).toBe(6)
  })

  it('maxRecordBytes is raised by what DescribeStreamSummary says; a record over 5 MiB has a request of its own', async () => {
    const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({ maxPendingBytes: 64 * MIB })
    endpoint.stream('s').maxRecordBytes = 10 * MIB
    await Promise.all([producer.ready(), clock.run(200)])
    void ledger.put(producer, 'k', { bytes: 6 * MIB })
    for (let i = 0; i < 20; i++) void ledger.put(producer, 'k', { bytes: 1000 })
    await clock.until(() => ledger.of('pending').length === 0)
    expect(ledger.of('fulfilled')).toHaveLength(21)
    expect(verdict().violations).toEqual([])
    const withBig = endpoint.puts.filter(({ input }) =>
      input.Records!.some(({ Data }) => Data.length > 5 * MIB)
    )
    expect(withBig).toHaveLength(1)
    expect(withBig[0]!.input.Records).toHaveLength(1)
  })
})
