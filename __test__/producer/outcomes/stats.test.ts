/** stats(): its numbers against what the endpoint and the judge saw. */
import { expect, it } from 'vitest'
import { refusal } from '../support/endpoint'
import { always, failEntries, inTurn, storedThen, times } from '../support/faults'
import { put, settled, startMockedScenario } from '../support/scenario'

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

it('counts what was taken, stored and sent, as the endpoint saw it', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, producer, clock } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  put(scenario, 500, 100, 300)
  expect(producer.stats()).toMatchObject({ pendingRecords: 500, inFlight: 0 })
  expect(producer.stats().pendingBytes).toBeGreaterThan(500 * (300 + 64))
  await clock.run(60)
  expect(producer.stats().streams['s']!.oldestPendingMs).toBeGreaterThanOrEqual(50)
  expect(producer.stats().streams['s']!.oldestPendingMs).toBeLessThanOrEqual(80)
  await clock.until(settled(scenario))

  const stats = producer.stats()
  expect(stats).toMatchObject({ pendingRecords: 0, pendingBytes: 0, inFlight: 0, http2: false })
  const stream = stats.streams['s']!
  const entries = endpoint.puts.flatMap(({ input }) => input.Records!)
  expect(stream).toMatchObject({
    accepted: 500,
    delivered: 500,
    failed: {},
    pendingRecords: 0,
    pendingBytes: 0,
    oldestPendingMs: 0,
    inFlight: 0,
    requests: endpoint.puts.length,
    kinesisRecords: entries.length,
    throttled: 0,
    retried: 0,
    wrongShard: 0,
    maybeDuplicated: 0
  })
  const units = entries.map(({ Data, PartitionKey }) =>
    Math.ceil((Data.length + PartitionKey!.length) / 25_600)
  )
  expect(stream.putUnits).toBe(sum(units))
  expect(stream.bytes).toBe(sum(entries.map(({ Data, PartitionKey }) => Data.length + PartitionKey!.length)))
  expect(sum(stream.roundTrip.counts)).toBe(endpoint.puts.length)
  expect(sum(stream.latency.counts)).toBe(500)
  expect(Object.keys(stream.shards).toSorted()).toEqual(
    endpoint
      .stream('s')
      .openShards.map(({ id }) => id)
      .toSorted()
  )
  expect(sum(Object.values(stream.shards).map(({ kinesisRecords }) => kinesisRecords))).toBe(entries.length)
  expect(Object.values(stream.shards).every(({ ratePerSecond }) => ratePerSecond === 1000)).toBe(true)
})

it('counts requests in flight, and tells how long they took', async () => {
  const scenario = startMockedScenario({ lingerMs: 0 })
  const { endpoint, producer, clock } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 100))
    return store()
  }
  put(scenario, 1)
  await clock.run(50)
  expect(producer.stats().inFlight).toBe(1)
  expect(producer.stats().streams['s']!.inFlight).toBe(1)
  await clock.until(settled(scenario))
  const { bucketsMs, counts } = producer.stats().streams['s']!.roundTrip
  const bucket = counts.indexOf(1)
  expect(bucketsMs[bucket]).toBe(128)
})

it('counts refusals, repeats and failures by code', async () => {
  const scenario = startMockedScenario({ aggregation: false, permanentErrorGraceMs: 100 })
  const { endpoint, producer, clock } = scenario
  endpoint.faults['PutRecords'] = inTurn(
    failEntries(i => (i < 3 ? 'ProvisionedThroughputExceededException' : undefined)),
    storedThen('drop')
  )
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(producer.stats().streams['s']).toMatchObject({
    throttled: 3,
    delivered: 10,
    retried: 6,
    maybeDuplicated: 3
  })
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 3 })

  endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException'))
  put(scenario, 4)
  await clock.until(settled(scenario))
  const tooLarge = producer.put({ partitionKey: 'k', data: Buffer.alloc(2 << 20) }).catch(() => {})
  await tooLarge
  expect(producer.stats().streams['s']!.failed).toMatchObject({ ERR_ACCESS_DENIED: 4 })
})

it('counts what a split put outside of its shard', async () => {
  const scenario = startMockedScenario()
  const { endpoint, producer, clock } = scenario
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  endpoint.faults['PutRecords'] = times(1, (): undefined => void endpoint.stream('s').split())
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  const outside = scenario.verdict().sightings.filter(({ kcl }) => !kcl)
  expect(outside).toHaveLength(50)
  expect(producer.stats().streams['s']).toMatchObject({ wrongShard: 1, maybeDuplicated: 50, delivered: 100 })
})

it("a stream's handle tells of its stream alone", async () => {
  const scenario = startMockedScenario({ streams: { s: {}, other: {} } })
  const { producer, clock } = scenario
  const other = producer.forStream('other')
  put(scenario, 3)
  void scenario.ledger.put(other, 'k')
  await clock.until(settled(scenario))
  expect(Object.keys(producer.stats().streams).toSorted()).toEqual(['other', 's'])
  expect(other.stats().streams).toEqual({ other: producer.stats().streams['other'] })
  expect(other.stats().streams['other']).toMatchObject({ accepted: 1, delivered: 1 })
})
