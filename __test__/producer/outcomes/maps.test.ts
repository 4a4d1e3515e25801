/** Section 4's rows about shard maps: the first one, refreshes, denials, answers from shards that nobody knows. */
import { isAggregated } from 'kinesis-agg'
import { expect, it, vi } from 'vitest'
import { type Fault, json, refusal } from '../support/endpoint'
import { altered, always, failEntries, inTurn, times } from '../support/faults'
import type { Verdict } from '../support/judge'
import { put, settled, startMockedScenario } from '../support/scenario'

/** Sizes and keys of the aggregates that were stored. */
function aggregates({ sightings }: Verdict): { records: number; keys: Set<string> }[] {
  const found = new Map<string, { records: number; keys: Set<string> }>()
  for (const { aggregated, stored, partitionKey } of sightings) {
    if (!aggregated) continue
    const aggregate = found.get(stored.sequenceNumber) ?? { records: 0, keys: new Set<string>() }
    found.set(stored.sequenceNumber, aggregate)
    aggregate.records++
    aggregate.keys.add(partitionKey)
  }
  return [...found.values()]
}

/** Answers once `open` was called. */
function gate(): { fault: Fault; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>(resolve => (open = resolve))
  return {
    open,
    fault: async () => {
      await opened
      return undefined
    }
  }
}

it('first map slow: waits at most 1 s, then one key an aggregate; with the map, whole shards; order is kept', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, ledger, clock } = scenario
  const map = gate()
  endpoint.faults['ListShards'] = map.fault
  put(scenario, 100, 5)
  await clock.run(900)
  expect(endpoint.puts).toHaveLength(0)
  await clock.run(400)
  expect(ledger.of('fulfilled')).toHaveLength(100)
  const before = aggregates(scenario.verdict())
  expect(before.length).toBeGreaterThan(0)
  expect(before.every(({ keys }) => keys.size === 1)).toBe(true)

  put(scenario, 100, 5)
  map.open()
  await clock.run(500)
  put(scenario, 100, 5)
  await clock.until(settled(scenario))
  const verdict = scenario.verdict()
  expect(verdict).toMatchObject({ violations: [], repeated: 0 })
  expect(aggregates(verdict).some(({ keys }) => keys.size > 1)).toBe(true)
})

it('records that wait for the first map expire as others do', async () => {
  const scenario = startMockedScenario({ recordTtlMs: 500 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['ListShards'] = always('mute')
  put(scenario, 10)
  await clock.run(495)
  expect(ledger.of('pending')).toHaveLength(10)
  await clock.run(50)
  const rejected = ledger.of('rejected').map(({ error }) => error!)
  expect(rejected.map(({ code, maybeStored, attempts }) => [code, maybeStored, attempts])).toEqual(
    Array.from({ length: 10 }, () => ['ERR_RECORD_EXPIRED', false, 0])
  )
  expect(endpoint.puts).toHaveLength(0)
})

it('no map and no summary yet: plain, since the stream may be AUTO', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['ListShards'] = always('mute')
  endpoint.faults['DescribeStreamSummary'] = always('mute')
  put(scenario, 30, 5)
  await clock.run(3000)
  expect(ledger.of('fulfilled')).toHaveLength(30)
  const entries = endpoint.puts.flatMap(({ input }) => input.Records!)
  expect(entries.filter(({ Data }) => isAggregated({ Data })).length).toBe(0)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it("aggregation 'key': one key an aggregate, ListShards is not asked", async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } }, aggregation: 'key' })
  const { endpoint, clock } = scenario
  await clock.run(50)
  put(scenario, 100, 5)
  await clock.until(settled(scenario))
  const verdict = scenario.verdict()
  expect(verdict).toMatchObject({ violations: [], repeated: 0 })
  const all = aggregates(verdict)
  expect(all.length).toBeGreaterThan(0)
  expect(all.every(({ keys }) => keys.size === 1)).toBe(true)
  expect(endpoint.of('ListShards')).toEqual([])
})

