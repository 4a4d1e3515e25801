/** `forStream` with options: each of them holds from then on, whatever the stream has been doing. */
import { isAggregated } from 'kinesis-agg'
import type { StreamOptions } from 'kinesis-agg/producer'
import { describe, expect, it } from 'vitest'
import type { Entry, Fault, StreamSetup } from '../support/endpoint'
import { refusal } from '../support/endpoint'
import { always, failEntries, inTurn } from '../support/faults'
import { type MockedScenario, put, settled, startMockedScenario } from '../support/scenario'

interface Stage extends MockedScenario {
  /** Other options hold. */
  change(options: StreamOptions): void
  /** What was in flight is answered. */
  answer(): void
  /** Kinesis records that were sent after what was in flight. */
  sent(): Entry[]
  /** Kinesis records that were stored since then, and the records of the ledger in them. */
  stored(): Map<string, number[]>
}

const KEYS = 200

/**
 * A stream that has delivered records, and is idle or has some in flight and some that wait.
 *
 * @param answer to what is in flight
 */
async function stage(
  state: State,
  before: StreamOptions,
  { setup = {}, answer }: { setup?: StreamSetup; answer?: Fault } = {}
): Promise<Stage> {
  const scenario = startMockedScenario({ streams: { s: setup }, lingerMs: 20, ...before })
  const { endpoint, clock, ledger, producer } = scenario
  put(scenario, 1)
  await clock.until(settled(scenario))
  await Promise.all([producer.ready(), clock.run(100)])
  let open = (): void => {}
  if (state === 'busy') {
    const opened = new Promise<void>(resolve => (open = resolve))
    endpoint.faults['PutRecords'] = inTurn(async (call, store) => {
      await opened
      return answer?.(call, store)
    })
    put(scenario, KEYS)
    await clock.until(() => producer.stats().inFlight === 1)
    put(scenario, KEYS)
    await clock.run(1)
  }
  const from = { entries: ledger.entries.length, puts: endpoint.puts.length }
  return {
    ...scenario,
    change: options => {
      producer.forStream('s', options)
      ;(producer as unknown as { assertInvariants(): void }).assertInvariants()
    },
    answer: open,
    sent: () => endpoint.puts.slice(from.puts).flatMap(({ input }) => input.Records!),
    stored: () => {
      const records = new Map<string, number[]>()
      for (const { id, stored } of scenario.verdict({ ordered: false, kclReaders: false }).sightings) {
        if (id < from.entries) continue
        records.set(stored.sequenceNumber, [...(records.get(stored.sequenceNumber) ?? []), id])
      }
      return records
    }
  }
}

type State = 'idle' | 'busy'

