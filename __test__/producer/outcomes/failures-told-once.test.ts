/** Who is told of a failure, and that it is told once. */
import type { EventEmitter } from 'node:events'
import type { PutError } from 'kinesis-agg/producer'
import { expect, it, onTestFinished, vi } from 'vitest'
import { refusal } from '../support/endpoint'
import { always } from '../support/faults'
import { startMockedScenario } from '../support/scenario'

const DENIED = { permanentErrorGraceMs: 300, lingerMs: 20 }

function denied(options: object = {}) {
  const scenario = startMockedScenario({ ...DENIED, ...options })
  scenario.endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException'))
  return scenario
}

it("a put that fails is no 'failed' event", async () => {
  const { producer, clock, ledger } = denied()
  const events: PutError[] = []
  producer.on('failed', error => events.push(error))
  void ledger.put(producer, 'k')
  await clock.run(3000)
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 1 })
  expect(events).toEqual([])
})

it("without a 'failed' listener the next flush rejects, once, and the process is warned", async () => {
  const { producer, clock } = denied()
  producer.removeAllListeners('failed')
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  for (let i = 0; i < 5; i++) producer.write({ partitionKey: `k${i}`, data: `${i}:` })
  await clock.run(3000)
  expect(emitted).toHaveBeenCalledTimes(1)
  const first = producer.flush()
  await expect(first).rejects.toMatchObject({ code: 'ERR_FLUSH_INCOMPLETE', failed: 5 })
  await producer.flush()
})

it('the process is warned at most once per 10 s', async () => {
  const { producer, clock } = denied()
  producer.removeAllListeners('failed')
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  for (let i = 0; i < 9; i++) {
    producer.write({ partitionKey: 'k', data: `${i}:` })
    await clock.run(1000)
  }
  expect(emitted).toHaveBeenCalledTimes(1)
  for (let i = 0; i < 6; i++) {
    producer.write({ partitionKey: 'k', data: `${i}:` })
    await clock.run(1000)
  }
  expect(emitted).toHaveBeenCalledTimes(2)
  producer.on('failed', () => {})
  await producer.close().catch(() => {})
})

it('IncompleteError: counts and the first 100 errors', async () => {
  const { endpoint, producer, clock, ledger } = denied()
  for (let i = 0; i < 250; i++) ledger.write(producer, `key-${i}`)
  const flush = producer.flush().catch((error: unknown) => error as { errors: PutError[]; failed: number })
  await clock.run(3000)
  const error = (await flush)!
  expect(error.failed).toBe(250)
  expect(error.errors).toHaveLength(100)
  expect(error.errors[0]).toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  expect(endpoint.stream('s').records).toHaveLength(0)
})

it('an exception of a listener is rethrown later, and harms nobody', async () => {
  const { producer, clock, ledger } = denied()
  const caught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => caught.push(error))
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of listeners) process.on('uncaughtException', listener)
  })
  producer.on('failed', ({ context }) => {
    throw new Error(`listener of ${String(context)}`)
  })
  for (let i = 0; i < 3; i++) ledger.write(producer, `key-${i}`)
  void ledger.put(producer, 'k')
  await clock.run(3000)
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 4 })
  expect(caught.map(error => (error as Error).message)).toEqual([0, 1, 2].map(i => `listener of ${i}`))
})

it('put and write from listeners are legal', async () => {
  const { endpoint, producer, clock, ledger } = denied()
  let again = 0
  producer.on('failed', () => {
    if (again++ > 0) return
    delete endpoint.faults['PutRecords']
    void ledger.put(producer, 'from-listener')
    ledger.write(producer, 'from-listener')
  })
  ledger.write(producer, 'k')
  await clock.run(15_000)
  await Promise.all([producer.flush(), clock.run(100)])
  const own = ledger.entries.filter(({ key }) => key === 'from-listener')
  expect(own).toHaveLength(2)
  // The circuit is open when they come: told at once, or stored by the next probe.
  expect(own.every(({ fate, error }) => fate !== 'rejected' || error!.code === 'ERR_ACCESS_DENIED')).toBe(
    true
  )
})

it("writing from 'failed' for ever does not recurse", async () => {
  const { producer, clock } = denied()
  const told = { count: 0 }
  producer.on('failed', () => {
    if (told.count++ < 5000) producer.write({ partitionKey: 'x'.repeat(300), data: '1:' })
  })
  producer.write({ partitionKey: 'x'.repeat(300), data: '1:' })
  await clock.run(500)
  for (let i = 0; told.count < 5000 && i < 50_000; i++) await new Promise(resolve => setImmediate(resolve))
  expect(told.count).toBeGreaterThanOrEqual(5000)
})

it("never an 'error' event; a mass failure leaves the loop turns in between", async () => {
  const { producer, clock, ledger } = denied({ maxPendingRecords: 100_000 })
  const errors: unknown[] = []
  const plain: EventEmitter = producer
  plain.on('error', error => errors.push(error))
  for (let i = 0; i < 20_000; i++) void ledger.put(producer, `key-${i % 100}`)
  let settledAtMost = 0
  let before = 0
  const watch = (): void => {
    const now = ledger.entries.reduce((sum, { told }) => sum + told, 0)
    settledAtMost = Math.max(settledAtMost, now - before)
    before = now
    if (now < 20_000) setImmediate(watch)
  }
  setImmediate(watch)
  await clock.run(3000, 50)
  for (let i = 0; ledger.of('pending').length > 0 && i < 1000; i++) await clock.run(5)
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 20_000 })
  expect(settledAtMost).toBeLessThanOrEqual(4000)
  expect(errors).toEqual([])
})