it("aggregation 'key': records of a key linger for each other", async () => {
  const scenario = startMockedScenario({ aggregation: 'key', lingerMs: 1000 })
  const { endpoint, clock, ledger, producer } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  put(scenario, 100, 4, 1000)
  await clock.run(900)
  expect(endpoint.puts).toHaveLength(0)
  await clock.run(300)
  expect(ledger.of('fulfilled')).toHaveLength(100)
  expect(endpoint.stream('s').records).toHaveLength(4)
})

it('pages of ListShards: further ones carry the token alone', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 7 } } })
  const { endpoint, clock } = scenario
  endpoint.faults['ListShards'] = ({ input }) => {
    Object.assign(input, { MaxResults: 2 })
    return undefined
  }
  put(scenario, 200)
  await clock.until(settled(scenario))
  const [first, ...further] = endpoint
    .of('ListShards')
    .map(({ body }) => Object.keys(JSON.parse(String(body))))
  expect(first).toContain('StreamName')
  expect(further).toEqual([['NextToken'], ['NextToken'], ['NextToken']])
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
  expect(endpoint.stream('s').openShards.every(({ records }) => records.length > 0)).toBe(true)
})

const shard = (id: string, from: bigint, to: bigint) => ({
  ShardId: id,
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
  SequenceNumberRange: { StartingSequenceNumber: '1' }
})
const END = (1n << 128n) - 1n

it.each([
  ['throttled', refusal('LimitExceededException')],
  ['broken', refusal('InternalFailure', 'no', 500)],
  [
    'with a gap',
    json({ Shards: [shard('shardId-000000000000', 0n, 99n), shard('shardId-000000000001', 101n, END)] })
  ],
  [
    'with an overlap',
    json({ Shards: [shard('shardId-000000000000', 0n, 99n), shard('shardId-000000000001', 99n, END)] })
  ],
  ['empty', json({ Shards: [] })],
  ['no JSON', { status: 200, body: '<html>' }],
  ['with an expired token', refusal('ExpiredNextTokenException')]
])('ListShards %s: a failed fetch, tried again after 1 s × 1.5ⁿ; not a denial', async (_, reply) => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, clock, warnings } = scenario
  endpoint.faults['ListShards'] = times(3, always(reply))
  for (let i = 0; i < 80; i++) {
    put(scenario, 20, 4)
    await clock.run(100)
  }
  await clock.until(settled(scenario))
  const listed = endpoint.of('ListShards')
  expect(listed.length).toBeGreaterThanOrEqual(4)
  expect(listed.length).toBeLessThanOrEqual(6)
  const gaps = listed.slice(1, 4).map(({ at }, i) => at - listed[i]!.at)
  for (const [i, gap] of gaps.entries()) {
    expect(gap).toBeGreaterThan(1000 * 1.5 ** i * 0.5)
    expect(gap).toBeLessThan(1000 * 1.5 ** i * 1.6)
  }
  expect(warnings.filter(({ message }) => /denied|allowed|permission/i.test(message))).toEqual([])
  const verdict = scenario.verdict()
  expect(verdict).toMatchObject({ violations: [], repeated: 0 })
  expect(aggregates(verdict).some(({ keys }) => keys.size > 1)).toBe(true) // The map came in the end.
})

it('the old map stays while the new one comes: other shards go on with whole aggregates', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, ledger, clock } = scenario
  put(scenario, 200)
  await clock.until(settled(scenario))
  const map = gate()
  endpoint.faults['ListShards'] = map.fault
  const stream = endpoint.stream('s')
  const [split, ...others] = stream.openShards
  stream.split(split!.id)
  const before = stream.records.length
  for (let i = 0; i < 10; i++) {
    put(scenario, 200)
    await clock.run(100)
  }
  const during = stream.records.slice(before).filter(record => others.includes(record.shard))
  // 10 rounds of linger, 3 shards: whole aggregates, not records one by one (the KPL put 688 of 748 plain).
  expect(during.length).toBeGreaterThanOrEqual(15)
  expect(during.length).toBeLessThanOrEqual(45)
  map.open()
  await clock.until(settled(scenario))
  expect(scenario.verdict().violations).toEqual([])
  expect(ledger.of('rejected')).toEqual([])
})