describe.each<State>(['idle', 'busy'])('%s', state => {
  it.each<[StreamOptions['aggregation'], number]>([
    ['key', 1],
    [false, 1],
    ['key', 3]
  ])('aggregation %s to true: one Kinesis record for a shard', async (aggregation, shards) => {
    const test = await stage(state, { aggregation }, { setup: { shards } })
    test.change({ aggregation: true })
    put(test, KEYS)
    test.answer()
    await test.clock.until(settled(test))
    expect(test.stored().size).toBe(shards)
    expect(test.verdict()).toMatchObject({ violations: [], repeated: 0 })
    expect(test.endpoint.of('ListShards')).toHaveLength(1)
  })

  it("aggregation true to 'key': one key an aggregate", async () => {
    const test = await stage(state, {}, { setup: { shards: 2 } })
    test.change({ aggregation: 'key' })
    put(test, 100, 5)
    test.answer()
    await test.clock.until(settled(test))
    expect([...test.stored().values()].map(ids => ids.length)).toEqual([20, 20, 20, 20, 20])
    expect(test.verdict()).toMatchObject({ violations: [], repeated: 0 })
  })

  it('aggregation true to false: each record goes by itself', async () => {
    const test = await stage(state, {})
    test.change({ aggregation: false })
    put(test, 50)
    test.answer()
    await test.clock.until(settled(test))
    expect(test.stored().size).toBe(50)
    expect(test.verdict()).toMatchObject({ violations: [], repeated: 0 })
  })

  it.each([true, false])('kclReaders to %s: whether what lies outside is put again', async kclReaders => {
    const test = await stage(state, { kclReaders: !kclReaders })
    test.change({ kclReaders })
    const { endpoint, clock, producer } = test
    test.answer()
    await clock.until(settled(test))
    put(test, 50)
    endpoint.faults['PutRecords'] = inTurn((): undefined => void endpoint.stream('s').split())
    await clock.until(settled(test))
    expect(producer.stats().streams['s']!.wrongShard).toBe(kclReaders ? 1 : 0)
    expect(test.verdict({ kclReaders }).violations).toEqual([])
  })

  it("ordering 'key' to 'none': records of one key are in flight together", async () => {
    const test = await stage(state, { aggregation: false })
    const { endpoint, clock, ledger, producer } = test
    test.change({ ordering: 'none' })
    test.answer()
    await clock.until(settled(test))
    endpoint.faults['PutRecords'] = always('mute')
    for (let i = 0; i < 30; i++) void ledger.put(producer, 'one')
    await clock.run(100)
    expect(test.sent().filter(({ PartitionKey }) => PartitionKey === 'one')).toHaveLength(30)
  })

  it("ordering 'none' to 'key': one record of a key in flight, in order", async () => {
    const test = await stage(state, { aggregation: false, ordering: 'none' })
    const { endpoint, clock, ledger, producer } = test
    // No invariant yet: what is in flight may overlap.
    producer.forStream('s', { ordering: 'key' })
    test.answer()
    await clock.until(settled(test))
    let flying = 0
    let most = 0
    endpoint.faults['PutRecords'] = async ({ input }, store) => {
      flying += input.Records!.length
      most = Math.max(most, flying)
      await new Promise(resolve => setTimeout(resolve, 30))
      flying -= input.Records!.length
      return store()
    }
    for (let i = 0; i < 10; i++) void ledger.put(producer, 'one')
    await clock.until(settled(test))
    expect(most).toBe(1)
    expect(test.verdict()).toMatchObject({ violations: [], repeated: 0 })
  })

  it('maxAggregateBytes: also what is tried again, unless it may be stored', async () => {
    const answer = failEntries(() => 'ProvisionedThroughputExceededException')
    const test = await stage(state, {}, { answer })
    test.change({ maxAggregateBytes: 1000 })
    put(test, KEYS)
    test.answer()
    await test.clock.until(settled(test))
    const sizes = test.sent().map(({ Data, PartitionKey }) => Data.length + PartitionKey!.length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000)
    expect(sizes.length).toBeGreaterThan(2)
    expect(test.verdict()).toMatchObject({ violations: [], repeated: 0 })
  })

  it('maxAggregateRecords', async () => {
    const test = await stage(state, {})
    test.change({ maxAggregateRecords: 3 })
    put(test, 60)
    test.answer()
    await test.clock.until(settled(test))
    const counts = [...test.stored().values()].map(ids => ids.length)
    expect(Math.max(...counts)).toBe(3)
    expect(test.verdict()).toMatchObject({ violations: [], repeated: 0 })
  })

  it('maxRecordBytes, up and down', async () => {
    const test = await stage(state, {}, {})
    const { endpoint, clock, ledger, producer } = test
    // The summary says 1 MiB, below which the limit does not fall.
    const most = 1 << 20
    test.change({ maxRecordBytes: 2 * most })
    void ledger.put(producer, 'k', { bytes: most + 1 })
    test.change({ maxRecordBytes: 100 })
    void ledger.put(producer, 'k', { bytes: most + 1 })
    void ledger.put(producer, 'k', { bytes: 1000 })
    await clock.run(1)
    expect(ledger.codes()).toEqual({ ERR_RECORD_TOO_LARGE: 1 })
    expect(ledger.entries.at(-2)!.fate).toBe('rejected')
    expect(endpoint.of('DescribeStreamSummary')).toHaveLength(1)
    test.answer()
  })

  it('maxRecordBytes, where the summary is denied', async () => {
    const scenario = startMockedScenario({ lingerMs: state === 'idle' ? 0 : 60_000 })
    const { endpoint, clock, ledger, producer } = scenario
    endpoint.faults['DescribeStreamSummary'] = always(refusal('AccessDeniedException'))
    await Promise.all([producer.ready(), clock.run(100)])
    put(scenario, 1)
    await clock.run(100)
    expect(ledger.of('fulfilled')).toHaveLength(state === 'idle' ? 1 : 0)
    producer.forStream('s', { maxRecordBytes: 100 })
    void ledger.put(producer, 'k', { bytes: 100 })
    await clock.run(1)
    expect(ledger.codes()).toEqual({ ERR_RECORD_TOO_LARGE: 1 })
    producer.forStream('s', { maxRecordBytes: 101 })
    void ledger.put(producer, 'k', { bytes: 100 })
    await clock.run(1)
    expect(ledger.codes()).toEqual({ ERR_RECORD_TOO_LARGE: 1 })
  })

  it("recordDistribution 'detect' to 'AUTO': plain, and what was in flight is put again", async () => {
    const test = await stage(state, {}, { setup: { shards: 2 } })
    test.change({ recordDistribution: 'AUTO' })
    put(test, 50, 5)
    await test.clock.run(100)
    test.answer()
    await test.clock.until(settled(test))
    expect(test.sent().some(({ Data }) => isAggregated({ Data }))).toBe(false)
    expect(test.verdict({ ordered: false }).violations).toEqual([])
    expect(test.warnings).toEqual([])
  })

  it.each<StreamOptions['recordDistribution']>(['USER_PARTITION_KEY', 'detect'])(
    "recordDistribution 'AUTO' to '%s': one Kinesis record for a shard",
    async recordDistribution => {
      const test = await stage(state, { recordDistribution: 'AUTO' }, { setup: { shards: 2 } })
      expect(test.endpoint.of('ListShards')).toEqual([])
      test.change({ recordDistribution })
      put(test, KEYS)
      await test.clock.run(10)
      test.answer()
      await test.clock.until(settled(test))
      expect(test.stored().size).toBe(2)
      expect(test.endpoint.of('ListShards')).toHaveLength(1)
      expect(test.verdict({ ordered: false }).violations).toEqual([])
    }
  )

  it("recordDistribution 'USER_PARTITION_KEY' to 'detect': the summary is asked", async () => {
    const setup = { shards: 2, recordDistribution: 'AUTO' } as const
    const before = {
      recordDistribution: 'USER_PARTITION_KEY',
      aggregation: 'key',
      kclReaders: false
    } as const
    const test = await stage(state, before, { setup })
    expect(test.endpoint.of('DescribeStreamSummary')).toEqual([])
    test.change({ recordDistribution: 'detect' })
    put(test, 50, 5)
    test.answer()
    await test.clock.until(settled(test))
    expect(test.endpoint.of('DescribeStreamSummary')).toHaveLength(1)
    expect(test.sent().some(({ Data }) => isAggregated({ Data }))).toBe(false)
  })

  it.each([0.1, 1, 2])('rateLimit to %d', async rateLimit => {
    const before = rateLimit === 1 ? 0.1 : 1
    const test = await stage(state, { aggregation: false, lingerMs: 0, rateLimit: before })
    const { endpoint, clock } = test
    test.change({ rateLimit })
    test.answer()
    while (!settled(test)()) await clock.run(100, 20)
    const start = performance.now()
    put(test, 1000 * rateLimit)
    await clock.run(500, 20)
    const sent = endpoint.puts.filter(({ at }) => at > start).flatMap(({ input }) => input.Records!).length
    // A burst of 250 ms besides.
    expect(sent).toBeGreaterThan(450 * rateLimit)
    expect(sent).toBeLessThanOrEqual(760 * rateLimit)
  })

  it('rateLimit to Infinity: nothing is held back', async () => {
    const test = await stage(state, { aggregation: false, lingerMs: 0, rateLimit: 0.1 })
    test.change({ rateLimit: Infinity })
    put(test, 2000)
    test.answer()
    await test.clock.run(100)
    expect(settled(test)()).toBe(true)
  })

  it("onThrottle to 'fail', and back to 'retry'", async () => {
    const test = await stage(state, {})
    const { endpoint, clock, ledger } = test
    test.answer()
    test.change({ onThrottle: 'fail' })
    await clock.until(settled(test))
    const refuse = failEntries(() => 'ProvisionedThroughputExceededException')
    endpoint.faults['PutRecords'] = inTurn(refuse, undefined, refuse)
    put(test, 3)
    await clock.until(settled(test))
    expect(ledger.codes()).toEqual({ ERR_THROTTLED: 3 })
    put(test, 1)
    await clock.until(settled(test))
    put(test, 3)
    test.change({ onThrottle: 'retry' })
    await clock.until(settled(test))
    expect(ledger.codes()).toEqual({ ERR_THROTTLED: 3 })
  })

  it('what was counted stays, the shards stay known, and the same options again change nothing', async () => {
    const test = await stage(state, {}, { setup: { shards: 2 } })
    const { accepted, delivered } = test.producer.stats().streams['s']!
    test.change({ maxAggregateRecords: 1000 })
    test.change({ maxAggregateRecords: 1000 })
    expect(test.producer.stats().streams['s']).toMatchObject({ accepted, delivered })
    test.answer()
    put(test, KEYS)
    await test.clock.until(settled(test))
    expect(test.stored().size).toBe(2)
    expect(test.endpoint.of('ListShards')).toHaveLength(1)
    expect(test.endpoint.of('DescribeStreamSummary')).toHaveLength(1)
  })
})

