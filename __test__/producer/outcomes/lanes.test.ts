/** Section 1: when a lane is due, when a request leaves, what is in it; pacing. */
import { isAggregated } from 'kinesis-agg'
import { expect, it } from 'vitest'
import type { Call } from '../support/endpoint'
import { failEntries, shardLimits, times } from '../support/faults'
import { type MockedScenario, put, settled, startMockedScenario } from '../support/scenario'

const sizes = (calls: readonly Call[]): number[] =>
  calls.flatMap(({ input }) => input.Records!.map(({ Data }) => Data.length))

async function warm(scenario: MockedScenario): Promise<void> {
  await Promise.all([scenario.producer.ready(), scenario.clock.run(100)])
}

it('a record waits for lingerMs, then its whole lane goes as one aggregate', async () => {
  const scenario = startMockedScenario({ lingerMs: 100 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  put(scenario, 10)
  await clock.run(60)
  put(scenario, 10)
  await clock.run(30)
  expect(endpoint.puts).toHaveLength(0)
  await clock.run(40) // Linger, and at most 20 ms for other lanes.
  expect(endpoint.puts).toHaveLength(1)
  expect(endpoint.puts[0]!.input.Records).toHaveLength(1)
  expect(scenario.ledger.of('fulfilled')).toHaveLength(20)
})

it('lingerMs 0: at once when the lane is free', async () => {
  const scenario = startMockedScenario({ lingerMs: 0 })
  await warm(scenario)
  put(scenario, 10)
  await scenario.clock.run(5)
  expect(scenario.endpoint.puts).toHaveLength(1)
})

it('500 lanes that are due leave at once, and so do 1 MiB; fewer wait for others, 20 ms at most', async () => {
  for (const [lanes, bytes, expected] of [
    [499, 10, 0],
    [500, 10, 1],
    [3, 262_144, 0],
    [4, 262_144, 1]
  ] as const) {
    const scenario = startMockedScenario({ aggregation: 'key', lingerMs: 1000 })
    await warm(scenario)
    put(scenario, lanes, lanes, bytes)
    // Large records are due at once; for small ones linger ends.
    await scenario.clock.run(bytes > 51_200 ? 5 : 1005)
    expect([lanes, scenario.endpoint.puts.length]).toEqual([lanes, expected])
    await scenario.clock.run(20)
    expect(scenario.endpoint.puts.length).toBeGreaterThan(0)
  }
})

it('an aggregate has at most the bytes that its shard takes at the moment', async () => {
  // A quarter of a shard: 64 KiB at once.
  const scenario = startMockedScenario({ rateLimit: 0.25 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  put(scenario, 300, 10, 1000)
  await clock.until(settled(scenario))
  expect(sizes(endpoint.puts).length).toBeGreaterThan(4)
  expect(Math.max(...sizes(endpoint.puts))).toBeLessThanOrEqual(65_536)
})

it('what waited behind an answer that took longer than its linger leaves with that answer, and waits for no other lane', async () => {
  const scenario = startMockedScenario({ lingerMs: 100 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 200))
    return store()
  }
  put(scenario, 10)
  await clock.run(125)
  expect(endpoint.puts).toHaveLength(1)
  put(scenario, 10)
  await clock.run(190)
  expect(endpoint.puts).toHaveLength(1)
  await clock.run(15) // The answer is there, and less than the 20 ms pass that a lane waits for others.
  expect(endpoint.puts).toHaveLength(2)
})

it('a lane with 51,200 B is due before its linger', async () => {
  const scenario = startMockedScenario({ lingerMs: 5000 })
  await warm(scenario)
  put(scenario, 60, 60, 1000)
  await scenario.clock.run(40)
  expect(scenario.endpoint.puts).toHaveLength(1)
  expect(sizes(scenario.endpoint.puts)[0]).toBeGreaterThan(50_000)
})

it('what would begin another PUT payload unit of 25 KB goes with the next aggregate, and waits for its own linger', async () => {
  const scenario = startMockedScenario({ lingerMs: 1000 })
  const { endpoint, clock, ledger } = scenario
  await warm(scenario)
  put(scenario, 60, 60, 1000)
  await clock.run(40)
  expect(sizes(endpoint.puts)[0]).toBeLessThanOrEqual(51_200)
  expect(ledger.of('fulfilled').length).toBeGreaterThan(45)
  expect(ledger.of('pending').length).toBeGreaterThan(5)
  await clock.run(1000)
  expect(ledger.of('fulfilled')).toHaveLength(60)
  expect(endpoint.puts).toHaveLength(2)
})

it('but nobody who flushes waits for that', async () => {
  const scenario = startMockedScenario({ lingerMs: 1000 })
  const { endpoint, clock, ledger, producer } = scenario
  await warm(scenario)
  put(scenario, 60, 60, 1000)
  await Promise.all([producer.flush(), clock.run(40)])
  expect(endpoint.puts).toHaveLength(1)
  expect(ledger.of('fulfilled')).toHaveLength(60)
})

it('a backlog that somebody waits for fills its PUT payload units too, except in its last aggregate', async () => {
  const scenario = startMockedScenario({ rateLimit: Infinity, lingerMs: 1000 })
  const { endpoint, clock, producer } = scenario
  await warm(scenario)
  put(scenario, 2000, 10, 1000)
  await Promise.all([producer.flush(), clock.run(500)])
  const filled = sizes(endpoint.puts).slice(0, -1)
  expect(filled.length).toBeGreaterThan(5)
  for (const size of filled) {
    expect(size).toBeLessThanOrEqual(262_144)
    // Less than one more record is missing.
    expect(25_600 - (size % 25_600)).toBeLessThan(1100)
  }
})

it('one Kinesis record in flight per lane; what arrives meanwhile is the next aggregate, up to maxAggregateBytes', async () => {
  const scenario = startMockedScenario({ lingerMs: 10 })
  const { endpoint, clock, ledger } = scenario
  await warm(scenario)
  let flying = 0
  let most = 0
  endpoint.faults['PutRecords'] = async ({ input }, store) => {
    flying += input.Records!.length
    most = Math.max(most, flying)
    await new Promise(resolve => setTimeout(resolve, 200))
    flying -= input.Records!.length
    return store()
  }
  for (let i = 0; i < 20; i++) {
    put(scenario, 70, 70, 500)
    await clock.run(100)
  }
  await clock.until(settled(scenario))
  expect(most).toBe(1)
  const [, ...grown] = sizes(endpoint.puts)
  expect(Math.max(...grown)).toBeGreaterThan(60_000)
  expect(Math.max(...grown)).toBeLessThanOrEqual(262_144)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
  expect(ledger.of('fulfilled')).toHaveLength(1400)
})

it('lanes that are due share a request: at most 500 records, and not the lanes that are not due', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 600 } }, lingerMs: 100 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  put(scenario, 20_000, 20_000)
  await clock.until(settled(scenario))
  expect(endpoint.puts.length).toBeLessThanOrEqual(4)
  expect(Math.max(...endpoint.puts.map(({ input }) => input.Records!.length))).toBe(500)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('a request starts at 1 MiB and grows to at most 5 MiB', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 64 } }, lingerMs: 50 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  for (let i = 0; i < 15; i++) {
    put(scenario, 6000, 6000, 500)
    await clock.run(50)
  }
  await clock.until(settled(scenario))
  const bytes = endpoint.puts.map(({ input }) =>
    input.Records!.reduce((sum, { Data, PartitionKey }) => sum + Data.length + PartitionKey!.length, 0)
  )
  expect(bytes[0]).toBeLessThanOrEqual(1 << 20)
  expect(Math.max(...bytes)).toBeLessThanOrEqual(5 << 20)
  expect(Math.max(...bytes)).toBeGreaterThan(1.05 * (1 << 20))
})