it('kclReaders false: what a split put outside its shard counts as stored, and is not put again', async () => {
  const scenario = startMockedScenario({ kclReaders: false })
  const { endpoint, clock } = scenario
  put(scenario, 50)
  await clock.until(settled(scenario))
  const split = (): undefined => void endpoint.stream('s').split()
  endpoint.faults['PutRecords'] = inTurn(split)
  put(scenario, 50)
  await clock.run(400)
  expect(settled(scenario)()).toBe(true)
  const verdict = scenario.verdict({ kclReaders: false })
  expect(verdict).toMatchObject({ violations: [], repeated: 0 })
  expect(verdict.sightings.some(({ kcl }) => !kcl)).toBe(true)
})

it('held for 5 s because ListShards does not answer: put again by key, maybeDuplicated', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock, ledger } = scenario
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  endpoint.faults['ListShards'] = always(refusal('InternalFailure', 'no', 500))
  endpoint.faults['PutRecords'] = inTurn((): undefined => void endpoint.stream('s').split())
  put(scenario, 50, 10)
  await clock.run(4000)
  expect(ledger.of('pending')).toHaveLength(50)
  const tries = endpoint.of('ListShards').length
  await clock.run(4000)
  expect(ledger.of('pending')).toEqual([])
  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(ledger.entries.slice(50).every(({ result }) => result!.maybeDuplicated)).toBe(true)
  expect(verdict.repeatedForKcl).toBe(0)
  // 100 ms × 2 … : not a storm of calls.
  expect(tries).toBeGreaterThan(3)
  expect(tries).toBeLessThan(12)
})

it('a shard that opens and closes between two maps: its range is found in a listing of closed shards too', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock, ledger } = scenario
  const stream = endpoint.stream('s')
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  endpoint.faults['PutRecords'] = inTurn(async (_, store) => {
    stream.split()
    const answer = await store()
    for (const { id } of stream.openShards) stream.split(id)
    return answer
  })
  put(scenario, 50, 10)
  await clock.until(settled(scenario), 4000)
  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(ledger.of('rejected')).toEqual([])
  expect(verdict.repeatedForKcl).toBe(0)
})

it('a reshard elsewhere does not touch a frozen aggregate: the same bytes again', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, clock } = scenario
  const stream = endpoint.stream('s')
  put(scenario, 200, 50)
  await clock.until(settled(scenario))
  const [low, high] = stream.openShards
  let refused = 0
  const refuse = failEntries(() => 'InternalFailure')
  endpoint.faults['PutRecords'] = (call, store) => {
    const entries = call.input.Records!
    const isLow = entries.map(({ ExplicitHashKey }) => BigInt(ExplicitHashKey ?? END) <= low!.endingHashKey)
    if (refused >= 4 || !isLow.includes(true)) return undefined
    refused++
    if (isLow.every(Boolean)) return refuse(call, store)
    return failEntries(i => (isLow[i] ? 'InternalFailure' : undefined))(call, store)
  }
  const from = endpoint.puts.length
  put(scenario, 200, 50)
  await clock.run(150)
  stream.split(high!.id)
  put(scenario, 200, 50)
  await clock.until(settled(scenario))
  const attempts = endpoint.puts
    .slice(from)
    .flatMap(({ input }) => input.Records!)
    .filter(
      ({ ExplicitHashKey }) => ExplicitHashKey !== undefined && BigInt(ExplicitHashKey) <= low!.endingHashKey
    )
    .map(({ Data }) => Data.toString('base64'))
  expect(refused).toBe(4)
  expect(new Set(attempts.slice(0, 5)).size).toBe(1)
  expect(scenario.verdict().violations).toEqual([])
})

