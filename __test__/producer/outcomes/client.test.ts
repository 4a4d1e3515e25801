/** The SDK's client: its retries, its handlers, its sockets, its errors over the wire. */
import { Agent } from 'node:http'
import { channel, tracingChannel } from 'node:diagnostics_channel'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { KinesisProducer, type KinesisProducerOptions } from 'kinesis-agg/producer'
import { expect, it, onTestFinished, vi } from 'vitest'
import { until } from '../support/clock'
import { Endpoint, refusal, tlsPair } from '../support/endpoint'
import { always, inTurn, times } from '../support/faults'
import { judge, storedIn } from '../support/judge'
import { Ledger } from '../support/ledger'
import { startMockedScenario, startScenario } from '../support/scenario'

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

/** A producer before an endpoint on loopback, with a client of the test's making. */
async function before(
  makeClient: (url: string) => KinesisClient,
  { tls = false, ...options }: { tls?: boolean } & KinesisProducerOptions = {}
) {
  const endpoint = new Endpoint({ s: { shards: 4 } })
  const { url } = await endpoint.listen({ tls })
  const client = makeClient(url)
  const producer = new KinesisProducer({ client, stream: 's', lingerMs: 10, ...options })
  onTestFinished(async () => {
    producer.abort()
    client.destroy()
    await endpoint.stop()
  })
  return { endpoint, producer, client, ledger: new Ledger() }
}

it("the SDK's retries are off: a request that fails is seen once, then comes ours", async () => {
  const { endpoint, producer, ledger } = await startScenario({ lingerMs: 0 })
  await producer.ready()
  endpoint.faults['PutRecords'] = times(3, always(refusal('InternalFailure', 'no', 500)))
  await ledger.put(producer, 'k')
  expect(endpoint.puts).toHaveLength(4)
  expect(ledger.entries[0]!.result).toMatchObject({ attempts: 4 })
})

it("the SDK's retries are off for ListShards and DescribeStreamSummary too", async () => {
  const { endpoint, producer, ledger, clock } = startMockedScenario()
  endpoint.faults['ListShards'] = always(refusal('InternalFailure', 'no', 500))
  endpoint.faults['DescribeStreamSummary'] = always(refusal('InternalFailure', 'no', 500))
  void ledger.put(producer, 'k')
  await clock.run(700)
  expect(endpoint.of('ListShards')).toHaveLength(1)
  expect(endpoint.of('DescribeStreamSummary')).toHaveLength(1)
})

it('a client of the user keeps its own retries', async () => {
  const { endpoint, producer, client } = await before(
    endpoint =>
      new KinesisClient({ endpoint, region: 'us-east-1', credentials, requestHandler: new NodeHttpHandler() })
  )
  await producer.put({ partitionKey: 'k', data: '0:' })
  const { ListShardsCommand } = await import('@aws-sdk/client-kinesis')
  const from = endpoint.of('ListShards').length
  endpoint.faults['ListShards'] = times(2, always(refusal('InternalFailure', 'no', 500)))
  await client.send(new ListShardsCommand({ StreamName: 's' }))
  expect(endpoint.of('ListShards').length - from).toBe(3)
})

it('close does not destroy a given client; a made one it does', async () => {
  const { producer, client } = await before(
    endpoint =>
      new KinesisClient({ endpoint, region: 'us-east-1', credentials, requestHandler: new NodeHttpHandler() })
  )
  const destroy = vi.spyOn(client, 'destroy')
  await producer.put({ partitionKey: 'k', data: '0:' })
  await producer.close()
  expect(destroy).not.toHaveBeenCalled()
})

