/** flush, close, abort, dispose. */
import { expect, it, vi } from 'vitest'
import { refusal } from '../support/endpoint'
import { always, storedThen } from '../support/faults'
import { startMockedScenario } from '../support/scenario'

it('flush covers what was accepted before the call, waives linger, and ends when each is settled', async () => {
  const { producer, clock, ledger } = startMockedScenario({ lingerMs: 60_000 })
  await Promise.all([producer.ready(), clock.run(50)])
  for (let i = 0; i < 50; i++) ledger.write(producer, `key-${i}`)
  let flushed = false
  const flush = producer.flush().then(() => (flushed = true))
  await clock.run(200)
  expect(flushed).toBe(true)
  await flush
  expect(ledger.entries).toHaveLength(50)
})

it('flush does not wait for what comes later', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({
    streams: { s: { shards: 2 } },
    lingerMs: 50
  })
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = async ({ input }) => {
    if (input.Records!.some(({ PartitionKey }) => PartitionKey === 'b')) return 'mute'
    await new Promise(resolve => setTimeout(resolve, 300))
    return undefined
  }
  const [low, high] = endpoint.stream('s').openShards
  void ledger.put(producer, 'a', { explicitHashKey: String(low!.startingHashKey) })
  let flushed = false
  void producer.flush().then(() => (flushed = true))
  await clock.run(30)
  void ledger.put(producer, 'b', { explicitHashKey: String(high!.startingHashKey) })
  await clock.run(1000)
  expect(flushed).toBe(true)
  expect(ledger.entries.map(({ fate }) => fate)).toEqual(['fulfilled', 'pending'])
})

it("a flush's signal ends the wait only", async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario()
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 1000))
    return store()
  }
  void ledger.put(producer, 'a')
  const controller = new AbortController()
  const flush = producer.flush({ signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(flush).rejects.toThrow('enough')
  await clock.run(2000)
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
})

it('close refuses new records, flushes, and is the same promise when called again', async () => {
  const { producer, clock, ledger } = startMockedScenario({ lingerMs: 60_000 })
  for (let i = 0; i < 50; i++) ledger.write(producer, `key-${i}`)
  const close = producer.close()
  expect(producer.close()).toBe(close)
  void ledger.put(producer, 'late')
  ledger.write(producer, 'late')
  await clock.run(1500)
  await close
  expect(ledger.codes()).toEqual({ ERR_PRODUCER_CLOSED: 2 })
  expect(ledger.of('rejected').every(({ error }) => !error!.maybeStored)).toBe(true)
})

it('close has no limit of its own: the TTL of the records bounds it', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({ recordTtlMs: 20_000 })
  endpoint.faults['PutRecords'] = always(refusal('ThrottlingException'))
  void ledger.put(producer, 'a')
  let closed = false
  const close = producer.close().then(
    () => (closed = true),
    () => (closed = true)
  )
  await clock.run(15_000)
  expect(closed).toBe(false)
  await clock.run(8000)
  await close
  expect(ledger.codes()).toEqual({ ERR_RECORD_EXPIRED: 1 })
})

it('the earlier deadline of two closes wins; what was never sent is not stored, what is in flight may be', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({ lingerMs: 0 })
  await Promise.all([producer.ready(), clock.run(50)])
  endpoint.faults['PutRecords'] = storedThen('mute')
  void ledger.put(producer, 'a')
  await clock.run(100)
  void ledger.put(producer, 'a') // Waits behind the first.
  const close = producer.close({ timeoutMs: 5000 }).catch((error: unknown) => error)
  void producer.close({ timeoutMs: 1000 }).catch(() => {})
  await clock.run(900)
  expect(ledger.of('pending')).toHaveLength(2)
  await clock.run(200)
  await close
  expect(ledger.entries.map(({ error }) => [error!.code, error!.maybeStored])).toEqual([
    ['ERR_PRODUCER_ABORTED', true],
    ['ERR_PRODUCER_ABORTED', false]
  ])
  expect(verdict().violations).toEqual([])
})

it('close rejects if a written record failed that it waited for', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({ permanentErrorGraceMs: 200 })
  endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException'))
  for (let i = 0; i < 4; i++) ledger.write(producer, `key-${i}`)
  const close = producer.close().catch((error: unknown) => error)
  await clock.run(3000)
  expect(await close).toMatchObject({ code: 'ERR_FLUSH_INCOMPLETE', failed: 4 })
})

it('abort: at once; nothing is sent after it', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario()
  await Promise.all([producer.ready(), clock.run(50)])
  for (let i = 0; i < 10; i++) void ledger.put(producer, `key-${i}`)
  producer.abort(new Error('no more'))
  await clock.run(5)
  expect(ledger.codes()).toEqual({ ERR_PRODUCER_ABORTED: 10 })
  expect(ledger.of('rejected').every(({ error }) => !error!.maybeStored)).toBe(true)
  await clock.run(5000)
  expect(endpoint.puts).toHaveLength(0)
})

it('await using closes', async () => {
  const { producer, clock, ledger } = startMockedScenario({ lingerMs: 60_000 })
  void ledger.put(producer, 'a')
  const disposed = producer[Symbol.asyncDispose]()
  await clock.run(1500)
  await disposed
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
  await expect(producer.put({ partitionKey: 'a', data: 'x' })).rejects.toMatchObject({
    code: 'ERR_PRODUCER_CLOSED'
  })
})

it('after close the producer has no timers and makes no calls', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario()
  for (let i = 0; i < 10; i++) void ledger.put(producer, `key-${i}`)
  const close = producer.close()
  await clock.run(1500)
  await close
  expect(vi.getTimerCount()).toBe(0)
  const calls = endpoint.calls.length
  await clock.run(60_000, 100)
  expect(endpoint.calls).toHaveLength(calls)
})

it('timeoutMs beyond 2^31 - 1 does not fire at once', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario()
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 1000))
    return store()
  }
  void ledger.put(producer, 'a')
  const close = producer.close({ timeoutMs: 2 ** 31 + 5 })
  await clock.run(3000)
  await close
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
})