it('lingerMs: shorter, also for records that wait', async () => {
  const scenario = startMockedScenario({ lingerMs: 60_000 })
  const { clock, ledger, producer } = scenario
  await Promise.all([producer.ready(), clock.run(100)])
  put(scenario, 3)
  await clock.run(100)
  put(scenario, 3)
  producer.forStream('s', { lingerMs: 50 })
  await clock.run(20)
  put(scenario, 3)
  await clock.run(80)
  expect(ledger.of('fulfilled')).toHaveLength(9)
})

it('lingerMs: shorter, for a lane that would wait longer for the next aggregate', async () => {
  const test = await stage('busy', {})
  const { clock, producer } = test
  test.change({ lingerMs: 60_000, maxAggregateRecords: 5 })
  test.answer()
  await clock.until(() => producer.stats().inFlight === 0)
  await clock.run(200)
  expect(test.ledger.of('pending')).not.toEqual([])
  test.change({ lingerMs: 0 })
  await clock.until(settled(test), 5000)
})

it('lingerMs: longer', async () => {
  const test = await stage('idle', { lingerMs: 0 })
  test.change({ lingerMs: 1000 })
  put(test, 3)
  await test.clock.run(900)
  expect(test.ledger.of('pending')).toHaveLength(3)
  await test.clock.run(300)
  expect(test.ledger.of('pending')).toEqual([])
})

