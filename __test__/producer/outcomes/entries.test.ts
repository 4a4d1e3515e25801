/** Section 4's rows about single entries of PutRecords: what becomes of them, and when they are tried again. */
import { isAggregated } from 'kinesis-agg'
import { expect, it, vi } from 'vitest'
import type { Call } from '../support/endpoint'
import { failEntries, inTurn, times } from '../support/faults'
import { put, startMockedScenario } from '../support/scenario'

/** The pauses between requests in milliseconds, linger and the wait for other lanes left out. */
const gaps = (calls: readonly Call[]): number[] =>
  calls.slice(1).map(({ at }, i) => Math.round(at - calls[i]!.at))

/** Full jitter takes the longest pause that it may. */
const longestPauses = (): unknown => vi.spyOn(Math, 'random').mockReturnValue(0.999)

/** Mocked time moves in steps of 5 ms, and a lane that is due may wait 20 ms for others. */
const SLACK = 35

it('throttled entry: the same bytes again, at the head of its lane, not maybeDuplicated', async () => {
  const scenario = startMockedScenario()
  const { endpoint, producer, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(
    3,
    failEntries(() => 'ProvisionedThroughputExceededException')
  )
  put(scenario, 20, 2)
  await clock.until(() => endpoint.puts.length > 0)
  put(scenario, 20, 2)
  await clock.until(() => ledger.of('pending').length === 0)

  const first = endpoint.puts[0]!.input.Records![0]!
  for (const { input } of endpoint.puts.slice(0, 4)) {
    expect(input.Records).toHaveLength(1)
    expect(input.Records![0]).toEqual(first)
  }
  expect(scenario.verdict().violations).toEqual([])
  expect(ledger.of('fulfilled')).toHaveLength(40)
  expect(ledger.entries.slice(0, 20).map(({ result }) => result)).toEqual(
    Array.from({ length: 20 }, () => expect.objectContaining({ attempts: 4, maybeDuplicated: false }))
  )
  expect(producer.listenerCount('failed')).toBe(1)
})

it('throttled entry: pauses of at most 100 ms × 2ⁿ and 1 s, from the start again once the shard accepts', async () => {
  longestPauses()
  const scenario = startMockedScenario({ lingerMs: 0 })
  const { endpoint, ledger, clock } = scenario
  const refuse = failEntries(() => 'ProvisionedThroughputExceededException')
  endpoint.faults['PutRecords'] = inTurn(...Array.from({ length: 6 }, () => refuse), undefined, refuse)
  put(scenario, 1)
  await clock.until(() => ledger.of('pending').length === 0)
  const pauses = gaps(endpoint.puts)
  expect(pauses).toHaveLength(6)
  for (const [i, pause] of pauses.entries()) {
    const most = Math.min(1000, 100 * 2 ** i)
    expect(pause).toBeGreaterThan(most * 0.9 - 10)
    expect(pause).toBeLessThan(most + SLACK)
  }
  // It accepted a record: the next refusal counts as the first.
  put(scenario, 1)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(gaps(endpoint.puts).at(-1)).toBeLessThan(100 + SLACK)
})

it('throttled entry: the lanes of other shards go on', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } }, lingerMs: 20 })
  const { endpoint, ledger, clock } = scenario
  const [refused] = endpoint.stream('s').openShards
  endpoint.kinesis.refuse = (_, shard) =>
    shard === refused
      ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'Rate exceeded' }
      : undefined
  for (let i = 0; i < 20; i++) {
    put(scenario, 100)
    await clock.run(100)
  }
  await clock.run(100)
  const late = ledger.of('pending').filter(({ id }) => id < 1900)
  expect(late.length).toBeGreaterThan(0)
  endpoint.kinesis.refuse = () => undefined
  await clock.until(() => ledger.of('pending').length === 0)
  expect(new Set(late.map(({ result }) => result!.shardId))).toEqual(new Set([refused!.id]))
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('throttled entry over 51,200 B: cut anew into aggregates of at most that', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(
    1,
    failEntries(() => 'ProvisionedThroughputExceededException')
  )
  put(scenario, 200, 10, 1000)
  await clock.until(() => ledger.of('pending').length === 0)
  const sizes = endpoint.puts.flatMap(({ input }) => input.Records!.map(({ Data }) => Data.length))
  expect(sizes[0]).toBeGreaterThan(150_000)
  expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(51_200)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('InternalFailure of an entry: the same bytes after 100 ms × 2ⁿ, at most 5 s; maybeDuplicated', async () => {
  longestPauses()
  const scenario = startMockedScenario({ lingerMs: 0 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(
    8,
    failEntries(() => 'InternalFailure')
  )
  put(scenario, 1)
  put(scenario, 5, 1)
  await clock.until(() => ledger.of('pending').length === 0)
  const pauses = gaps(endpoint.puts)
  expect(pauses).toHaveLength(8)
  for (const [i, pause] of pauses.entries()) {
    const most = Math.min(5000, 100 * 2 ** i)
    expect(pause).toBeGreaterThan(most * 0.9 - 10)
    expect(pause).toBeLessThan(most + SLACK)
  }
  const bytes = endpoint.puts.map(({ input }) => JSON.stringify(input.Records))
  expect(new Set(bytes).size).toBe(1)
  expect(ledger.entries.every(({ result }) => result!.maybeDuplicated)).toBe(true)
  expect(scenario.verdict().violations).toEqual([])
})

it('InternalFailure of an entry after a success: pauses from the start again', async () => {
  longestPauses()
  const scenario = startMockedScenario({ lingerMs: 0 })
  const { endpoint, ledger, clock } = scenario
  const fail = failEntries(() => 'InternalFailure')
  endpoint.faults['PutRecords'] = inTurn(fail, fail, fail, undefined, fail)
  for (let i = 0; i < 2; i++) {
    put(scenario, 1)
    await clock.until(() => ledger.of('pending').length === 0)
  }
  const pauses = gaps(endpoint.puts)
  expect(pauses).toHaveLength(5)
  expect(pauses[2]).toBeGreaterThan(350)
  expect(pauses[4]).toBeLessThan(100 + SLACK)
})

it.each([
  'KMSAccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'AccessDeniedException'
])('%s of an entry: as the whole request: ERR_ACCESS_DENIED after the grace', async code => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = failEntries(() => code)
  put(scenario, 10)
  await clock.run(8000)
  expect(ledger.of('pending')).toHaveLength(10)
  await clock.run(7000)
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 10 })
  expect(endpoint.puts.length).toBeLessThanOrEqual(8)
  for (const { error } of ledger.entries) expect(error).toMatchObject({ maybeStored: false })
})

