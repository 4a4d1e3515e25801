import { isAggregated } from 'kinesis-agg'
import { expect, it } from 'vitest'
import { until } from '../support/clock'
import { type Entry, refusal } from '../support/endpoint'
import { always, delayed } from '../support/faults'
import { putSteadily, startScenario } from '../support/scenario'

const denied = (action: string) =>
  always(refusal('AccessDeniedException', `not authorized to perform ${action}`))

// 2 s of load at 1,000 a second: detection takes two answers and a listing.
const LOAD = { perSecond: 1000, forMs: 2000, keys: 100, bytes: 200 }

it('5: AUTO stream without DescribeStreamSummary: found out by two answers, then everything is plain and readable', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 3, recordDistribution: 'AUTO' } } })
  const { endpoint, client, producer, ledger, warnings } = scenario
  endpoint.faults['DescribeStreamSummary'] = denied('DescribeStreamSummary')
  endpoint.faults['PutRecords'] = delayed(
    () => 20,
    () => 20
  )
  /** Of each request that left, whether it had an aggregate. */
  const sent: boolean[] = []
  const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>
  client.send = ((command: { input: { Records?: Entry[] } }, ...rest: unknown[]) => {
    sent.push((command.input.Records ?? []).some(({ Data }) => isAggregated({ Data })))
    return send(command, ...rest)
  }) as never
  let found = Infinity
  producer.on('warning', ({ code, message }) => {
    if (/AUTO/.test(`${code} ${message}`)) found = Math.min(found, sent.length)
  })
  await putSteadily(scenario, LOAD)
  await ledger.settled()

  const verdict = scenario.verdict({ ordered: false })
  expect(verdict.violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  expect(found).toBeLessThan(Infinity)
  expect(warnings.filter(({ code, message }) => /AUTO/.test(`${code} ${message}`))).toHaveLength(1)
  // Some went out as aggregates before.
  expect(sent.slice(0, found)).toContain(true)
  expect(sent.slice(found)).toContain(false)
  expect(sent.slice(found)).not.toContain(true)
  // What was in flight then is put again plain: each record of an aggregate is seen plain as well, unless it was at home.
  const readable = new Set(verdict.sightings.filter(({ kcl }) => kcl).map(({ id }) => id))
  expect(readable.size).toBe(ledger.entries.length)
})

it('5: AUTO stream, both calls denied: never an aggregate', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 3, recordDistribution: 'AUTO' } } })
  const { endpoint, ledger, warnings } = scenario
  endpoint.faults['DescribeStreamSummary'] = denied('DescribeStreamSummary')
  endpoint.faults['ListShards'] = denied('ListShards')
  await putSteadily(scenario, { ...LOAD, forMs: 1500 })
  await ledger.settled()

  expect(scenario.verdict({ ordered: false }).violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(ledger.entries.length)
  const entries = endpoint.puts.flatMap(({ input }) => input.Records!)
  expect(entries.filter(({ Data }) => isAggregated({ Data })).length).toBe(0)
  await until(() => warnings.length > 0)
})

it('5: AUTO stream that DescribeStreamSummary names: never an aggregate, and no key where none was given', async () => {
  const scenario = await startScenario({ streams: { s: { shards: 3, recordDistribution: 'AUTO' } } })
  const { endpoint, producer, ledger } = scenario
  await producer.ready()
  for (let i = 0; i < 300; i++) void ledger.put(producer, i % 2 === 0 ? `key-${i}` : undefined)
  await ledger.settled()

  expect(scenario.verdict({ ordered: false }).violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(300)
  const entries = endpoint.puts.flatMap(({ input }) => input.Records!)
  expect(entries.filter(({ Data }) => isAggregated({ Data })).length).toBe(0)
  expect(entries.filter(({ PartitionKey }) => PartitionKey === undefined)).toHaveLength(150)
})
