/** Order of each key where lanes end, wait or are hurried. */
import { expect, it } from 'vitest'
import { type Call, type Fault, refusal } from '../support/endpoint'
import { always, failEntries, inTurn } from '../support/faults'
import { type MockedScenario, put, settled, startMockedScenario } from '../support/scenario'

/** Answers once `open` was called, by `fault` if there is one. */
function gate(fault?: Fault): { fault: Fault; open: () => void } {
  let open!: () => void
  const opened = new Promise<void>(resolve => (open = resolve))
  return {
    open,
    fault: async (call, store) => {
      await opened
      return fault?.(call, store)
    }
  }
}

const assertInvariants = ({ producer }: MockedScenario): void =>
  (producer as unknown as { assertInvariants(): void }).assertInvariants()

it('a lane has one Kinesis record in flight, also while somebody flushes', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock, producer } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const first = gate()
  endpoint.faults['PutRecords'] = inTurn(first.fault)
  put(scenario, 10, 2)
  await clock.until(() => endpoint.puts.length === 1)
  put(scenario, 10, 2)
  await clock.run(300) // They are in the queue of the lane.
  const flushed = producer.flush()
  await clock.run(300)
  put(scenario, 10, 2)
  await clock.run(300)
  assertInvariants(scenario)
  expect(endpoint.puts).toHaveLength(1)
  first.open()
  await clock.until(settled(scenario))
  await flushed
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it.each<[string, Fault]>([
  ['refused for load', failEntries(() => 'ProvisionedThroughputExceededException')],
  ['refused by a failure', failEntries(() => 'InternalFailure')],
  ['dropped', always('drop')]
])(
  'in flight while its shard is split, then %s: put again where it belongs now, in order',
  async (_, fault) => {
    const scenario = startMockedScenario({ streams: { s: { shards: 2 } }, lingerMs: 20 })
    const { endpoint, clock, ledger, producer } = scenario
    const stream = endpoint.stream('s')
    await Promise.all([producer.ready(), clock.run(50)])
    const [low, high] = stream.openShards
    const isLow = ({ input }: Call): boolean =>
      BigInt(input.Records![0]!.ExplicitHashKey!) <= low!.endingHashKey
    const first = gate(fault)
    let held = 0
    endpoint.faults['PutRecords'] = (call, store) =>
      isLow(call) && held++ === 0 ? first.fault(call, store) : undefined
    const putInto = ({ startingHashKey: from, endingHashKey: to }: NonNullable<typeof low>): void => {
      for (let i = 0; i < 20; i++) {
        const explicitHashKey = String(from + ((to - from) * BigInt(i % 10)) / 10n)
        void ledger.put(producer, `key-${from}-${i % 10}`, { explicitHashKey })
      }
    }
    putInto(low!)
    await clock.until(() => held === 1)
    // An answer from a child of the other shard brings the new map.
    stream.split(low!.id)
    stream.split(high!.id)
    putInto(high!)
    await clock.until(() => Object.keys(producer.stats().streams['s']!.shards).length >= 4)
    putInto(low!)
    await clock.run(200)
    assertInvariants(scenario)
    expect(held).toBe(1) // The children of the shard wait.
    first.open()
    await clock.until(settled(scenario))
    assertInvariants(scenario)
    expect(scenario.verdict().violations).toEqual([])
    expect(ledger.of('fulfilled')).toHaveLength(60)
  }
)

it('what waits for a predecessor goes when that is stored', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } }, lingerMs: 20 })
  const { endpoint, clock, ledger, producer } = scenario
  const stream = endpoint.stream('s')
  await Promise.all([producer.ready(), clock.run(50)])
  const [low, high] = stream.openShards
  const first = gate()
  endpoint.faults['PutRecords'] = inTurn(first.fault)
  void ledger.put(producer, 'low', { explicitHashKey: '0' })
  await clock.until(() => endpoint.puts.length === 1)
  stream.split(low!.id)
  stream.split(high!.id)
  void ledger.put(producer, 'high', { explicitHashKey: String(high!.endingHashKey) })
  await clock.until(() => Object.keys(producer.stats().streams['s']!.shards).length >= 4)
  void ledger.put(producer, 'low', { explicitHashKey: '0' })
  void ledger.put(producer, 'low', { explicitHashKey: String(low!.endingHashKey) })
  await clock.run(300)
  expect(ledger.of('fulfilled')).toHaveLength(1)
  first.open()
  await clock.until(settled(scenario), 1000)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('a key whose records wait is not forgotten when others expire', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 60_000, recordTtlMs: 500 })
  const { clock, ledger, producer } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  void ledger.put(producer, 'old')
  await clock.run(300)
  void ledger.put(producer, 'young')
  await clock.run(300)
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 1 })
  await clock.run(300)
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 2 })
})

it('a key that has a record in flight is not forgotten when others expire', async () => {
  const scenario = startMockedScenario({ aggregation: false, lingerMs: 0, recordTtlMs: 500 })
  const { endpoint, clock, ledger, producer } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const first = gate()
  endpoint.faults['PutRecords'] = inTurn(first.fault)
  void ledger.put(producer, 'one')
  await clock.until(() => endpoint.puts.length === 1)
  await clock.run(600) // Nothing waits, but the time of the first one is over.
  void ledger.put(producer, 'one')
  await clock.run(100)
  expect(endpoint.puts).toHaveLength(1)
  assertInvariants(scenario)
  first.open()
  await clock.until(settled(scenario))
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
  expect(ledger.of('fulfilled')).toHaveLength(2)
})

it('the search for a guilty record keeps one Kinesis record of a lane in flight, and the order', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, clock, producer, ledger } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  const halves = gate()
  endpoint.faults['PutRecords'] = inTurn(
    always(refusal('ValidationException', 'something is wrong')),
    halves.fault,
    halves.fault
  )
  put(scenario, 80, 20)
  await clock.until(() => endpoint.puts.length === 3)
  assertInvariants(scenario)
  put(scenario, 80, 20)
  const flushed = producer.flush()
  await clock.run(300)
  assertInvariants(scenario)
  expect(endpoint.puts.map(({ input }) => input.Records!.length)).toEqual([4, 2, 2])
  halves.open()
  await clock.until(settled(scenario))
  await flushed
  assertInvariants(scenario)
  put(scenario, 80, 20)
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(240)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})
