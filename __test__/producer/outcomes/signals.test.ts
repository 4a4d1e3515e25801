/** AbortSignal of put. */
import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { failEntries, storedThen, times } from '../support/faults'
import { startMockedScenario } from '../support/scenario'

it('takes out a waiting record; it never arrives', async () => {
  const { producer, clock, ledger, verdict } = startMockedScenario()
  const controller = new AbortController()
  for (let i = 0; i < 10; i++) {
    void ledger.put(producer, 'k', i % 2 === 0 ? { signal: controller.signal } : {})
  }
  const reason = new Error('too late')
  controller.abort(reason)
  await clock.run(500)
  expect(ledger.codes()).toEqual({ ABORT_ERR: 5 })
  for (const { error } of ledger.of('rejected')) {
    expect(error).toMatchObject({ name: 'AbortError', cause: reason, maybeStored: false, attempts: 0 })
  }
  expect(verdict()).toMatchObject({ violations: [] })
  expect(verdict().sightings).toHaveLength(5)
})

it('aborted already: refused', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario()
  void ledger.put(producer, 'k', { signal: AbortSignal.abort() })
  await clock.run(500)
  expect(ledger.codes()).toEqual({ ABORT_ERR: 1 })
  expect(endpoint.puts).toHaveLength(0)
})

it('in flight: runs to its outcome', async () => {
  const { endpoint, producer, clock, ledger } = startMockedScenario({ lingerMs: 0 })
  endpoint.faults['PutRecords'] = async (_, store) => {
    await new Promise(resolve => setTimeout(resolve, 500))
    return store()
  }
  const controller = new AbortController()
  void ledger.put(producer, 'k', { signal: controller.signal })
  await clock.run(200)
  expect(endpoint.puts).toHaveLength(1)
  controller.abort()
  await clock.run(1000)
  expect(ledger.entries[0]!.fate).toBe('fulfilled')
})

it('waiting after safe attempts: taken out of its aggregate; the others go on', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario()
  endpoint.faults['PutRecords'] = times(
    3,
    failEntries(() => 'ProvisionedThroughputExceededException')
  )
  const controller = new AbortController()
  for (let i = 0; i < 6; i++) void ledger.put(producer, 'k', i === 3 ? { signal: controller.signal } : {})
  await clock.until(() => endpoint.puts.length === 1)
  await clock.run(5)
  controller.abort()
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.of('rejected').map(({ id, error }) => [id, error!.code, error!.maybeStored])).toEqual([
    [3, 'ABORT_ERR', false]
  ])
  expect(verdict()).toMatchObject({ violations: [], repeated: 0 })
  expect(verdict().sightings).toHaveLength(5)
})

it('waiting after an attempt that may be stored: stays, since it cannot be taken back', async () => {
  const { endpoint, producer, clock, ledger, verdict } = startMockedScenario({ lingerMs: 0 })
  endpoint.faults['PutRecords'] = times(1, storedThen('drop'))
  const controller = new AbortController()
  void ledger.put(producer, 'k', { signal: controller.signal })
  await clock.until(() => endpoint.puts.length === 1)
  controller.abort()
  await clock.until(() => ledger.of('pending').length === 0)
  expect(ledger.entries[0]!.result).toMatchObject({ maybeDuplicated: true })
  expect(verdict().violations).toEqual([])
})

it('one listener for all records of a signal, gone with the last', async () => {
  const { producer, clock, ledger } = startMockedScenario()
  const { signal } = new AbortController()
  for (let i = 0; i < 100; i++) void ledger.put(producer, `key-${i}`, { signal })
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  await clock.run(500)
  expect(ledger.of('fulfilled')).toHaveLength(100)
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})