it('AUTO switched on amid the load: every record stays readable, aggregates end', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 3 } } })
  const { endpoint, clock, ledger, warnings } = scenario
  for (let i = 0; i < 40; i++) {
    if (i === 10) endpoint.stream('s').recordDistribution = 'AUTO'
    put(scenario, 60)
    await clock.run(100)
  }
  await clock.until(settled(scenario))
  const verdict = scenario.verdict({ ordered: false })
  expect(verdict.violations).toEqual([])
  expect(ledger.of('rejected')).toEqual([])
  expect(warnings.filter(({ code, message }) => /AUTO/.test(`${code} ${message}`))).toHaveLength(1)
  const last = endpoint.puts.slice(-10).flatMap(({ input }) => input.Records!)
  expect(last.filter(({ Data }) => isAggregated({ Data })).length).toBe(0)
})

it('idle: no calls at all; after 5 minutes the next traffic asks for the map anew', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, clock } = scenario
  put(scenario, 20)
  await clock.until(settled(scenario))
  await clock.run(2000)
  const calls = endpoint.calls.length
  await clock.run(20 * 60_000, 200)
  expect(endpoint.calls).toHaveLength(calls)
  put(scenario, 20)
  await clock.until(settled(scenario))
  await clock.run(2000)
  const actions = endpoint.calls.slice(calls).map(({ action }) => action)
  expect(actions.filter(action => action === 'ListShards')).toHaveLength(1)
  expect(actions.filter(action => action === 'DescribeStreamSummary')).toHaveLength(1)
})

it('DescribeStreamSummary is never in the way of a put', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, clock } = scenario
  endpoint.faults['DescribeStreamSummary'] = always('mute')
  put(scenario, 100)
  await clock.run(300)
  expect(settled(scenario)()).toBe(true)
  expect(endpoint.stream('s').records).toHaveLength(2)
})

it("told 'USER_PARTITION_KEY', both calls denied: one key an aggregate, with its explicit hash key", async () => {
  const scenario = startMockedScenario({
    streams: { s: { shards: 2 } },
    recordDistribution: 'USER_PARTITION_KEY'
  })
  const { endpoint, clock, ledger, producer } = scenario
  endpoint.faults['ListShards'] = always(refusal('AccessDeniedException'))
  endpoint.faults['DescribeStreamSummary'] = always(refusal('AccessDeniedException'))
  for (let i = 0; i < 40; i++) {
    void ledger.put(producer, `key-${i % 2}`, { explicitHashKey: String(i % 4) })
  }
  await clock.run(3000)
  expect(settled(scenario)()).toBe(true)
  const verdict = scenario.verdict()
  expect(verdict).toMatchObject({ violations: [], repeated: 0 })
  const entries = endpoint.puts.flatMap(({ input }) => input.Records!)
  expect(new Set(entries.map(({ ExplicitHashKey }) => ExplicitHashKey))).toEqual(
    new Set(['0', '1', '2', '3'])
  )
  expect(aggregates(verdict).length).toBe(4)
})

it("told 'AUTO': plain from the first record on, without asking", async () => {
  const scenario = startMockedScenario({
    streams: { s: { shards: 3, recordDistribution: 'AUTO' } },
    recordDistribution: 'AUTO',
    lingerMs: 0
  })
  const { endpoint, clock } = scenario
  put(scenario, 50, 5)
  await clock.run(300)
  expect(settled(scenario)()).toBe(true)
  expect(scenario.verdict({ ordered: false }).violations).toEqual([])
  const entries = endpoint.puts.flatMap(({ input }) => input.Records!)
  expect(entries).toHaveLength(50)
})

