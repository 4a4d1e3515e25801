/** Section 4's rows about time: our own time-outs, TTL, a process that stood still. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KinesisProducer, type KinesisProducerOptions } from 'kinesis-agg/producer'
import { expect, it, onTestFinished, vi } from 'vitest'
import { runChild } from '../support/child'
import { Clock, until } from '../support/clock'
import { Endpoint } from '../support/endpoint'
import { always, failEntries, inTurn, storedThen, times } from '../support/faults'
import { judge, storedIn } from '../support/judge'
import { Ledger } from '../support/ledger'
import { startMockedScenario, startScenario } from '../support/scenario'

it('a request that left and is not answered: tried again after 6 s, may be stored', async () => {
  const { endpoint, producer, ledger, clock, verdict } = startMockedScenario({ lingerMs: 0 })
  endpoint.faults['PutRecords'] = times(1, storedThen('mute'))
  void ledger.put(producer, 'a')
  await clock.run(5900)
  expect(endpoint.puts).toHaveLength(1)
  await clock.run(1500)
  expect(endpoint.puts).toHaveLength(2)
  expect(ledger.entries[0]!.result).toMatchObject({ attempts: 2, maybeDuplicated: true })
  expect(verdict()).toMatchObject({ violations: [], repeated: 1 })
})

it('each 256 KiB of a request has 1 s more', async () => {
  const { endpoint, producer, ledger, clock } = startMockedScenario({
    streams: { s: { shards: 4 } },
    lingerMs: 0,
    requestTimeoutMs: 1000
  })
  await producer.ready()
  endpoint.faults['PutRecords'] = times(1, always('mute'))
  for (let i = 0; i < 700; i++) void ledger.put(producer, `key-${i % 50}`, { bytes: 1000 })
  await clock.until(() => endpoint.puts.length > 0)
  const start = endpoint.puts[0]!.at
  const bytes = endpoint.puts[0]!.input.Records!.reduce((sum, { Data }) => sum + Data.length, 0)
  expect(bytes).toBeGreaterThan(256 * 1024)
  const allowed = 1000 + (bytes / (256 * 1024)) * 1000
  await clock.until(() => ledger.of('pending').length === 0, 30_000)
  const again = endpoint.puts.find(
    ({ at, input }) => at > start && input.Records!.some(({ Data }) => Data.length > 20_000)
  )
  expect(again).toBeDefined()
  // Whole seconds or shares of one: between the two readings.
  expect(endpoint.puts[1]!.at - start).toBeGreaterThan(Math.min(allowed, 2000) - 100)
})

it('a time-out halves the bytes of a request; with each success they grow by a tenth', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const { endpoint, producer, ledger, clock, verdict } = startMockedScenario({
    streams: { s: { shards: 16 } },
    lingerMs: 0,
    requestTimeoutMs: 1000
  })
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = times(1, always('mute'))
  for (let i = 0; i < 1600; i++) void ledger.put(producer, `key-${i}`, { bytes: 500 })
  await clock.until(() => ledger.of('pending').length === 0, 30_000)
  const bytes = endpoint.puts.map(({ input }) =>
    input.Records!.reduce((sum, { Data }) => sum + Data.length, 0)
  )
  expect(bytes[0]).toBeGreaterThan(600_000)
  expect(bytes[1]).toBeLessThanOrEqual(bytes[0]! / 2)
  expect(bytes[2]).toBeLessThanOrEqual((bytes[0]! / 2) * 1.1)
  expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('time-outs double the allowed time, at most 30 s; three without a success: CONNECTION_STUCK', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  const { endpoint, producer, ledger, clock, warnings } = startMockedScenario({
    lingerMs: 0,
    recordTtlMs: 600_000
  })
  endpoint.faults['PutRecords'] = times(5, always('mute'))
  void ledger.put(producer, 'a')
  await clock.run(6500 + 12_500 + 10_000)
  expect(warnings.filter(({ code }) => code === 'CONNECTION_STUCK')).toHaveLength(0)
  await clock.until(() => ledger.of('pending').length === 0, 200_000)
  const gaps = endpoint.puts.slice(1).map(({ at }, i) => Math.round((at - endpoint.puts[i]!.at) / 1000))
  expect(gaps).toEqual([6, 12, 24, 30, 30])
  expect(warnings.filter(({ code }) => code === 'CONNECTION_STUCK')).toHaveLength(1)
})

/** A producer whose client gets its credentials only when the test provides them. */
async function withSlowCredentials(options: KinesisProducerOptions = {}) {
  const endpoint = new Endpoint({ s: {} })
  const clock = new Clock(endpoint)
  onTestFinished(() => clock.stop())
  let provide = (): void => {}
  let hangs = false
  const client = endpoint.inProcessClient({
    credentials: async () => {
      if (hangs) await new Promise<void>(resolve => (provide = resolve))
      return {
        accessKeyId: 'a',
        secretAccessKey: 'b',
        expiration: new Date(Date.now() + (hangs ? 3_600_000 : 1))
      }
    }
  })
  const producer = new KinesisProducer({ client, stream: 's', lingerMs: 0, ...options })
  onTestFinished(() => producer.abort())
  await Promise.all([producer.ready(), clock.run(100)])
  hangs = true
  return { endpoint, clock, producer, ledger: new Ledger(), provide: () => provide() }
}

