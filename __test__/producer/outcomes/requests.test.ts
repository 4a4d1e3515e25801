/** Section 4's rows about whole requests. */
import { expect, it, vi } from 'vitest'
import { type Fault, type Reply, refusal } from '../support/endpoint'
import { always, bodyLimit, inTurn, page, storedThen, times } from '../support/faults'
import { type MockedScenario, put, settled, startMockedScenario } from '../support/scenario'

const duplicated = ({ ledger }: MockedScenario): boolean[] => [
  ...new Set(ledger.entries.map(({ result }) => result!.maybeDuplicated))
]

it.each([
  ['ProvisionedThroughputExceededException', refusal('ProvisionedThroughputExceededException')],
  ['LimitExceededException', refusal('LimitExceededException')],
  ['ThrottlingException', refusal('ThrottlingException')],
  ['KMSThrottlingException', refusal('KMSThrottlingException')],
  ['429', page(429)]
])('request throttled (%s): safe, paused, stored once', async (_, reply) => {
  vi.spyOn(Math, 'random').mockReturnValue(0.999)
  const scenario = startMockedScenario({ lingerMs: 0 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(2, always(reply))
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(duplicated(scenario)).toEqual([false])
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
  expect(endpoint.puts[1]!.at - endpoint.puts[0]!.at).toBeGreaterThan(80)
})

it('request throttled: the requests in flight of the stream are halved, and regain one a second', async () => {
  const scenario = startMockedScenario({
    streams: { s: { shards: 64 } },
    lingerMs: 0,
    aggregation: false,
    ordering: 'none',
    maxPendingBytes: 256 << 20
  })
  const { endpoint, clock, producer, ledger } = scenario
  let flying = 0
  let most = 0
  let throttle = true
  endpoint.faults['PutRecords'] = async () => {
    most = Math.max(most, ++flying)
    await new Promise(resolve => setTimeout(resolve, 200))
    flying--
    return throttle ? refusal('ThrottlingException') : undefined
  }
  // Records of 60 KB each: a request holds few of them, so that many requests are in flight.
  const load = async (ms: number): Promise<number> => {
    most = 0
    for (let passed = 0; passed < ms; passed += 20) {
      if (ledger.of('pending').length < 600) put(scenario, 30, 1000, 60_000)
      await clock.run(20)
    }
    return most
  }
  const before = await load(400)
  expect(before).toBeGreaterThan(4)
  await load(400)
  throttle = false
  const after = await load(300)
  expect(after).toBeLessThanOrEqual(Math.ceil(before / 2))
  const later = await load(6000)
  expect(later).toBeGreaterThan(after)
  producer.abort()
})

it.each<[string, Reply]>([
  ['500', refusal('InternalFailure', 'oh', 500)],
  ['500 without a body', { status: 500, body: '' }],
  ['502', page(502)],
  ['503', page(503)],
  ['504', page(504)],
  ['ECONNRESET', 'drop'],
  ['200 that is no JSON', page(200)]
])('%s: may be stored, so it is put again and says so', async (_, reply) => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = inTurn(storedThen(reply), always(reply))
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(duplicated(scenario)).toEqual([true])
  const verdict = scenario.verdict()
  expect(verdict).toMatchObject({ violations: [], repeated: 10 })
  expect(endpoint.puts).toHaveLength(3)
  // The same bytes, so that a reader can tell a repeat.
  expect(endpoint.puts[1]!.input).toEqual(endpoint.puts[0]!.input)
})

it.each([
  ['EPIPE', 'EPIPE', 'write'],
  ['ECONNRESET', 'ECONNRESET', 'read']
])('%s from a client: may be stored', async (_, code, syscall) => {
  const scenario = startMockedScenario()
  const { endpoint, clock } = scenario
  const real = endpoint.kinesis.answer.bind(endpoint.kinesis)
  let calls = 0
  endpoint.faults['PutRecords'] = async (call, store) => {
    if (calls++ > 0) return undefined
    real(call.action, call.input)
    void store
    throw Object.assign(new Error(`${syscall} ${code}`), { code, errno: -32, syscall })
  }
  put(scenario, 3)
  await clock.until(settled(scenario))
  expect(duplicated(scenario)).toEqual([true])
})

it.each([
  ['connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' }],
  ['getaddrinfo ENOTFOUND', { code: 'ENOTFOUND', syscall: 'getaddrinfo' }],
  ['getaddrinfo EAI_AGAIN', { code: 'EAI_AGAIN', syscall: 'getaddrinfo' }],
  ['connect ETIMEDOUT', { code: 'ETIMEDOUT', syscall: 'connect' }],
  ['connect EMFILE', { code: 'EMFILE', syscall: 'connect' }]
])('connect phase (%s): safe; one probe at a time, 100 ms to 5 s apart', async (message, parts) => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } } })
  const { endpoint, ledger, clock } = scenario
  const fail: Fault = () => {
    throw Object.assign(new Error(message), parts)
  }
  await scenario.producer.ready()
  endpoint.faults['PutRecords'] = fail
  put(scenario, 100)
  await clock.run(20_000)
  expect(ledger.of('pending')).toHaveLength(100)
  const tries = endpoint.puts.length
  expect(tries).toBeGreaterThanOrEqual(5)
  expect(tries).toBeLessThanOrEqual(40)
  delete endpoint.faults['PutRecords']
  await clock.run(6000)
  expect(ledger.of('fulfilled')).toHaveLength(100)
  expect(duplicated(scenario)).toEqual([false])
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('permanent: one probe at a time, of one Kinesis record; nothing fails while its answer is awaited', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 4 } }, permanentErrorGraceMs: 1000 })
  const { endpoint, producer, clock, ledger } = scenario
  await Promise.all([producer.ready(), clock.run(50)])
  let answer = (): void => {}
  const late = new Promise<void>(resolve => (answer = resolve))
  endpoint.faults['PutRecords'] = inTurn(always(refusal('AccessDeniedException')), async () => {
    await late
    return undefined
  })
  put(scenario, 100)
  await clock.run(2000)
  void ledger.put(producer, 'later')
  await clock.run(1000)
  expect(endpoint.puts).toHaveLength(2)
  expect(endpoint.puts[0]!.input.Records!.length).toBeGreaterThan(1)
  expect(endpoint.puts[1]!.input.Records).toHaveLength(1)
  expect(ledger.of('pending')).toHaveLength(101)
  answer()
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(101)
})

