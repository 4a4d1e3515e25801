import type { ChildProcess } from 'node:child_process'
import { expect, it, onTestFinished } from 'vitest'
import { runChild } from '../support/child'
import { Endpoint, refusal } from '../support/endpoint'
import { always } from '../support/faults'
import { sightings, storedIn } from '../support/judge'
import { startScenario } from '../support/scenario'

async function startEndpoint(shards = 4) {
  const endpoint = new Endpoint({ s: { shards } })
  onTestFinished(() => endpoint.stop())
  const { url } = await endpoint.listen()
  const seen = (): number[] => sightings(storedIn(endpoint.stream('s'))).map(({ id }) => id)
  return { endpoint, url, seen }
}

/** The scenario's 20 s with `LONG=1`; 3 s fill the 32 MiB that may wait as well. */
const HANG_MS = process.env['LONG'] === '1' ? 20_000 : 3000

it(
  '9: hang at 30,000/s: memory is bounded, all accepted are stored, the refused were told',
  async () => {
    // 16 shards take what waited in 2 s.
    const { endpoint, url, seen } = await startEndpoint(16)
    let hang: Promise<void> | undefined
    let release = (): void => {}
    endpoint.faults['PutRecords'] = async () => {
      await hang
      return undefined
    }
    let child: ChildProcess | undefined
    const ended = await runChild(
      './hang.mjs',
      url,
      [String(HANG_MS), '30000', '500'],
      output => {
        if (output.includes('written')) release()
        if (hang !== undefined || !output.includes('warm')) return
        hang = new Promise(resolve => (release = resolve))
        child!.stdin!.end('go on\n')
      },
      started => {
        child = started
      }
    )
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const told = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Record<string, number>
    expect(told['other']).toBe(0)
    expect(told['refused']).toBeGreaterThan(0)
    const ids = seen()
    expect(new Set(ids).size).toBe(told['written']! - told['refused']!)
    // Pending records stay under the default limit of 32 MiB.
    expect(told['growth']! / 2 ** 20).toBeLessThanOrEqual(2 * 32 + 40)
  },
  HANG_MS + 240_000
)

it('16: a script that ends right after 1,000 writes: all stored, exit code 0', async () => {
  const { url, seen } = await startEndpoint()
  const ended = await runChild('./write-and-end.mjs', url)
  expect(ended).toMatchObject({ code: 0, stderr: '', stdout: '' })
  expect(seen().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
})

it('16: process.exit() right after 1,000 writes: stderr names the count, in one line', async () => {
  const { url, seen } = await startEndpoint()
  const ended = await runChild('./write-and-end.mjs', url, ['exit'])
  expect(ended.code).toBe(0)
  expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  expect(ended.stderr).toMatch(/\b1,?000\b/)
  expect(seen()).toEqual([])
})

it('16: with nothing pending, an open producer does not hold the process', async () => {
  const { url, seen } = await startEndpoint()
  // The server keeps connections for ever: they must not hold the process either.
  const ended = await runChild('./write-and-end.mjs', url, ['idle'])
  expect(ended).toMatchObject({ code: 0, stdout: 'stored\n', stderr: '' })
  expect(seen()).toEqual([0])
})

it('18: un-awaited failing puts: one unhandledRejection each', async () => {
  const { endpoint, url } = await startEndpoint()
  endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException'))
  const heard = await runChild('./write-and-end.mjs', url, ['rejects'])
  expect(heard.stdout.trim().split('\n').toSorted()).toEqual([0, 1, 2].map(i => `ERR_ACCESS_DENIED ${i}`))
  expect(heard.code).toBe(0)
  const unheard = await runChild('./write-and-end.mjs', url, ['rejects-unheard'])
  expect(unheard.code).toBe(1)
  expect(unheard.stderr).toMatch(/ERR_ACCESS_DENIED/)
})

it('18: failing writes: no rejection, a failed event each, and every flush that waited rejects', async () => {
  const { endpoint, producer, ledger } = await startScenario({ lingerMs: 20, permanentErrorGraceMs: 200 })
  const unhandled: unknown[] = []
  const listener = (error: unknown): void => void unhandled.push(error)
  process.on('unhandledRejection', listener)
  onTestFinished(() => void process.off('unhandledRejection', listener))
  endpoint.faults['PutRecords'] = always(refusal('AccessDeniedException'))
  for (let i = 0; i < 10; i++) ledger.write(producer, `key-${i}`)
  const flushes = await Promise.allSettled([producer.flush(), producer.flush(), producer.flush()])
  for (const flush of flushes) {
    expect(flush).toMatchObject({
      status: 'rejected',
      reason: { code: 'ERR_FLUSH_INCOMPLETE', delivered: 0, failed: 10 }
    })
  }
  expect(ledger.codes()).toEqual({ ERR_ACCESS_DENIED: 10 })
  expect(ledger.entries.every(({ told }) => told === 1)).toBe(true)
  await producer.flush() // Told once: nothing waits now, and 'failed' was heard.
  await new Promise(resolve => setImmediate(resolve))
  expect(unhandled).toEqual([])
})