it('an attempt that never left is safe, is settled though send never ends, and is barred from leaving later', async () => {
  const { endpoint, clock, producer, ledger, provide } = await withSlowCredentials()
  void ledger.put(producer, 'a')
  await clock.run(20_000)
  expect(ledger.entries[0]!.fate).toBe('pending')
  expect(endpoint.puts).toHaveLength(0)
  provide()
  await clock.run(40_000)
  expect(ledger.entries[0]!.result).toMatchObject({ maybeDuplicated: false })
  expect(ledger.entries[0]!.result!.attempts).toBeGreaterThan(1)
  expect(endpoint.puts).toHaveLength(1)
  expect(judge(ledger, storedIn(endpoint.stream('s'))).violations).toEqual([])
})

it('close: an attempt that has not left is barred from leaving, so its record is not stored', async () => {
  const { endpoint, clock, producer, ledger, provide } = await withSlowCredentials()
  void ledger.put(producer, 'a')
  await clock.run(1500) // An attempt has begun, with the map or without.
  const close = producer.close({ timeoutMs: 500 }).catch(() => {})
  await clock.run(600)
  await close
  expect(ledger.entries[0]!.error).toMatchObject({ code: 'ERR_PRODUCER_ABORTED', maybeStored: false })
  provide()
  await clock.run(10_000)
  expect(endpoint.puts).toHaveLength(0)
})

it.each(['CredentialsProviderError', 'Error'])(
  'credentials that fail (%s): no attempt left; safe, and tried again',
  async name => {
    const endpoint = new Endpoint({ s: {} })
    const clock = new Clock(endpoint)
    onTestFinished(() => clock.stop())
    let fails = true
    const client = endpoint.inProcessClient({
      credentials: async () => {
        if (fails) throw Object.assign(new Error('no credentials'), { name })
        return { accessKeyId: 'a', secretAccessKey: 'b' }
      }
    })
    const producer = new KinesisProducer({ client, stream: 's', lingerMs: 0 })
    onTestFinished(() => producer.abort())
    const ledger = new Ledger()
    void ledger.put(producer, 'a')
    await clock.run(5000)
    expect(ledger.entries[0]!.fate).toBe('pending')
    fails = false
    await clock.run(8000)
    expect(ledger.entries[0]!.result).toMatchObject({ maybeDuplicated: false })
  }
)