it('connect phase: one probe at a time for all streams of a client', async () => {
  const names = ['s', 'other', 'third']
  const scenario = startMockedScenario({
    streams: Object.fromEntries(names.map(name => [name, {}])),
    recordTtlMs: Infinity
  })
  const { endpoint, ledger, clock, producer } = scenario
  await Promise.all([...names.map(name => producer.forStream(name).ready()), clock.run(50)])
  let flying = 0
  let most = 0
  endpoint.faults['PutRecords'] = async call => {
    most = Math.max(most, ++flying)
    await new Promise(resolve => setTimeout(resolve, 300))
    flying--
    // The first ones left together, before anybody knew.
    if (call.number <= names.length) most = 0
    throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' })
  }
  for (const stream of names) void ledger.put(producer, 'k', { stream })
  await clock.run(10_000)
  expect(endpoint.puts.length).toBeGreaterThan(names.length + 2)
  expect(most).toBe(1)
  delete endpoint.faults['PutRecords']
  await clock.until(settled(scenario))
})

it('connect phase inside an AggregateError (several addresses): safe', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock } = scenario
  endpoint.faults['PutRecords'] = times(2, () => {
    throw Object.assign(
      new AggregateError([
        Object.assign(new Error('connect ETIMEDOUT'), { code: 'ETIMEDOUT', syscall: 'connect' }),
        Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH', syscall: 'connect' })
      ]),
      { code: 'ETIMEDOUT' }
    )
  })
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(duplicated(scenario)).toEqual([false])
})

it('HTTP/2 REFUSED_STREAM: safe', async () => {
  const scenario = startMockedScenario()
  const { endpoint, clock } = scenario
  endpoint.faults['PutRecords'] = times(2, () => {
    throw Object.assign(new Error('Stream closed with error code NGHTTP2_REFUSED_STREAM'), {
      code: 'ERR_HTTP2_STREAM_ERROR'
    })
  })
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(duplicated(scenario)).toEqual([false])
})

