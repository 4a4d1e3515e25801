/** Records without a partition key. */
import { expect, it } from 'vitest'
import { failEntries, inTurn } from '../support/faults'
import { refusal } from '../support/endpoint'
import { startMockedScenario } from '../support/scenario'

it('are spread over the shards, aggregated, each at home', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({
    streams: { s: { shards: 4 } }
  })
  await Promise.all([producer.ready(), clock.run(50)])
  for (let i = 0; i < 2000; i++) void ledger.put(producer, i % 2 === 0 ? undefined : '')
  await clock.until(() => ledger.of('pending').length === 0)
  expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
  const counts = new Map<string, number>()
  for (const { result } of ledger.entries) counts.set(result!.shardId, (counts.get(result!.shardId) ?? 0) + 1)
  expect(counts.size).toBe(4)
  expect(Math.min(...counts.values())).toBeGreaterThan(200)
  expect(endpoint.stream('s').records.length).toBeLessThan(50)
})

it('avoid a shard that is paused', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({
    streams: { s: { shards: 4 } },
    lingerMs: 20
  })
  await Promise.all([producer.ready(), clock.run(50)])
  const [refused] = endpoint.stream('s').openShards
  endpoint.kinesis.refuse = (_, shard) =>
    shard === refused
      ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' }
      : undefined
  for (let i = 0; i < 100; i++) {
    for (let j = 0; j < 20; j++) void ledger.put(producer, undefined)
    await clock.run(30)
  }
  await clock.run(300)
  expect(ledger.of('pending').length).toBeLessThan(200)
  const naming = endpoint.puts.filter(({ input }) =>
    input.Records!.some(({ ExplicitHashKey, PartitionKey }) => {
      const shard = endpoint
        .stream('s')
        .shardFor({ PartitionKey, ...(ExplicitHashKey !== undefined && { ExplicitHashKey }) })
      return shard === refused
    })
  )
  expect(naming.length).toBeLessThanOrEqual(20)
  endpoint.kinesis.refuse = () => undefined
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('fulfilled')).toHaveLength(2000)
})

it('choose again on a safe retry', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({
    streams: { s: { shards: 4 } },
    aggregation: false
  })
  await Promise.all([producer.ready(), clock.run(50)])
  let first: string | undefined
  endpoint.kinesis.refuse = (_, shard) => {
    first ??= shard.id
    return shard.id === first
      ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'no' }
      : undefined
  }
  void ledger.put(producer, undefined)
  await clock.run(2000)
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
  expect(ledger.entries[0]!.result!.shardId).not.toBe(first)
})

it('wait as others do while whole requests are throttled: no other shard would take them either', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({
    streams: { s: { shards: 4 } },
    lingerMs: 0
  })
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = () => refusal('LimitExceededException')
  for (let i = 0; i < 40; i++) void ledger.put(producer, undefined)
  await clock.run(5000)
  // 100 ms, doubled up to a second, of which jitter leaves half on average.
  expect(endpoint.puts.length).toBeGreaterThan(5)
  expect(endpoint.puts.length).toBeLessThan(60)
  expect(producer.stats().streams['s']!.retried).toBeGreaterThan(5)
  endpoint.faults = {}
  await clock.until(() => ledger.of('pending').length === 0)
  expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
  expect(ledger.of('fulfilled')).toHaveLength(40)
})

it('keep their bytes after an attempt that may be stored', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({
    streams: { s: { shards: 4 } }
  })
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = inTurn(failEntries(() => 'InternalFailure'))
  void ledger.put(producer, undefined)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(endpoint.puts[1]!.input).toEqual(endpoint.puts[0]!.input)
  expect(ledger.entries[0]!.result).toMatchObject({ maybeDuplicated: true })
  expect(verdict().violations).toEqual([])
})

it('move with a split', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({
    streams: { s: { shards: 2 } }
  })
  await Promise.all([producer.ready(), clock.run(50)])
  for (let i = 0; i < 40; i++) {
    if (i === 10) for (const { id } of endpoint.stream('s').openShards) endpoint.stream('s').split(id)
    for (let j = 0; j < 50; j++) void ledger.put(producer, undefined)
    await clock.run(100)
  }
  await clock.until(() => ledger.of('pending').length === 0)
  const { violations, repeatedForKcl } = verdict()
  expect(violations).toEqual([])
  expect(repeatedForKcl).toBe(0)
  expect(endpoint.stream('s').openShards.every(({ records }) => records.length > 0)).toBe(true)
})

it('linger until a lane holds 51,200 B, as others do', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } }, lingerMs: 1000 })
  const { endpoint, clock, ledger, producer } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  // 100,000 B: more than the inbox holds, and less than any lane needs to be full.
  for (let i = 0; i < 100; i++) void ledger.put(producer, undefined, { bytes: 1000 })
  await clock.run(900)
  expect(endpoint.puts).toHaveLength(0)
  await clock.run(300)
  expect(ledger.of('fulfilled')).toHaveLength(100)
  expect(endpoint.stream('s').records).toHaveLength(4)
  expect(producer.stats()).toMatchObject({ pendingRecords: 0, pendingBytes: 0 })
})
