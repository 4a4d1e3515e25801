/** What a producer takes in, and what it tells those who bring too much. */
import { expect, it } from 'vitest'
import type { Fault } from '../support/endpoint'
import { type MockedScenario, startMockedScenario } from '../support/scenario'

/** PutRecords have no answer until `open` is called. */
function hold({ endpoint }: MockedScenario): () => void {
  let open!: () => void
  const opened = new Promise<void>(resolve => (open = resolve))
  const fault: Fault = async () => {
    await opened
    return undefined
  }
  endpoint.faults['PutRecords'] = fault
  return open
}

const LIMITS = { maxPendingRecords: 100, requestTimeoutMs: 600_000, recordTtlMs: Infinity }

it('write says false from half of a limit on; drain comes once, below a quarter', async () => {
  const scenario = startMockedScenario(LIMITS)
  const { producer, clock, ledger } = scenario
  const open = hold(scenario)
  const drains: number[] = []
  const pending = (): number => ledger.entries.length - ledger.of('rejected').length
  producer.on('drain', () => drains.push(pending()))
  const answers = Array.from({ length: 60 }, (_, i) => ledger.write(producer, `key-${i}`))
  expect(answers.slice(0, 49).every(Boolean)).toBe(true)
  expect(answers.slice(50).some(Boolean)).toBe(false)
  await clock.run(1000)
  expect(drains).toHaveLength(0)
  open()
  await clock.run(1000)
  expect(drains).toHaveLength(1)
  expect(producer.write({ partitionKey: 'k', data: '9999:' })).toBe(true)
})

it('the bytes count as well: key, data and 64 a record', async () => {
  const scenario = startMockedScenario({ ...LIMITS, maxPendingRecords: 100_000, maxPendingBytes: 100_000 })
  const { producer } = scenario
  hold(scenario)
  let count = 0
  // 4 + 932 + 64 = 1,000 bytes each.
  while (producer.write({ partitionKey: 'abcd', data: Buffer.alloc(932) })) count++
  expect(count).toBe(49)
})

it('at the limit put rejects and write fails with ERR_BUFFER_FULL; nothing that was accepted is evicted', async () => {
  // Two shards: while both have records, each may hold half of the limit.
  const scenario = startMockedScenario({ ...LIMITS, streams: { s: { shards: 2 } } })
  const { producer, clock, ledger } = scenario
  const open = hold(scenario)
  for (let i = 0; i < 120; i++) void ledger.put(producer, `key-${i}`)
  for (let i = 0; i < 10; i++) ledger.write(producer, `key-${i}`)
  await clock.run(100)
  const refused = ledger.of('rejected')
  expect(refused.length).toBeGreaterThanOrEqual(30)
  expect(new Set(refused.map(({ error }) => error!.code))).toEqual(new Set(['ERR_BUFFER_FULL']))
  expect(refused.every(({ error }) => !error!.maybeStored)).toBe(true)
  const accepted = ledger.of('pending').length
  expect(accepted).toBeGreaterThanOrEqual(50)
  expect(accepted).toBeLessThanOrEqual(100)
  open()
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('fulfilled')).toHaveLength(accepted)
  expect(scenario.verdict().violations).toEqual([])
})

