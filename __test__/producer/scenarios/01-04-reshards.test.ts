import { expect, it } from 'vitest'
import { Random } from '../../support/random'
import { until } from '../support/clock'
import type { Fault } from '../support/endpoint'
import { refusal } from '../support/endpoint'
import { always, delayed, inTurn } from '../support/faults'
import type { Verdict } from '../support/judge'
import { type Scenario, putSteadily, startScenario } from '../support/scenario'

/** As the scenarios have it: answers of 100 to 300 ms, half of it before the records are stored. */
function slowAnswers(seed: number): (fault?: Fault) => Fault {
  const random = new Random(seed)
  const half = (): number => 50 + random.below(100)
  return fault => delayed(half, half, fault)
}

/** Runs a change of shards just before the first PutRecords after `ms` is stored, so that its aggregates are caught in flight. */
function amid({ endpoint }: Scenario, ms: number, reshard: () => void): Fault {
  const start = performance.now()
  let done = false
  return () => {
    if (!done && performance.now() - start > ms && endpoint.stream('s').records.length > 0) {
      done = true
      reshard()
    }
    return undefined
  }
}

/** Aggregates that KCL drops: how many, of which user records. */
function dropped({ sightings }: Verdict): { aggregates: number; ids: Set<number> } {
  const outside = sightings.filter(({ kcl }) => !kcl)
  return {
    aggregates: new Set(outside.map(({ stored }) => stored.sequenceNumber)).size,
    ids: new Set(outside.map(({ id }) => id))
  }
}

// 2.5 s of load: a reshard in the middle needs no longer; the rate and the answers are the scenario's.
const LOAD = { perSecond: 2000, forMs: 2500, keys: 500, bytes: 200 }

it('1: split of every shard under load: KCL sees every record, at most one aggregate a shard is exposed', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, ledger } = scenario
  const stream = endpoint.stream('s')
  endpoint.faults['PutRecords'] = slowAnswers(1)(
    amid(scenario, 1000, () => stream.openShards.forEach(({ id }) => stream.split(id)))
  )
  await putSteadily(scenario, LOAD)
  await ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(ledger.of('rejected')).toEqual([])
  const outside = dropped(verdict)
  expect(outside.aggregates).toBeGreaterThan(0) // The split did catch something.
  expect(outside.aggregates).toBeLessThanOrEqual(4)
  expect(verdict.repeated).toBe(outside.ids.size)
  expect(verdict.repeatedForKcl).toBe(0)
  for (const { id, result } of ledger.entries) expect(result!.maybeDuplicated).toBe(outside.ids.has(id))
})

it('2: merge under the same load: KCL sees each record exactly once, none maybeDuplicated', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, ledger } = scenario
  const stream = endpoint.stream('s')
  endpoint.faults['PutRecords'] = slowAnswers(2)(
    amid(scenario, 1000, () => {
      stream.merge()
      stream.merge(stream.openShards.at(-1)!.id)
    })
  )
  await putSteadily(scenario, LOAD)
  await ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(stream.openShards).toHaveLength(2)
  expect(stream.openShards.every(shard => shard.records.length > 0)).toBe(true)
  expect(verdict.repeated).toBe(0)
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  expect(ledger.entries.filter(({ result }) => result!.maybeDuplicated)).toEqual([])
})

it('3: split, merge, split within 1 s while ListShards fails 3 times: as 1, with at most 10 calls of ListShards', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, producer, ledger } = scenario
  const stream = endpoint.stream('s')
  endpoint.faults['PutRecords'] = slowAnswers(3)()
  await producer.ready()
  const listedBefore = endpoint.of('ListShards').length
  endpoint.faults['ListShards'] = inTurn(
    ...Array.from({ length: 3 }, () => always(refusal('InternalFailure', 'no', 500)))
  )
  const load = putSteadily(scenario, { ...LOAD, forMs: 3500 })
  for (const reshard of [() => stream.split(), () => stream.merge(), () => stream.split()]) {
    await new Promise(resolve => setTimeout(resolve, 330))
    reshard()
  }
  await load
  await ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(ledger.of('rejected')).toEqual([])
  const listings = endpoint.of('ListShards').slice(listedBefore)
  expect(listings.length).toBeGreaterThan(3)
  expect(listings.length).toBeLessThanOrEqual(10)
  // A record is put again as outside once per map: a record has at most as many sightings outside as there were maps.
  const maps = 1 + listings.length - 3
  const outside = new Map<number, number>()
  for (const { id, kcl } of verdict.sightings) if (!kcl) outside.set(id, (outside.get(id) ?? 0) + 1)
  expect(Math.max(0, ...outside.values())).toBeLessThanOrEqual(maps)
  expect(verdict.repeatedForKcl).toBe(0)
})

it('4: ListShards never allowed, DescribeStreamSummary allowed: aggregates of one key only, and KCL sees all', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, ledger, warnings } = scenario
  const stream = endpoint.stream('s')
  endpoint.faults['ListShards'] = always(refusal('AccessDeniedException', 'not authorized to ListShards'))
  endpoint.faults['PutRecords'] = slowAnswers(4)(amid(scenario, 1000, () => stream.split()))
  await putSteadily(scenario, { ...LOAD, keys: 20 })
  await ledger.settled()

  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  expect(verdict.repeated).toBe(0)
  const keys = new Map<string, Set<string>>()
  const sizes = new Map<string, number>()
  for (const { stored, partitionKey, aggregated } of verdict.sightings) {
    if (!aggregated) continue
    keys.set(stored.sequenceNumber, (keys.get(stored.sequenceNumber) ?? new Set()).add(partitionKey))
    sizes.set(stored.sequenceNumber, (sizes.get(stored.sequenceNumber) ?? 0) + 1)
  }
  expect([...keys.values()].filter(({ size }) => size > 1)).toEqual([])
  expect(Math.max(...sizes.values())).toBeGreaterThan(1) // It does aggregate.
  await until(() => warnings.length > 0)
  expect(warnings[0]!.message).toMatch(/ListShards/)
})