it('KMSThrottlingException of an entry is throttling: safe, tried again', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(
    2,
    failEntries(() => 'KMSThrottlingException')
  )
  put(scenario, 10)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(ledger.entries.some(({ result }) => result!.maybeDuplicated)).toBe(false)
})

it.each(['InvalidArgumentException', 'ValidationException', 'RecordTooLargeException'])(
  '%s of an entry: ERR_PUT_REJECTED at once, for the records of that entry alone',
  async code => {
    const scenario = startMockedScenario({ streams: { s: { shards: 4 } } })
    const { endpoint, ledger, clock } = scenario
    endpoint.faults['PutRecords'] = times(
      1,
      failEntries(position => (position === 1 ? code : undefined))
    )
    put(scenario, 100)
    await clock.run(500)
    expect(ledger.of('pending')).toEqual([])
    const { sightings, violations } = scenario.verdict()
    expect(violations).toEqual([])
    const rejected = ledger.of('rejected')
    expect(rejected.length).toBeGreaterThan(5)
    expect(rejected.length).toBeLessThan(60)
    expect(sightings).toHaveLength(100 - rejected.length)
    for (const { error } of rejected) {
      expect(error).toMatchObject({ code: 'ERR_PUT_REJECTED', maybeStored: false, attempts: 1 })
      expect(JSON.stringify(error!.cause) + String(error!.cause) + error!.message).toContain(code)
    }
    expect(endpoint.puts).toHaveLength(1)
  }
)

it('an unknown code of an entry: may be stored, tried again, and one warning names it', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock, warnings } = scenario
  endpoint.faults['PutRecords'] = times(
    3,
    failEntries(() => 'NewlyInventedException', 'for a reason')
  )
  put(scenario, 10)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(ledger.entries.every(({ result }) => result!.maybeDuplicated)).toBe(true)
  expect(warnings.filter(({ message }) => message.includes('NewlyInventedException'))).toHaveLength(1)
})

it('an entry without code and sequence number, three times in a row: ERR_PUT_REJECTED, maybeStored; the others are stored', async () => {
  const scenario = startMockedScenario({ aggregation: false })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = async ({ input }, store) => {
    const answer = await store()
    const body = JSON.parse(String(answer.body)) as { Records: object[] }
    const Records = body.Records.map((result, i) => (String(input.Records![i]!.Data) === '2:' ? {} : result))
    return { status: 200, body: JSON.stringify({ FailedRecordCount: 0, Records }) }
  }
  put(scenario, 5)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('rejected').map(({ id }) => id)).toEqual([2])
  expect(ledger.entries[2]!.error).toMatchObject({ code: 'ERR_PUT_REJECTED', maybeStored: true, attempts: 3 })
  expect(scenario.verdict().violations).toEqual([])
})

it('a throttled answer in between does not count as one that says nothing', async () => {
  const scenario = startMockedScenario({ aggregation: false })
  const { endpoint, ledger, clock } = scenario
  const nothing = async (_: Call, store: () => Promise<unknown>) => {
    await store()
    return { status: 200, body: JSON.stringify({ FailedRecordCount: 0, Records: [{}] }) }
  }
  const throttled = failEntries(() => 'ProvisionedThroughputExceededException')
  endpoint.faults['PutRecords'] = inTurn(nothing, nothing, throttled, nothing, nothing)
  put(scenario, 1)
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
  expect(scenario.verdict().violations).toEqual([])
})

it('one record alone is put plain, with its own key and hash key', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, producer, clock } = scenario
  void ledger.put(producer, 'alone', { explicitHashKey: '12345' })
  await clock.until(() => ledger.of('pending').length === 0)
  const [entry] = endpoint.puts[0]!.input.Records!
  expect(isAggregated({ Data: entry!.Data })).toBe(false)
  expect(entry).toMatchObject({ PartitionKey: 'alone', ExplicitHashKey: '12345' })
  expect(ledger.entries[0]!.result).not.toHaveProperty('subSequenceNumber')
})
