import { expect, it } from 'vitest'
import { until } from '../support/clock'
import { refusal } from '../support/endpoint'
import { always, delayed } from '../support/faults'
import { startMockedScenario, startScenario } from '../support/scenario'

it('10: AccessDenied, one shard, 10 s of grace: at most 8 requests, all reject with the cause, and it recovers', async () => {
  const { endpoint, producer, ledger, clock, verdict } = startMockedScenario()
  endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException', 'not authorized to PutRecords'))
  for (let i = 0; i < 1000; i++) void ledger.put(producer, `key-${i % 10}`)
  await clock.run(9000)
  expect(ledger.of('pending')).toHaveLength(1000)
  await clock.run(6000)

  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 1000 })
  expect(endpoint.puts.length).toBeGreaterThan(3)
  expect(endpoint.puts.length).toBeLessThanOrEqual(8)
  for (const { error } of ledger.entries) {
    expect(error).toMatchObject({ maybeStored: false, cause: { name: 'AccessDeniedException' }, stream: 's' })
  }

  const early = ledger.put(producer, 'early') // Fails at once, or is the probe.
  await clock.run(5000)
  expect((await early).error?.code).toBe('ERR_ACCESS_DENIED')

  delete endpoint.faults['PutRecords']
  await clock.run(5000)
  const late = ledger.put(producer, 'late')
  await clock.run(1000)
  expect(await late).toMatchObject({ fate: 'fulfilled' })
  expect(verdict().violations).toEqual([])
})

it.each([
  ['fewer', 6, 2],
  ['more', 2, 6]
])(
  '11: stream deleted and made again with %s shards: no record vanishes, the map is fetched anew',
  async (_, before, after) => {
    // 300 ms of absence where a stream takes minutes; the records' keys are new each time.
    const scenario = await startScenario({
      streams: { s: { shards: before } },
      lingerMs: 20,
      permanentErrorGraceMs: 5000
    })
    const { endpoint, producer, ledger } = scenario
    const old = endpoint.stream('s')
    endpoint.faults['PutRecords'] = delayed(
      () => 20,
      () => 20
    )
    const load = async (ms: number): Promise<void> => {
      for (const end = performance.now() + ms; performance.now() < end;) {
        for (let i = 0; i < 20; i++) void ledger.put(producer, `key-${ledger.entries.length % 200}`)
        await new Promise(resolve => setTimeout(resolve, 10))
      }
    }
    await load(700)
    await until(() => old.records.length > 0)
    const listed = endpoint.of('ListShards').length
    endpoint.kinesis.streams.delete('s')
    await load(300)
    const fresh = endpoint.create('s', { shards: after })
    await load(1200)
    await ledger.settled()

    const { violations } = scenario.verdict()
    // Records of the old stream went with it: they were stored, and nobody can read them any more.
    const gone = new Set(
      ledger.entries
        .filter(({ result }) =>
          old.records.some(({ sequenceNumber }) => sequenceNumber === result?.sequenceNumber)
        )
        .map(({ id }) => id)
    )
    expect(violations.filter(text => !gone.has(Number(/^record (\d+)/.exec(text)?.[1])))).toEqual([])
    expect(ledger.of('pending')).toEqual([])
    expect(gone.size).toBeGreaterThan(0)
    expect(fresh.openShards.every(shard => shard.records.length > 0)).toBe(true)
    expect(endpoint.of('ListShards').length).toBeGreaterThan(listed)
  }
)

it('11: stream that stays away: ERR_STREAM_NOT_FOUND after the grace', async () => {
  const { endpoint, producer, ledger, clock, verdict } = startMockedScenario()
  for (let i = 0; i < 20; i++) void ledger.put(producer, `key-${i}`)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('fulfilled')).toHaveLength(20)

  const stream = endpoint.stream('s')
  endpoint.kinesis.streams.delete('s')
  for (let i = 0; i < 20; i++) void ledger.put(producer, `key-${i}`)
  await clock.run(9000)
  expect(ledger.of('pending')).toHaveLength(20)
  await clock.run(6000)
  expect(ledger.codes()).toEqual({ ERR_STREAM_NOT_FOUND: 20 })
  expect(ledger.entries.at(-1)!.error).toMatchObject({
    maybeStored: false,
    cause: { name: 'ResourceNotFoundException' }
  })
  endpoint.kinesis.streams.set('s', stream)
  expect(verdict().violations).toEqual([])
})

it('14: TTL 1 s with a request in flight for 3 s that then succeeds: fulfilled; queued ones expire, not stored', async () => {
  const { endpoint, producer, ledger, clock, verdict } = startMockedScenario({ recordTtlMs: 1000 })
  let release!: () => void
  const held = new Promise<void>(resolve => (release = resolve))
  endpoint.faults['PutRecords'] = async ({ number }) => {
    if (number === 1) await held
    return undefined
  }
  void ledger.put(producer, 'a')
  await clock.run(300) // Linger, then in flight.
  expect(endpoint.puts).toHaveLength(1)
  for (let i = 0; i < 10; i++) void ledger.put(producer, 'a')
  await clock.run(2700)
  expect(ledger.entries[0]).toMatchObject({ fate: 'pending' })
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 10 })
  for (const { error } of ledger.of('rejected'))
    expect(error).toMatchObject({ maybeStored: false, attempts: 0 })
  release()
  await clock.run(200)
  expect(ledger.entries[0]).toMatchObject({ fate: 'fulfilled' })

  void ledger.put(producer, 'a') // The lane goes on.
  await clock.run(500)
  expect(ledger.entries.at(-1)).toMatchObject({ fate: 'fulfilled' })
  expect(verdict().violations).toEqual([])
})

it('15: close({ timeoutMs: 500 }) amid retries: settles in 600 ms, maybeStored false only for what never arrives', async () => {
  // Requests that were given up on are stored up to 1.2 s later; the test looks 1.5 s after (5 s in the scenario).
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } }, lingerMs: 20, requestTimeoutMs: 200 })
  const { endpoint, producer, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = async (call, store) => {
    if (call.number % 4 === 0) return refusal('ThrottlingException', 'slow down')
    await new Promise(resolve => setTimeout(resolve, [50, 600, 1200][call.number % 3]))
    await store()
    return 'drop'
  }
  for (let i = 0; i < 2000; i++) void ledger.put(producer, `key-${i % 100}`, { bytes: 100 })
  await clock.run(400)
  for (let i = 0; i < 500; i++) void ledger.put(producer, `key-${i % 100}`, { bytes: 100 })
  let isClosed = false
  void producer
    .close({ timeoutMs: 500 })
    .catch(() => {})
    .finally(() => (isClosed = true))
  await clock.until(() => isClosed, 600)
  await ledger.settled()
  expect(ledger.of('fulfilled').length + ledger.of('rejected').length).toBe(2500)
  expect(new Set(Object.keys(ledger.codes()))).toEqual(new Set(['ERR_PRODUCER_ABORTED']))
  // Both kinds occur, or the test shows nothing.
  expect(new Set(ledger.of('rejected').map(({ error }) => error!.maybeStored))).toEqual(
    new Set([true, false])
  )

  await clock.run(1500)
  const verdict = scenario.verdict({ blocks: false })
  expect(verdict.violations).toEqual([])
  expect(verdict.sightings.length).toBeGreaterThan(0)
})