it('over TLS, with a certificate that is trusted', async () => {
  const { producer, ledger, verdict } = await startScenario({ tls: true, streams: { s: { shards: 4 } } })
  for (let i = 0; i < 500; i++) void ledger.put(producer, `key-${i}`)
  await ledger.settled()
  expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('a certificate that is not trusted: permanent, ERR_ACCESS_DENIED with the cause', async () => {
  const { producer, ledger, endpoint } = await before(
    endpoint =>
      new KinesisClient({
        endpoint,
        region: 'us-east-1',
        credentials,
        requestHandler: new NodeHttpHandler()
      }),
    { tls: true, permanentErrorGraceMs: 300 }
  )
  expect(tlsPair().cert).toContain('BEGIN CERTIFICATE')
  await ledger.put(producer, 'k')
  expect(ledger.entries[0]!.error).toMatchObject({ code: 'ERR_ACCESS_DENIED', maybeStored: false })
  expect((ledger.entries[0]!.error!.cause as { code: string }).code).toMatch(/CERT/)
  expect(endpoint.puts).toHaveLength(0)
})

it('HTTP/2 against an endpoint that speaks HTTP/1.1 only: permanent', async () => {
  const { producer, ledger } = await before(
    endpoint => new KinesisClient({ endpoint, region: 'us-east-1', credentials }),
    { permanentErrorGraceMs: 300 }
  )
  await ledger.put(producer, 'k')
  expect(ledger.entries[0]!.error).toMatchObject({ code: 'ERR_ACCESS_DENIED', maybeStored: false })
})

it('nobody listens: ECONNREFUSED is safe, and the cause when the record expires', async () => {
  const gone = new Endpoint({ s: {} })
  const { url } = await gone.listen()
  await gone.stop()
  const client = new KinesisClient({
    endpoint: url,
    region: 'us-east-1',
    credentials,
    requestHandler: new NodeHttpHandler()
  })
  const producer = new KinesisProducer({
    client,
    stream: 's',
    lingerMs: 0,
    // Time enough for the first attempt of the SDK in this process.
    recordTtlMs: 3000,
    // Nothing to ask before the first record goes.
    aggregation: 'key',
    recordDistribution: 'USER_PARTITION_KEY'
  })
  onTestFinished(() => producer.abort())
  const ledger = new Ledger()
  await ledger.put(producer, 'k')
  expect(ledger.entries[0]!.error).toMatchObject({
    code: 'ERR_RECORD_EXPIRED',
    maybeStored: false,
    cause: { code: 'ECONNREFUSED' }
  })
})

it('the sockets of the agent bound the requests in flight: none waits for a socket until its time-out', async () => {
  const httpAgent = new Agent({ keepAlive: true, maxSockets: 1 })
  const { endpoint, producer, ledger } = await before(
    endpoint =>
      new KinesisClient({
        endpoint,
        region: 'us-east-1',
        credentials,
        requestHandler: new NodeHttpHandler({ httpAgent })
      }),
    { requestTimeoutMs: 60_000 }
  )
  const streams = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => endpoint.create(name))
  await Promise.all(streams.map(({ name }) => producer.forStream(name).ready()))
  const inFlight: number[] = []
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 50))
    inFlight.push(producer.stats().inFlight)
    return store()
  }
  for (const { name } of streams) void ledger.put(producer, 'k', { stream: name })
  await ledger.settled()
  // The time of a request that waited for a socket would run all the while.
  expect(inFlight).toEqual([1, 1, 1, 1, 1, 1])
  expect(ledger.entries.map(({ result }) => result?.attempts)).toEqual([1, 1, 1, 1, 1, 1])
  expect(judge(ledger, storedIn(...streams)).violations).toEqual([])
})

it('an answer that is cut amid its body: may be stored', async () => {
  const { endpoint, producer, ledger, verdict } = await startScenario({ lingerMs: 0 })
  endpoint.faults['PutRecords'] = times(1, async (_, store) => ({ cut: await store() }))
  await ledger.put(producer, 'k')
  expect(ledger.entries[0]!.result).toMatchObject({ attempts: 2, maybeDuplicated: true })
  expect(verdict()).toMatchObject({ violations: [], repeated: 1 })
})

