/** putAll, createWriteStream, forStream, ready. */
import { Readable } from 'node:stream'
import { finished, pipeline } from 'node:stream/promises'
import type { PutError, PutResult } from 'kinesis-agg/producer'
import { expect, it } from 'vitest'
import { refusal } from '../support/endpoint'
import { always, failEntries } from '../support/faults'
import { identityOf } from '../support/ledger'
import { sightings, storedIn } from '../support/judge'
import { type Scenario, startMockedScenario, startScenario } from '../support/scenario'

const record = (i: number) => ({ partitionKey: `key-${i % 50}`, data: `${i}:`, context: i })
function* records(count: number) {
  for (let i = 0; i < count; i++) yield record(i)
}
const ids = ({ endpoint }: Scenario): number[] =>
  sightings(storedIn(endpoint.stream('s')))
    .map(({ id }) => id)
    .toSorted((a, b) => a - b)
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)

it('putAll: everything, with back-pressure, from iterables of both kinds', async () => {
  const scenario = await startScenario({
    lingerMs: 10,
    maxPendingRecords: 200,
    streams: { s: { shards: 4 } }
  })
  async function* slowly() {
    yield* records(3000)
  }
  await expect(scenario.producer.putAll(slowly())).resolves.toEqual({ delivered: 3000 })
  expect(ids(scenario)).toEqual(upTo(3000))
  await expect(scenario.producer.putAll([])).resolves.toEqual({ delivered: 0 })
})

it('putAll: takes no more while there is no room', async () => {
  const scenario = startMockedScenario({
    maxPendingRecords: 100,
    requestTimeoutMs: 600_000,
    recordTtlMs: Infinity
  })
  scenario.endpoint.faults['PutRecords'] = always('mute')
  let taken = 0
  function* counted() {
    for (const each of records(5000)) {
      taken++
      yield each
    }
  }
  const controller = new AbortController()
  const put = scenario.producer
    .putAll(counted(), { signal: controller.signal })
    .catch((error: unknown) => error)
  await scenario.clock.run(2000)
  expect(taken).toBeGreaterThanOrEqual(49)
  expect(taken).toBeLessThanOrEqual(52)
  controller.abort()
  scenario.producer.abort()
  await scenario.clock.run(100)
  expect(await put).toBeInstanceOf(Error)
})

it('putAll: rejects with the counts, calls onFailed for each, and puts the rest', async () => {
  const scenario = await startScenario({ lingerMs: 10, aggregation: false, streams: { s: { shards: 4 } } })
  scenario.endpoint.faults['PutRecords'] = (call, store) =>
    failEntries(i =>
      identityOf(call.input.Records![i]!.Data) % 10 === 0 ? 'InvalidArgumentException' : undefined
    )(call, store)
  const failed: PutError[] = []
  const events: unknown[] = []
  scenario.producer.on('failed', error => events.push(error))
  const error = await scenario.producer
    .putAll(records(100), { onFailed: error => failed.push(error) })
    .catch((error: unknown) => error)
  expect(error).toMatchObject({ code: 'ERR_PUT_INCOMPLETE', delivered: 90, failed: 10 })
  expect(failed.map(({ context }) => context).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    upTo(10).map(i => i * 10)
  )
  expect(events).toEqual([])
})

it('putAll: an iterable that throws rejects with its error; what was taken is delivered', async () => {
  const scenario = await startScenario({ lingerMs: 10 })
  function* broken() {
    yield* records(10)
    throw new Error('source broke')
  }
  await expect(scenario.producer.putAll(broken())).rejects.toThrow('source broke')
  await scenario.producer.flush()
  expect(ids(scenario)).toEqual(upTo(10))
})

it('putAll: a signal ends it; records that may not be stored are withdrawn', async () => {
  const scenario = startMockedScenario({ lingerMs: 60_000 })
  const controller = new AbortController()
  const put = scenario.producer
    .putAll(records(10), { signal: controller.signal })
    .catch((error: unknown) => error)
  await scenario.clock.run(200)
  controller.abort(new Error('enough'))
  await scenario.clock.run(500)
  expect(await put).toBeInstanceOf(Error)
  await scenario.clock.run(120_000, 100)
  expect(ids(scenario)).toEqual([])
})

it('createWriteStream: finish means stored; results come to onResult', async () => {
  const scenario = await startScenario({
    lingerMs: 10,
    maxPendingRecords: 200,
    streams: { s: { shards: 4 } }
  })
  const results: PutResult[] = []
  const stream = scenario.producer.createWriteStream({ onResult: result => results.push(result) })
  await pipeline(Readable.from(records(3000)), stream)
  expect(ids(scenario)).toEqual(upTo(3000))
  expect(results.map(({ context }) => context).toSorted((a, b) => Number(a) - Number(b))).toEqual(upTo(3000))
})