it('aggregation false: plain, one in flight per key, keys do not block each other, order per key', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 0 })
  const { endpoint, clock, ledger, producer } = scenario
  await warm(scenario)
  const flying = new Map<string, number>()
  let most = 0
  endpoint.faults['PutRecords'] = async ({ input }, store) => {
    for (const { PartitionKey } of input.Records!) {
      flying.set(PartitionKey!, (flying.get(PartitionKey!) ?? 0) + 1)
      most = Math.max(most, flying.get(PartitionKey!)!)
    }
    const slow = input.Records!.some(({ PartitionKey }) => PartitionKey === 'slow')
    await new Promise(resolve => setTimeout(resolve, slow ? 1000 : 20))
    for (const { PartitionKey } of input.Records!) flying.set(PartitionKey!, flying.get(PartitionKey!)! - 1)
    return store()
  }
  void ledger.put(producer, 'slow')
  await clock.run(50)
  for (let i = 0; i < 3; i++) void ledger.put(producer, 'slow')
  put(scenario, 30, 10)
  await clock.run(500)
  expect(ledger.of('fulfilled').filter(({ key }) => key !== 'slow')).toHaveLength(30)
  expect(ledger.of('fulfilled').filter(({ key }) => key === 'slow')).toHaveLength(0)
  await clock.until(settled(scenario))
  expect(most).toBe(1)
  expect(
    endpoint.puts.flatMap(({ input }) => input.Records!).some(({ Data }) => isAggregated({ Data }))
  ).toBe(false)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it("ordering 'none': plain records of one key are in flight together", async () => {
  const scenario = startMockedScenario({ aggregation: false, ordering: 'none', lingerMs: 0 })
  const { endpoint, clock, ledger, producer } = scenario
  await warm(scenario)
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 500))
    return store()
  }
  for (let i = 0; i < 100; i++) void ledger.put(producer, 'one')
  await clock.run(1500)
  expect(ledger.of('fulfilled')).toHaveLength(100)
})