it('a connection that is reset before anything was stored, over the wire: may be stored', async () => {
  const { endpoint, producer, ledger, verdict } = await startScenario({ lingerMs: 0 })
  endpoint.faults['PutRecords'] = inTurn(always('drop'), always('drop'))
  await ledger.put(producer, 'k')
  expect(ledger.entries[0]!.result).toMatchObject({ attempts: 3, maybeDuplicated: true })
  expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('what a test double answers to ListShards (undefined) counts as denied', async () => {
  const endpoint = new Endpoint({ s: {} })
  const real = endpoint.inProcessClient()
  const client = {
    send: (command: { constructor: { name: string } }, options: object) =>
      command.constructor.name === 'PutRecordsCommand'
        ? real.send(command as never, options)
        : Promise.resolve(undefined)
  }
  const producer = new KinesisProducer({ client: client as never, stream: 's', lingerMs: 0 })
  onTestFinished(() => producer.abort())
  const warnings: unknown[] = []
  producer.on('warning', warning => warnings.push(warning))
  const results = await Promise.all(
    ['a', 'b', 'a'].map(partitionKey => producer.put({ partitionKey, data: '0:' }))
  )
  expect(results.every(({ sequenceNumber }) => /^\d+$/.test(sequenceNumber))).toBe(true)
  await until(() => warnings.length > 0)
})

it('SEQUENTIAL_PUTS: once, when 50 puts in a row found the producer empty right after the one before', async () => {
  const { producer, clock, warnings } = startMockedScenario({ lingerMs: 0 })
  let done = false
  const loop = (async () => {
    for (let i = 0; i < 120; i++) {
      await producer.put({ partitionKey: 'k', data: `${i}:` })
      if (i === 40) expect(warnings.filter(({ code }) => code === 'SEQUENTIAL_PUTS')).toHaveLength(0)
    }
    done = true
  })()
  await clock.until(() => done)
  await loop
  expect(warnings.filter(({ code }) => code === 'SEQUENTIAL_PUTS')).toHaveLength(1)
})

it('SEQUENTIAL_PUTS: not for puts that are not awaited one by one', async () => {
  const { producer, clock, warnings, ledger } = startMockedScenario({ lingerMs: 0 })
  for (let i = 0; i < 100; i++) {
    void ledger.put(producer, 'a')
    void ledger.put(producer, 'b')
    await clock.run(20)
  }
  expect(warnings).toEqual([])
})

it('diagnostics_channel: start, asyncEnd and error of each request', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({ lingerMs: 0 })
  const traces: [string, Record<string, unknown>][] = []
  const subscribers = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map(name => [
      name,
      (message: unknown) => traces.push([name, { ...(message as object) }])
    ])
  ) as never
  const traced = tracingChannel('kinesis-agg:producer:put-records')
  traced.subscribe(subscribers)
  onTestFinished(() => traced.unsubscribe(subscribers))
  expect(channel('tracing:kinesis-agg:producer:put-records:start').hasSubscribers).toBe(true)
  endpoint.faults['PutRecords'] = times(1, always(refusal('InternalFailure', 'no', 500)))
  void ledger.put(producer, 'k', { bytes: 100 })
  await clock.until(() => ledger.of('pending').length === 0)
  const of = (name: string) => traces.filter(([of]) => of === name).map(([, message]) => message)
  expect(of('start')).toHaveLength(2)
  expect(of('start')[0]).toMatchObject({ stream: 's', records: 1, attempt: 1 })
  expect(of('start')[1]).toMatchObject({ stream: 's', records: 1, attempt: 2 })
  expect(of('start')[0]!['bytes']).toBeGreaterThanOrEqual(100)
  expect(of('error')).toHaveLength(1)
  expect(of('error')[0]!['error']).toMatchObject({ name: 'InternalFailure' })
  expect(of('asyncEnd').length).toBeGreaterThanOrEqual(1)
})

it('diagnostics_channel: a request without an answer ends with an error', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({ lingerMs: 0, requestTimeoutMs: 500 })
  const ends: unknown[] = []
  const subscribers = { asyncEnd: ({ error }: { error?: unknown }) => ends.push(error) } as never
  const traced = tracingChannel('kinesis-agg:producer:put-records')
  traced.subscribe(subscribers)
  onTestFinished(() => traced.unsubscribe(subscribers))
  endpoint.faults['PutRecords'] = times(1, always('mute'))
  void ledger.put(producer, 'k')
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ends).toEqual([
    expect.objectContaining({
      name: 'TimeoutError',
      message: expect.stringMatching(/^No answer within \d+ ms$/)
    }),
    undefined
  ])
})