describe('recordTtlMs', () => {
  /** The records behind one that is in flight for ever. */
  async function behindAMuteRequest(recordTtlMs: number): Promise<MockedScenario> {
    const scenario = startMockedScenario({ lingerMs: 0, recordTtlMs, requestTimeoutMs: 1e9 })
    const { endpoint, clock, producer } = scenario
    await Promise.all([producer.ready(), clock.run(100)])
    endpoint.faults['PutRecords'] = always('mute')
    put(scenario, 1)
    await clock.until(() => producer.stats().inFlight === 1)
    return scenario
  }

  it('shorter: for records that wait, and for later ones', async () => {
    const scenario = await behindAMuteRequest(Infinity)
    const { clock, ledger, producer } = scenario
    put(scenario, 3)
    await clock.run(300)
    producer.forStream('s', { recordTtlMs: 500 })
    put(scenario, 3)
    await clock.run(250)
    expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 3 })
    await clock.run(350)
    expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 6 })
  })

  it('longer: for records that wait, and for later ones', async () => {
    const scenario = await behindAMuteRequest(500)
    const { clock, ledger, producer } = scenario
    put(scenario, 3)
    await clock.run(300)
    producer.forStream('s', { recordTtlMs: 2000 })
    put(scenario, 3)
    await clock.run(1600)
    expect(ledger.codes()).toEqual({})
    await clock.run(600)
    expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 6 })
  })

  it('on an idle stream', async () => {
    const scenario = startMockedScenario({ lingerMs: 0, requestTimeoutMs: 1e9 })
    const { endpoint, clock, ledger, producer } = scenario
    put(scenario, 1)
    await clock.until(settled(scenario))
    producer.forStream('s', { recordTtlMs: 500 })
    endpoint.faults['PutRecords'] = always('mute')
    put(scenario, 1)
    await clock.until(() => producer.stats().inFlight === 1)
    put(scenario, 2)
    await clock.run(600)
    expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 2 })
  })
})