it('maxInFlight bounds the requests, over all streams', async () => {
  const streams = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`s${i}`, {}]))
  const scenario = startMockedScenario({ streams, stream: undefined as never, maxInFlight: 3, lingerMs: 0 })
  const { endpoint, clock, ledger, producer } = scenario
  let flying = 0
  let most = 0
  endpoint.faults['PutRecords'] = async (_, store) => {
    most = Math.max(most, ++flying)
    await new Promise(resolve => setTimeout(resolve, 50))
    flying--
    return store()
  }
  for (let round = 0; round < 5; round++) {
    for (let i = 0; i < 10; i++) void ledger.put(producer, 'k', { stream: `s${i}` })
    await clock.run(60)
  }
  await clock.until(settled(scenario))
  expect(most).toBe(3)
})

it('a stream that hangs does not stop others: its requests over 1 s old hold at most half of the slots', async () => {
  const scenario = startMockedScenario({
    streams: { hung: { shards: 32 }, fine: { shards: 4 } },
    stream: 'fine',
    maxInFlight: 4,
    lingerMs: 0
  })
  const { endpoint, clock, ledger, producer } = scenario
  endpoint.faults['PutRecords'] = ({ input }) => (input.StreamName === 'hung' ? 'mute' : undefined)
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 10; j++) void ledger.put(producer, `key-${i * 10 + j}`, { stream: 'hung' })
    void ledger.put(producer, `key-${i}`, { stream: 'fine' })
    await clock.run(50)
  }
  const fine = ledger.entries.filter(
    ({ stream, id }) => stream === 'fine' && id < ledger.entries.length - 200
  )
  expect(fine.every(({ fate }) => fate === 'fulfilled')).toBe(true)
})

it('pacing: a shard gets at most 1,000 records a second and a burst of 250 ms', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 0 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  const start = performance.now()
  put(scenario, 1300)
  await clock.run(1000, 20)
  const inFirst = endpoint.puts
    .filter(({ at }) => at - start <= 1000)
    .flatMap(({ input }) => input.Records!).length
  expect(inFirst).toBeGreaterThan(900)
  expect(inFirst).toBeLessThanOrEqual(1260)
  await clock.run(500, 20)
  expect(settled(scenario)()).toBe(true)
}, 120_000)

it('pacing: a shard gets at most 1 MiB a second; rateLimit scales it', async () => {
  for (const rateLimit of [1, 0.5]) {
    const scenario = startMockedScenario({ lingerMs: 20, rateLimit })
    const { endpoint, clock } = scenario
    await warm(scenario)
    const start = performance.now()
    put(scenario, 4000, 100, 1000)
    await clock.run(2000)
    const bytes = sizes(endpoint.puts.filter(({ at }) => at - start <= 2000)).reduce((a, b) => a + b, 0)
    const limit = rateLimit * (1 << 20)
    expect(bytes).toBeGreaterThan(limit * 1.5)
    expect(bytes).toBeLessThanOrEqual(limit * 2.3 + 262_144)
    scenario.producer.abort()
    clock.stop()
  }
})

it('pacing: a record larger than the bucket goes when the bucket is full, and leaves a debt', async () => {
  const scenario = startMockedScenario({ lingerMs: 0 })
  const { endpoint, clock, ledger, producer } = scenario
  await warm(scenario)
  void ledger.put(producer, 'k', { bytes: 1_000_000 })
  await clock.run(300)
  expect(ledger.of('fulfilled')).toHaveLength(1)
  void ledger.put(producer, 'k', { bytes: 200_000 })
  await clock.run(400)
  expect(endpoint.puts).toHaveLength(1) // The debt is about 0.7 s.
  await clock.run(1000)
  expect(ledger.of('fulfilled')).toHaveLength(2)
})