it('createWriteStream: holds its callback while there is no room', async () => {
  const scenario = startMockedScenario({
    maxPendingRecords: 100,
    requestTimeoutMs: 600_000,
    recordTtlMs: Infinity
  })
  scenario.endpoint.faults['PutRecords'] = always('mute')
  const stream = scenario.producer.createWriteStream()
  stream.on('error', () => {})
  let read = 0
  const source = Readable.from(
    (function* () {
      for (const each of records(5000)) {
        read++
        yield each
      }
    })()
  )
  source.pipe(stream)
  await scenario.clock.run(2000)
  for (let i = 0; i < 50; i++) await new Promise(resolve => setImmediate(resolve))
  expect(read).toBeGreaterThanOrEqual(49)
  // Half of the limit, and what the two streams buffer: 16 each.
  expect(read).toBeLessThanOrEqual(100)
  stream.destroy()
})

it('createWriteStream without onFailed: destroyed by its first failure; the producer goes on', async () => {
  const scenario = await startScenario({ lingerMs: 10, permanentErrorGraceMs: 100 })
  scenario.endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException'))
  const stream = scenario.producer.createWriteStream()
  stream.write(record(0))
  await expect(finished(stream)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', context: 0 })
  delete scenario.endpoint.faults['PutRecords']
  await new Promise(resolve => setTimeout(resolve, 100))
  const fresh = await scenario.producer.put(record(1)).catch((error: PutError) => error.code)
  expect(fresh === 'ERR_ACCESS_DENIED' || typeof fresh === 'object').toBe(true) // Open circuit, or its probe.
})

it('createWriteStream with onFailed: told of each, and finishes', async () => {
  const scenario = await startScenario({ lingerMs: 10, aggregation: false })
  scenario.endpoint.faults['PutRecords'] = (call, store) =>
    failEntries(i =>
      String(call.input.Records![i]!.Data) === '3:' ? 'InvalidArgumentException' : undefined
    )(call, store)
  const failed: PutError[] = []
  await pipeline(
    Readable.from(records(10)),
    scenario.producer.createWriteStream({ onFailed: error => failed.push(error) })
  )
  expect(failed.map(({ context }) => context)).toEqual([3])
  expect(ids(scenario)).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9])
})

it('forStream: its options hold for that stream; flush and stats are of that stream', async () => {
  const scenario = startMockedScenario({ streams: { s: {}, other: {} }, lingerMs: 100 })
  const { endpoint, producer, clock } = scenario
  const other = producer.forStream('other', { aggregation: false, lingerMs: 0 })
  await Promise.all([other.ready(), producer.ready(), clock.run(50)])
  const own = [1, 2, 3].map(i => producer.put(record(i)))
  const others = [1, 2, 3].map(i => other.put(record(i)))
  await clock.run(40)
  await Promise.all(others)
  expect(endpoint.stream('s').records).toHaveLength(0)
  expect(endpoint.stream('other').records).toHaveLength(3)
  let flushed = false
  const flush = other.flush().then(() => (flushed = true))
  await clock.run(5)
  await flush
  expect(flushed).toBe(true)
  await clock.run(300)
  await Promise.all(own)
  expect(endpoint.stream('s').records).toHaveLength(1)
})

it('records name their stream; several streams at once', async () => {
  const scenario = await startScenario({ streams: { a: { shards: 2 }, b: {}, s: {} }, lingerMs: 20 })
  const { ledger, producer, endpoint } = scenario
  for (let i = 0; i < 300; i++)
    void ledger.put(producer, `key-${i}`, i % 3 === 2 ? {} : { stream: ['a', 'b'][i % 3]! })
  await ledger.settled()
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
  for (const name of ['a', 'b', 's']) {
    expect(sightings(storedIn(endpoint.stream(name)))).toHaveLength(100)
  }
})

it('ready: the stream answers and its shards are known, or known to be hidden; else it rejects', async () => {
  const fine = await startScenario()
  await fine.producer.ready()
  expect(fine.endpoint.of('ListShards').length).toBeGreaterThan(0)

  const hidden = await startScenario()
  hidden.endpoint.faults['ListShards'] = always(refusal('AccessDeniedException'))
  await hidden.producer.ready()

  const absent = await startScenario({ stream: 'absent', permanentErrorGraceMs: 200 })
  await expect(absent.producer.ready()).rejects.toMatchObject({ code: 'ERR_STREAM_NOT_FOUND' })

  const mute = await startScenario()
  mute.endpoint.faults['ListShards'] = always('mute')
  mute.endpoint.faults['DescribeStreamSummary'] = always('mute')
  await expect(mute.producer.ready({ signal: AbortSignal.timeout(200) })).rejects.toThrow()
})

it('createWriteStream: its end waives linger', async () => {
  const scenario = startMockedScenario({ lingerMs: 60_000 })
  const { producer, clock, endpoint } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const stream = producer.createWriteStream()
  for (let i = 0; i < 5; i++) stream.write(record(i))
  await clock.run(1000)
  expect(endpoint.puts).toHaveLength(0)
  let isFinished = false
  stream.end(() => (isFinished = true))
  await clock.until(() => isFinished, 1000)
})