it('drained() waits for room, and a signal ends the wait', async () => {
  const scenario = startMockedScenario(LIMITS)
  const { producer, clock, ledger } = scenario
  await producer.drained() // At once: there is room.
  const open = hold(scenario)
  for (let i = 0; i < 60; i++) ledger.write(producer, `key-${i}`)
  let drained = false
  const wait = producer.drained().then(() => (drained = true))
  const controller = new AbortController()
  const aborted = producer.drained({ signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  await clock.run(500)
  expect(drained).toBe(false)
  open()
  await clock.run(500)
  await wait
  expect(drained).toBe(true)
})

it('from half of a limit on linger is waived', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({ ...LIMITS, lingerMs: 10_000 })
  await Promise.all([producer.ready(), clock.run(50)])
  for (let i = 0; i < 20; i++) ledger.write(producer, `key-${i}`)
  await clock.run(1000)
  expect(endpoint.puts).toHaveLength(0)
  for (let i = 0; i < 40; i++) ledger.write(producer, `key-${i}`)
  await clock.run(100)
  expect(endpoint.puts.length).toBeGreaterThan(0)
})

it('a stream holds at most half while others have records: only that stream is refused', async () => {
  const scenario = startMockedScenario({ ...LIMITS, streams: { s: {}, other: {} } })
  const { endpoint, producer, clock, ledger } = scenario
  endpoint.faults['PutRecords'] = ({ input }) => (input.StreamName === 's' ? 'mute' : undefined)
  void ledger.put(producer, 'k', { stream: 'other' })
  for (let i = 0; i < 90; i++) void ledger.put(producer, `key-${i}`, { stream: 's' })
  await clock.run(5)
  expect(ledger.of('rejected').length).toBeGreaterThan(0)
  expect(ledger.of('pending').filter(({ stream }) => stream === 's').length).toBeLessThanOrEqual(51)
  for (let i = 0; i < 30; i++) {
    void ledger.put(producer, `key-${i}`, { stream: 'other' })
    await clock.run(20)
  }
  await clock.run(500)
  const other = ledger.entries.filter(({ stream }) => stream === 'other')
  expect(other.every(({ fate }) => fate === 'fulfilled')).toBe(true)
})

it('a lane holds at most half while others have records', async () => {
  const scenario = startMockedScenario({ ...LIMITS, streams: { s: { shards: 2 } } })
  const { endpoint, producer, clock, ledger } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const [low, high] = endpoint.stream('s').openShards
  endpoint.faults['PutRecords'] = ({ input }) =>
    input.Records!.some(({ ExplicitHashKey }) => BigInt(ExplicitHashKey!) <= low!.endingHashKey)
      ? 'mute'
      : undefined
  const toLow = { explicitHashKey: String(low!.startingHashKey) }
  const toHigh = { explicitHashKey: String(high!.startingHashKey) }
  void ledger.put(producer, 'low', toLow)
  await clock.run(300) // In flight, for good.
  for (let i = 0; i < 60; i++) {
    for (let j = 0; j < 3; j++) void ledger.put(producer, 'low', toLow)
    void ledger.put(producer, 'high', toHigh)
    await clock.run(20)
  }
  await clock.run(1000)
  const of = (key: string) => ledger.entries.filter(entry => entry.key === key)
  expect(of('low').filter(({ fate }) => fate === 'rejected').length).toBeGreaterThan(0)
  expect(of('high').every(({ fate }) => fate === 'fulfilled')).toBe(true)
})

it('streams that hang have half of the limits together: others are not refused, though they have nothing pending', async () => {
  const names = ['a', 'b', 'c', 'd']
  const scenario = startMockedScenario({
    ...LIMITS,
    streams: Object.fromEntries(names.map(name => [name, {}]))
  })
  const { producer, endpoint, clock, ledger } = scenario
  let open = (): void => {}
  const opened = new Promise<void>(resolve => (open = resolve))
  endpoint.faults['PutRecords'] = async ({ input }) => {
    if (input.StreamName !== 'd') await opened
    return undefined
  }
  for (let i = 0; i < 300; i++) {
    for (const stream of names) void ledger.put(producer, `key-${i % 5}`, { stream })
    await clock.run(100)
  }
  const of = (name: string) => ledger.entries.filter(({ stream }) => stream === name)
  expect(of('d').filter(({ fate }) => fate !== 'fulfilled').length).toBeLessThan(3)
  const waiting = ledger.of('pending').filter(({ stream }) => stream !== 'd')
  expect(waiting.length).toBeGreaterThan(45)
  expect(waiting.length).toBeLessThanOrEqual(65)
  expect(ledger.codes()).toEqual({ ERR_BUFFER_FULL: 900 - waiting.length })
  open()
  await clock.until(() => ledger.of('pending').length === 0)
  expect(of('d').every(({ fate }) => fate === 'fulfilled')).toBe(true)
})