it.each([
  'AccessDeniedException',
  'KMSDisabledException',
  'KMSInvalidStateException',
  'KMSNotFoundException',
  'KMSOptInRequired',
  'IncompleteSignature',
  'UnheardOfException'
])(
  'permanent (%s): probes at 0.2, 0.5, 1, 2, 4 s, ERR_ACCESS_DENIED after 10 s, then one probe per 5 s',
  async name => {
    const scenario = startMockedScenario()
    const { endpoint, ledger, producer, clock } = scenario
    endpoint.faults['PutRecords'] = always(refusal(name, 'no'))
    put(scenario, 10)
    await clock.until(() => endpoint.puts.length > 0)
    const start = endpoint.puts[0]!.at
    await clock.run(15_000)
    expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 10 })
    for (const { error } of ledger.entries) {
      expect(error).toMatchObject({ maybeStored: false, cause: { name } })
      expect(error!.lastAttempts.at(-1)).toMatchObject({ outcome: 'permanent' })
    }
    const probes = endpoint.puts.slice(1).map(({ at }) => (at - start) / 1000)
    for (const [i, expected] of [0.2, 0.5, 1, 2, 4].entries()) {
      // From the opening of the circuit, or each from the one before: both readings keep the figures' order.
      expect(probes[i]).toBeGreaterThanOrEqual(expected * 0.5)
    }
    expect(endpoint.puts.length).toBeLessThanOrEqual(8)

    // Open: later puts fail at once, but for one probe per 5 s with a real record.
    const count = endpoint.puts.length
    for (let i = 0; i < 20; i++) {
      void ledger.put(producer, 'later')
      await clock.run(500)
    }
    expect(endpoint.puts.length - count).toBeGreaterThanOrEqual(1)
    expect(endpoint.puts.length - count).toBeLessThanOrEqual(3)
    expect(ledger.of('pending').length).toBeLessThanOrEqual(1)

    delete endpoint.faults['PutRecords']
    await clock.run(5000)
    void ledger.put(producer, 'probe')
    await clock.run(500)
    expect(ledger.entries.at(-1)!.fate).toBe('fulfilled')
    expect(scenario.verdict().violations).toEqual([])
  }
)

it.each([
  ['403 of a proxy', page(403)],
  ['407 of a proxy', page(407)],
  ['404 of something else', page(404)]
])('%s: permanent and safe', async (_, reply) => {
  const scenario = startMockedScenario({ permanentErrorGraceMs: 1000 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = always(reply)
  put(scenario, 10)
  await clock.run(4000)
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 10 })
  expect(ledger.entries.every(({ error }) => error!.maybeStored)).toBe(false)
})

it('a permanent error that goes away within the grace: all stored once', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(4, always(refusal('AccessDeniedException')))
  put(scenario, 100, 10)
  await clock.run(8000)
  expect(ledger.of('fulfilled')).toHaveLength(100)
  expect(duplicated(scenario)).toEqual([false])
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('Validation that names the stream: its circuit, not its records', async () => {
  const scenario = startMockedScenario({ permanentErrorGraceMs: 2000 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = always(
    refusal(
      'ValidationException',
      "1 validation error detected: Value at 'streamName' failed to satisfy constraint"
    )
  )
  put(scenario, 50, 10)
  await clock.run(1500)
  expect(ledger.of('pending')).toHaveLength(50)
  await clock.run(5000)
  expect(ledger.of('rejected')).toHaveLength(50)
  expect(endpoint.puts.length).toBeLessThanOrEqual(8)
  expect(ledger.entries.every(({ error }) => !error!.maybeStored)).toBe(true)
})

it('413: the bytes of a request are halved until it fits; everything is stored once', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 8 } }, lingerMs: 20 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = bodyLimit(100_000)
  put(scenario, 2000, 200, 500)
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(2000)
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
  const refused = endpoint.puts.filter(({ reply }) => (reply as { status: number }).status === 413)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.length).toBeLessThan(endpoint.puts.length / 2)
})

it('413 for a user record that is alone too large: it fails, the others are stored', async () => {
  const scenario = startMockedScenario({ streams: { s: { shards: 2 } }, lingerMs: 20 })
  const { endpoint, ledger, producer, clock } = scenario
  endpoint.faults['PutRecords'] = bodyLimit(60_000)
  put(scenario, 50, 10, 500)
  void ledger.put(producer, 'big', { bytes: 80_000 })
  put(scenario, 50, 10, 500)
  await clock.until(settled(scenario))
  expect(ledger.codes()).toEqual({ ERR_PUT_REJECTED: 1 })
  expect(ledger.entries[50]!.error).toMatchObject({ maybeStored: false })
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})