it("'shards' tells the first map and each reshard", async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, clock, producer } = scenario
  const events: { stream: string; reason: string; shards: readonly { shardId: string }[] }[] = []
  producer.on('shards', event => events.push(event))
  put(scenario, 50)
  await clock.until(settled(scenario))
  endpoint.stream('s').split()
  for (let i = 0; i < 20; i++) {
    put(scenario, 50)
    await clock.run(100)
  }
  await clock.until(settled(scenario))
  expect(events.map(({ stream, reason, shards }) => [stream, reason, shards.length])).toEqual([
    ['s', 'first', 2],
    ['s', 'reshard', 3]
  ])
  expect(events[1]!.shards.map(({ shardId }) => shardId).toSorted()).toEqual(
    endpoint
      .stream('s')
      .openShards.map(({ id }) => id)
      .toSorted()
  )
})

it('a stale listing, which does not know the shard of an answer, is a failed fetch', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock, ledger } = scenario
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  const stale = json(endpoint.kinesis.answer('ListShards', { StreamName: 's' }))
  endpoint.faults['ListShards'] = times(3, always(stale))
  endpoint.faults['PutRecords'] = inTurn((): undefined => void endpoint.stream('s').split())
  put(scenario, 50, 10)
  await clock.until(settled(scenario), 4500)
  const verdict = scenario.verdict()
  expect(verdict.violations).toEqual([])
  expect(verdict.repeatedForKcl).toBe(0)
  expect(ledger.of('rejected')).toEqual([])
  expect(endpoint.of('ListShards').length).toBeGreaterThanOrEqual(5)
})

it('records behind a held answer keep their order: a new lane waits for its predecessor', async () => {
  const scenario = startMockedScenario({ lingerMs: 10 })
  const { endpoint, clock, ledger } = scenario
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  const map = gate()
  let splits = 0
  endpoint.faults['PutRecords'] = (): undefined => {
    if (splits++ === 0) endpoint.stream('s').split()
  }
  endpoint.faults['ListShards'] = map.fault
  for (let i = 0; i < 10; i++) {
    put(scenario, 50, 10)
    await clock.run(50)
  }
  map.open()
  for (let i = 0; i < 10; i++) {
    put(scenario, 50, 10)
    await clock.run(50)
  }
  await clock.until(settled(scenario))
  expect(scenario.verdict().violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(1050)
})

it('a map that shows a closed shard open again is a failed fetch: the newer one stays', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock, producer } = scenario
  const reasons: string[] = []
  producer.on('shards', ({ reason }) => reasons.push(reason))
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  const stale = json(endpoint.kinesis.answer('ListShards', { StreamName: 's' }))
  endpoint.stream('s').split()
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  const outside = (): number => scenario.verdict().sightings.filter(({ kcl }) => !kcl).length
  const before = outside()

  // An old map comes up again when the map is refreshed.
  await clock.run(11 * 60_000, 200)
  const listed = endpoint.of('ListShards').length
  endpoint.faults['ListShards'] = times(2, always(stale))
  for (let i = 0; i < 30; i++) {
    put(scenario, 50, 10)
    await clock.run(200)
  }
  await clock.until(settled(scenario))
  expect(endpoint.of('ListShards').length).toBeGreaterThan(listed)
  expect(outside()).toBe(before)
  expect(scenario.verdict().violations).toEqual([])
  expect(reasons.filter(reason => reason === 'reshard')).toHaveLength(1)
})

it('a stream made again with the same shard ids: an answer waits for the new ranges, and nothing is put twice', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } } })
  const { endpoint, clock, ledger } = scenario
  put(scenario, 50, 10)
  await clock.until(settled(scenario))
  const before = ledger.entries.length
  // Its one shard has the id of the lower half of the old stream.
  endpoint.create('s', { shards: 1 })
  const map = gate()
  endpoint.faults['ListShards'] = map.fault
  put(scenario, 50, 10)
  await clock.run(1000)
  expect(ledger.of('pending')).not.toEqual([])
  map.open()
  await clock.until(settled(scenario))
  const results = ledger.entries.slice(before).map(({ result }) => result!)
  expect(results.every(({ attempts, maybeDuplicated }) => attempts === 1 && !maybeDuplicated)).toBe(true)
  expect(endpoint.stream('s').records).toHaveLength(2)
})