it('a client that never answers and ignores the abort (a test double): settled by our timer, maybeStored', async () => {
  const clock = new Clock()
  onTestFinished(() => clock.stop())
  const client = { send: () => new Promise<never>(() => {}) }
  const producer = new KinesisProducer({
    client: client as never,
    stream: 's',
    recordTtlMs: 10_000,
    aggregation: 'key',
    recordDistribution: 'USER_PARTITION_KEY'
  })
  const ledger = new Ledger()
  void ledger.put(producer, 'a')
  await clock.run(40_000)
  expect(ledger.entries[0]!.error).toMatchObject({ code: 'ERR_RECORD_EXPIRED', maybeStored: true })
  await producer.close()
})

it("TTL: the cause of an expired record is its last error, or its lane's if it was never tried", async () => {
  const { endpoint, producer, ledger, clock } = startMockedScenario({ recordTtlMs: 3000, aggregation: false })
  endpoint.faults['PutRecords'] = failEntries(() => 'InternalFailure', 'broken inside')
  void ledger.put(producer, 'a')
  void ledger.put(producer, 'a')
  await clock.run(10_000)
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 2 })
  const [tried, waiting] = ledger.entries.map(({ error }) => error!)
  expect(tried).toMatchObject({ maybeStored: true })
  expect(waiting).toMatchObject({ maybeStored: false, attempts: 0 })
  for (const { cause } of [tried!, waiting!]) {
    expect(JSON.stringify(cause) + String(cause)).toMatch(/InternalFailure|broken inside/)
  }
})

it('TTL: an aggregate whose attempts were all safe is taken apart; the young records of it go on', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.1)
  const scenario = startMockedScenario({ recordTtlMs: 3000, lingerMs: 1000 })
  const { endpoint, producer, ledger, clock } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const refuse = failEntries(() => 'ProvisionedThroughputExceededException')
  const start = clock.now
  endpoint.faults['PutRecords'] = (call, store) =>
    clock.now - start < 3300 ? refuse(call, store) : undefined
  void ledger.put(producer, 'a')
  await clock.run(900)
  for (let i = 0; i < 5; i++) void ledger.put(producer, 'a') // In the same aggregate.
  await clock.until(() => endpoint.puts.length > 0)
  expect(endpoint.puts[0]!.input.Records).toHaveLength(1)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.entries.map(({ fate }) => fate)).toEqual(['rejected', ...Array(5).fill('fulfilled')])
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 1 })
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('TTL: an aggregate that may be stored is sent as it is, and expires whole, by its newest record', async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0.1)
  const scenario = startMockedScenario({ recordTtlMs: 3000, lingerMs: 1000 })
  const { endpoint, producer, ledger, clock } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = failEntries(() => 'InternalFailure')
  const start = clock.now
  void ledger.put(producer, 'a')
  await clock.run(900)
  for (let i = 0; i < 5; i++) void ledger.put(producer, 'a')
  await clock.run(start + 3500 - clock.now)
  expect(ledger.of('pending')).toHaveLength(6)
  await clock.run(1500)
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 6 })
  expect(ledger.entries.every(({ error }) => error!.maybeStored)).toBe(true)
  expect(new Set(endpoint.puts.map(({ input }) => JSON.stringify(input.Records))).size).toBe(1)
})

it('TTL Infinity: no record expires', async () => {
  const { endpoint, producer, ledger, clock } = startMockedScenario({ recordTtlMs: Infinity })
  let down = true
  endpoint.faults['PutRecords'] = () => (down ? { status: 503, body: '' } : undefined)
  void ledger.put(producer, 'a')
  await clock.run(600_000, 50)
  expect(ledger.entries[0]!.fate).toBe('pending')
  down = false
  await clock.run(10_000)
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
})