it('ExpiredToken: credentials are fetched anew once and the request tried again', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(
    1,
    always(refusal('ExpiredTokenException', 'The security token is expired'))
  )
  put(scenario, 10)
  await clock.run(500)
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(duplicated(scenario)).toEqual([false])
  expect(endpoint.puts).toHaveLength(2)
})

it.each(['ExpiredTokenException', 'UnrecognizedClientException'])(
  '%s that stays: forceRefresh once, then as permanent',
  async name => {
    const scenario = startMockedScenario({ permanentErrorGraceMs: 1000 })
    const { endpoint, ledger, clock } = scenario
    endpoint.faults['PutRecords'] = always(refusal(name))
    put(scenario, 10)
    await clock.run(4000)
    expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 10 })
    expect(ledger.entries[0]!.error).toMatchObject({ maybeStored: false, cause: { name } })
    expect(endpoint.puts.length).toBeLessThanOrEqual(6)
  }
)

it.each([
  ['InvalidSignatureException', 'Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z'],
  ['RequestExpired', 'Request has expired']
])('clock skew (%s): one retry at once, then as permanent', async (name, message) => {
  const scenario = startMockedScenario({ permanentErrorGraceMs: 1000, lingerMs: 0 })
  const { endpoint, ledger, clock } = scenario
  endpoint.faults['PutRecords'] = times(1, always(refusal(name, message)))
  put(scenario, 10)
  await clock.run(150)
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(endpoint.puts[1]!.at - endpoint.puts[0]!.at).toBeLessThanOrEqual(50)

  endpoint.faults['PutRecords'] = always(refusal(name, message))
  put(scenario, 10)
  await clock.run(4000)
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 10 })
})

it('an error that nobody knows: may be stored, tried again, one warning names it', async () => {
  const scenario = startMockedScenario()
  const { endpoint, ledger, clock, warnings } = scenario
  endpoint.faults['PutRecords'] = times(2, () => {
    throw Object.assign(new Error('the flux is low'), { name: 'FluxError' })
  })
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(10)
  expect(duplicated(scenario)).toEqual([true])
  expect(warnings.filter(({ message }) => message.includes('FluxError'))).toHaveLength(1)
})

it('ExpiredToken again, after a success: credentials are fetched anew again', async () => {
  const scenario = startMockedScenario({ permanentErrorGraceMs: 0 })
  const { endpoint, ledger, clock } = scenario
  const expired = always(refusal('ExpiredTokenException'))
  endpoint.faults['PutRecords'] = inTurn(expired, undefined, expired)
  put(scenario, 10)
  await clock.until(settled(scenario))
  put(scenario, 10)
  await clock.until(settled(scenario))
  expect(ledger.of('fulfilled')).toHaveLength(20)
  expect(endpoint.puts).toHaveLength(4)
})

it('Validation that names nothing: a record over 1 MiB is the first suspect', async () => {
  const scenario = startMockedScenario({
    streams: { s: { shards: 8 } },
    maxRecordBytes: 4 << 20,
    lingerMs: 0
  })
  const { endpoint, ledger, clock, producer } = scenario
  // Requests begin at 1 MiB, and grow with each success.
  for (let i = 0; i < 12; i++) {
    put(scenario, 1)
    await clock.until(settled(scenario))
  }
  const from = endpoint.puts.length
  endpoint.faults['PutRecords'] = ({ input }) =>
    input.Records!.some(({ Data }) => Data.length > 1 << 20)
      ? refusal('ValidationException', 'no')
      : undefined
  void ledger.put(producer, 'large', { bytes: (1 << 20) + 100 })
  put(scenario, 64)
  await clock.until(settled(scenario))
  expect(ledger.codes()).toEqual({ ERR_PUT_REJECTED: 1 })
  expect(ledger.of('fulfilled')).toHaveLength(76)
  // All, it alone, and the others.
  expect(
    endpoint.puts
      .slice(from)
      .map(({ input }) => input.Records!.length)
      .slice(0, 3)
  ).toEqual([8, 1, 7])
  expect(scenario.verdict()).toMatchObject({ violations: [], repeated: 0 })
})