it.each([true, false])(
  'a stream made again while an aggregate is in flight: its shard of the same id has other ranges (kclReaders %s)',
  async kclReaders => {
    const scenario = startMockedScenario({ streams: { s: { shards: 2 } }, kclReaders })
    const { endpoint, producer, clock, ledger } = scenario
    await Promise.all([producer.ready(), clock.run(50)])
    const inFlight = gate()
    endpoint.faults['PutRecords'] = inTurn(inFlight.fault)
    // In the lower half: the first one in the lower quarter, where the new stream ends its first shard.
    const at = (share: bigint): { explicitHashKey: string } => ({
      explicitHashKey: String((share << 128n) / 100n)
    })
    for (const share of [10n, 20n, 30n, 40n]) void ledger.put(producer, 'k', at(share))
    await clock.run(200)
    endpoint.kinesis.streams.delete('s')
    void ledger.put(producer, 'k', at(90n))
    await clock.run(150)
    expect(endpoint.puts).toHaveLength(2)
    endpoint.create('s', { shards: 4 })
    const map = gate()
    endpoint.faults['ListShards'] = map.fault
    inFlight.open()
    await clock.run(500)
    expect(endpoint.stream('s').records.length).toBeGreaterThan(0)
    expect(ledger.entries.slice(0, 4).every(({ fate }) => fate === 'pending')).toBe(true)
    map.open()
    await clock.until(settled(scenario))
    expect(ledger.of('fulfilled')).toHaveLength(5)
    const { violations } = scenario.verdict()
    expect(violations).toEqual([])
    const [first, , third] = ledger.entries.map(({ result }) => result!)
    expect(first!.shardId).not.toBe(third!.shardId)
    expect(first!.maybeDuplicated).toBe(true)
  }
)

it('an answer that is outside again by the same map is not put again before the next one, or 5 s', async () => {
  const scenario = startMockedScenario({
    streams: { s: { shards: 2 } },
    recordDistribution: 'USER_PARTITION_KEY'
  })
  const { endpoint, producer, clock, ledger } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const [low, high] = endpoint.stream('s').openShards
  endpoint.faults['PutRecords'] = altered(body => {
    for (const record of body.Records) record['ShardId'] = high!.id
    return body
  })
  for (let i = 0n; i < 20n; i++)
    void ledger.put(producer, `key-${i}`, { explicitHashKey: String(low!.startingHashKey + i) })
  await clock.run(4500)
  expect(endpoint.of('ListShards').length).toBeGreaterThan(3)
  expect(endpoint.puts).toHaveLength(2)
  expect(ledger.of('pending')).toHaveLength(20)
  endpoint.faults = {}
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(20)
  expect(scenario.verdict().violations).toEqual([])
})

it("aggregation 'key': an answer of a shard that no listing tells of counts as stored after 5 s", async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 1 } } })
  const { endpoint, producer, clock, ledger } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const handle = producer.forStream('s', { aggregation: 'key' })
  endpoint.stream('s').split()
  endpoint.faults['ListShards'] = always(refusal('InternalFailure', 'no', 500))
  for (let i = 0; i < 40; i++) void ledger.put(handle, `key-${i % 4}`, { stream: 's' })
  await clock.run(4500)
  expect(endpoint.puts).toHaveLength(1)
  expect(ledger.of('pending')).toHaveLength(40)
  await clock.run(1500)
  expect(ledger.of('fulfilled')).toHaveLength(40)
  expect(endpoint.puts).toHaveLength(1)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})
