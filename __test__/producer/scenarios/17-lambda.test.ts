import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IncompleteError } from 'kinesis-agg/producer'
import { expect, it, onTestFinished } from 'vitest'
import { contextWith } from '../../support/lambda-context'
import { runChild } from '../support/child'
import { Endpoint, refusal } from '../support/endpoint'
import { sightings, storedIn } from '../support/judge'
import { startMockedScenario, startScenario } from '../support/scenario'

/** The scenario's 30 s with `LONG=1`; 5 s are over the child's `recordTtlMs` as well. */
const FREEZE_MS = process.env['LONG'] === '1' ? 30_000 : 5000

interface Return {
  isRight: boolean
  pendingRecords: number
  unsettled: number
}

it(
  '17: 50 invocations, two at a time, the sandbox stopped twice: nothing is pending at any return',
  async () => {
    const endpoint = new Endpoint({ a: { shards: 2 }, b: { shards: 2 } })
    onTestFinished(() => endpoint.stop())
    const { url } = await endpoint.listen()
    let child: ChildProcess | undefined
    let freezes = 0
    const freeze = async (): Promise<void> => {
      freezes++
      child!.kill('SIGSTOP')
      await sleep(FREEZE_MS)
      child!.kill('SIGCONT')
    }
    let wasIdle = false
    let wasFrozenInFlight = false
    endpoint.faults['PutRecords'] = async (_, store) => {
      await sleep(20)
      const answer = await store()
      if (wasIdle && !wasFrozenInFlight) {
        wasFrozenInFlight = true
        await freeze()
      }
      return answer
    }
    const ended = await runChild(
      './lambda.mjs',
      url,
      [],
      output => {
        if (wasIdle || !output.includes('idle')) return
        wasIdle = true
        void freeze().then(() => child!.stdin!.end('go on\n'))
      },
      started => {
        child = started
      }
    )
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(freezes).toBe(2)
    const [idle, told] = ended.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { idle?: number; returns?: Return[] })
    expect(idle).toEqual({ idle: 0 })
    expect(told!.returns).toEqual(
      Array.from({ length: 50 }, () => ({ isRight: true, pendingRecords: 0, unsettled: 0 }))
    )
    for (const stream of ['a', 'b']) {
      const ids = sightings(storedIn(endpoint.stream(stream))).map(({ id }) => id)
      // What was in flight when the sandbox stopped may come again.
      expect([...new Set(ids)].toSorted((x, y) => x - y)).toEqual(Array.from({ length: 500 }, (_, i) => i))
    }
  },
  2 * FREEZE_MS + 240_000
)

it('17: deadline too short: the handler rejects in time, and its error tells the fate of each record', async () => {
  const { endpoint, producer, clock } = startMockedScenario({ lingerMs: 0, requestTimeoutMs: 60_000 })
  await Promise.all([producer.ready(), clock.run(50)])
  let go = (): void => {}
  const hang = new Promise<void>(resolve => (go = resolve))
  endpoint.faults['PutRecords'] = async () => {
    await hang
    return undefined
  }
  const handler = producer.wrapHandler(async (_event: unknown, _context: unknown) => {
    producer.write({ partitionKey: 'k', data: 'sent', context: 'sent' })
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(producer.stats().inFlight).toBe(1)
    producer.write({ partitionKey: 'k', data: 'waits', context: 'waits' })
    return 'lost'
  })
  const start = clock.now
  let error!: IncompleteError
  const ended = handler(undefined, contextWith(700)).catch((reason: unknown) => {
    error = reason as IncompleteError
  })
  await clock.until(() => error !== undefined)
  await ended
  // 500 ms are kept in reserve.
  expect(clock.now - start).toBe(200)
  expect(error).toMatchObject({ code: 'ERR_FLUSH_INCOMPLETE', delivered: 0, failed: 2 })
  expect(error.errors.map(({ context, maybeStored }) => ({ context, maybeStored }))).toEqual([
    { context: 'sent', maybeStored: true },
    { context: 'waits', maybeStored: false }
  ])
  go()
  await Promise.all([producer.flush(), clock.run(100)])
  expect(endpoint.stream('s').records.map(({ data }) => data.toString())).toEqual(['sent', 'waits'])
})

it("17: one invocation's failure is not another's", async () => {
  const { endpoint, producer } = await startScenario({
    streams: { good: {}, bad: {} },
    lingerMs: 5,
    permanentErrorGraceMs: 100
  })
  endpoint.faults['PutRecords'] = ({ input }) =>
    input.StreamName === 'bad' ? refusal('AccessDeniedException') : undefined
  const handler = producer.wrapHandler(async (stream: string, _context: unknown) => {
    for (let i = 0; i < 5; i++) {
      producer.write({ stream, partitionKey: 'k', data: `${i}`, context: stream })
      await sleep(5)
    }
    return stream
  })
  // The good one is under way for as long as the bad one.
  const [good, bad, later] = await Promise.allSettled([
    handler('good', contextWith(10_000)),
    handler('bad', contextWith(10_000)),
    sleep(50).then(() => handler('good', contextWith(10_000)))
  ])
  expect(good).toEqual({ status: 'fulfilled', value: 'good' })
  expect(later).toEqual({ status: 'fulfilled', value: 'good' })
  expect(bad).toMatchObject({
    status: 'rejected',
    reason: { code: 'ERR_FLUSH_INCOMPLETE', delivered: 0, failed: 5 }
  })
  const { errors } = (bad as PromiseRejectedResult).reason as IncompleteError
  expect(errors.every(({ code, context }) => code === 'ERR_ACCESS_DENIED' && context === 'bad')).toBe(true)
})