it('a key that waits to be tried again while its shard is split is not forgotten', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 0, streams: { s: { shards: 1 } } })
  const { endpoint, clock, ledger, producer } = scenario
  await warm(scenario)
  endpoint.faults['PutRecords'] = times(
    1,
    failEntries(() => 'InternalFailure')
  )
  put(scenario, 20)
  await clock.run(1)
  expect(ledger.of('pending')).not.toHaveLength(0)
  // An answer from a new shard brings the new map while the others pause.
  endpoint.stream('s').split()
  void ledger.put(producer, 'another')
  await clock.run(5000)
  expect(ledger.of('fulfilled')).toHaveLength(21)
})

it('pacing: plain records that wait for it share requests, also without linger', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 0 })
  const { endpoint, clock } = scenario
  await warm(scenario)
  put(scenario, 2250)
  await clock.until(settled(scenario))
  // 250 at once, then 10 every 10 ms.
  expect(endpoint.puts.length).toBeGreaterThan(20)
  expect(endpoint.puts.length).toBeLessThan(300)
})

it('pacing: refusals cut the rate by 0.7, at most once per 250 ms; it recovers slowly, told by events', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 0, streams: { s: { shards: 1 } } })
  const { endpoint, clock, producer, ledger } = scenario
  const events: { stream: string; shardId?: string; ratePerSecond: number }[] = []
  producer.on('throttled', event => events.push(event))
  await warm(scenario)
  endpoint.faults['PutRecords'] = times(
    1,
    failEntries(() => 'ProvisionedThroughputExceededException')
  )
  put(scenario, 200)
  await clock.until(settled(scenario))
  expect(events.length).toBeGreaterThan(0)
  expect(events[0]).toMatchObject({ stream: 's', shardId: 'shardId-000000000000' })
  expect(events[0]!.ratePerSecond).toBeGreaterThan(650)
  expect(events[0]!.ratePerSecond).toBeLessThan(750)

  const start = performance.now()
  const from = ledger.entries.length
  put(scenario, 2000)
  await clock.run(2000, 20)
  const rate =
    endpoint.puts.filter(({ at }) => at >= start && at < start + 2000).flatMap(({ input }) => input.Records!)
      .length / 2
  expect(rate).toBeGreaterThan(600)
  expect(rate).toBeLessThan(900)
  await clock.run(1500, 20)
  expect(ledger.entries.slice(from).every(({ fate }) => fate === 'fulfilled')).toBe(true)
}, 120_000)

it("onThrottle 'fail': a throttled record fails with ERR_THROTTLED", async () => {
  const scenario = startMockedScenario({ onThrottle: 'fail', aggregation: false })
  const { endpoint, clock, ledger } = scenario
  endpoint.faults['PutRecords'] = times(
    1,
    failEntries(i => (i === 1 ? 'ProvisionedThroughputExceededException' : undefined))
  )
  put(scenario, 3)
  await clock.run(1000)
  expect(ledger.codes()).toEqual({ ERR_THROTTLED: 1 })
  // The order of keys within a request is not promised.
  const { PartitionKey: key } = endpoint.puts[0]!.input.Records![1]!
  expect(ledger.of('rejected')[0]).toMatchObject({ key, error: { maybeStored: false, attempts: 1 } })
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('real limits of a shard under 1.5 times the load: few refusals, nothing lost, no order broken', async () => {
  const scenario = startMockedScenario({
    lingerMs: 20,
    maxPendingRecords: 100_000,
    maxPendingBytes: 128 << 20,
    recordTtlMs: Infinity
  })
  const { endpoint, clock, ledger } = scenario
  await warm(scenario)
  endpoint.kinesis.refuse = shardLimits()
  const load = 15
  for (let i = 0; i < 10 * load; i++) {
    put(scenario, 158, 50, 1000)
    await clock.run(100)
  }
  const stored = endpoint.stream('s').records.reduce((sum, { data }) => sum + data.length, 0)
  expect(stored / load / (1 << 20)).toBeGreaterThan(0.8)
  await clock.until(settled(scenario), 120_000)
  const all = endpoint.puts.flatMap(({ input }) => input.Records!).length
  expect(1 - endpoint.stream('s').records.length / all).toBeLessThan(0.05)
  expect(ledger.of('rejected')).toEqual([])
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})