it('a process that stands still for longer than the TTL: that time does not count', async () => {
  const { endpoint, producer, ledger } = await startScenario({ recordTtlMs: 2000, lingerMs: 0 })
  await producer.ready()
  let release!: () => void
  const held = new Promise<void>(resolve => (release = resolve))
  endpoint.faults['PutRecords'] = inTurn(async () => {
    await held
    return undefined
  })
  void ledger.put(producer, 'a')
  await until(() => endpoint.puts.length === 1)
  void ledger.put(producer, 'a') // Behind the first.
  await new Promise(resolve => setTimeout(resolve, 100))
  for (const end = performance.now() + 3000; performance.now() < end;); // The loop does not run.
  await new Promise(resolve => setTimeout(resolve, 100))
  release()
  await ledger.settled()
  expect(ledger.codes()).toEqual({})

  // Time in which the loop runs does count.
  endpoint.faults['PutRecords'] = failEntries(() => 'ProvisionedThroughputExceededException')
  const late = ledger.put(producer, 'a')
  expect((await late).error).toMatchObject({ code: 'ERR_RECORD_EXPIRED', maybeStored: false })
})

it('answers that waited in the sockets while the loop was blocked are read before a time-out is judged', async () => {
  const endpoint = new Endpoint({ s: { shards: 4 } })
  onTestFinished(() => endpoint.stop())
  const { url } = await endpoint.listen()
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-blocked-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'go-on')
  let child: ChildProcess | undefined
  let release: (() => void) | undefined
  const blocked = new Promise<void>(resolve => (release = resolve))
  endpoint.faults['PutRecords'] = async ({ input }) => {
    if (input.Records!.some(({ Data }) => Data.includes('-1:'))) return undefined
    if (child!.stdin!.writable) child!.stdin!.end('block\n')
    await blocked
    return undefined
  }
  const ended = await runChild(
    './blocked.mjs',
    url,
    [file],
    output => {
      if (!output.includes('blocked')) return
      release?.()
      // Answers are in the sockets, and time-outs are due.
      if (release !== undefined) setTimeout(() => writeFileSync(file, ''), 2500)
      release = undefined
    },
    started => {
      child = started
    }
  )
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  const results = JSON.parse(ended.stdout.split('\n')[1]!) as { attempts: number; maybeDuplicated: boolean }[]
  expect(results).toHaveLength(40)
  expect(results.every(({ attempts, maybeDuplicated }) => attempts === 1 && !maybeDuplicated)).toBe(true)
})

it.each([1, 2])(
  'TTL: what comes back unstored when its time is over expires then (of a shard that is split meanwhile: %d)',
  async shards => {
    const scenario = startMockedScenario({ streams: { s: { shards } }, lingerMs: 0, recordTtlMs: 1000 })
    const { endpoint, clock, ledger, producer } = scenario
    const stream = endpoint.stream('s')
    await Promise.all([producer.ready(), clock.run(50)])
    const [low, high] = stream.openShards
    let open!: () => void
    const opened = new Promise<void>(resolve => (open = resolve))
    const refuse = failEntries(() => 'ProvisionedThroughputExceededException')
    endpoint.faults['PutRecords'] = async (call, store) => {
      if (BigInt(call.input.Records![0]!.ExplicitHashKey!) > low!.endingHashKey) return undefined
      await opened
      return refuse(call, store)
    }
    void ledger.put(producer, 'k', { explicitHashKey: '0' })
    await clock.until(() => endpoint.puts.length === 1)
    if (high !== undefined) {
      for (const { id } of [low!, high]) stream.split(id)
      void ledger.put(producer, 'other', { explicitHashKey: String(high.endingHashKey) })
      await clock.until(() => Object.keys(producer.stats().streams['s']!.shards).length >= 4)
    }
    await clock.run(1000)
    const timers = vi.spyOn(globalThis, 'setTimeout')
    await clock.run(2000)
    // Nobody looks for what has expired, while nothing can.
    expect(timers.mock.calls.length).toBeLessThan(100)
    expect(ledger.of('rejected')).toEqual([])
    open()
    await clock.run(300)
    expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 1 })
    expect(ledger.entries[0]!.error).toMatchObject({ maybeStored: false })
  }
)
