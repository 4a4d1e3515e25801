import { once } from 'node:events'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { aggregate, deaggregateSync } from 'kinesis-agg'

const root = join(__dirname, '..', '..')
const file = join(__dirname, '..', 'support', 'codec-worker.cjs')

describe('worker threads', () => {
  it('four run the codec at once, each with memory of its own, and end well', async () => {
    const workers = [1, 2, 3, 4].map(id => new Worker(file, { workerData: { id, rounds: 40, root } }))
    const done = Promise.all(
      workers.map(async worker => {
        const messages: unknown[] = []
        worker.on('message', message => messages.push(message))
        const [code] = await once(worker, 'exit')
        return [code, ...messages]
      })
    )
    // The main thread works too.
    const records = [{ partitionKey: 'main', data: 'x' }]
    for (let i = 0; i < 1000; i++) expect(deaggregateSync(aggregate(records))[0]!.partitionKey).toBe('main')
    expect(await done).toEqual(workers.map(() => [0, 40 * 300]))
  })

  it('come and go', async () => {
    for (let i = 0; i < 5; i++) {
      const worker = new Worker(file, { workerData: { id: i, rounds: 1, root } })
      expect(await once(worker, 'exit')).toEqual([0])
    }
  })

  it('read memory that is shared, while another writes to it', async () => {
    const { data } = aggregate(
      Array.from({ length: 500 }, (_, i) => ({ partitionKey: `k${i}`, data: 'x'.repeat(20) }))
    )[0]!
    const shared = new SharedArrayBuffer(data.length)
    const bytes = new Uint8Array(shared)
    bytes.set(data)
    const code = `
      const { workerData, parentPort } = require('node:worker_threads')
      const bytes = new Uint8Array(workerData)
      parentPort.postMessage('writing')
      for (;;)
        for (let i = 4; i < bytes.length; i += 97) bytes[i] ^= 0xff
    `
    const writer = new Worker(code, { eval: true, workerData: shared })
    await once(writer, 'message')
    const codes = new Set<unknown>()
    // As long as it takes where both have one core.
    const start = Date.now()
    for (
      let ms = 0;
      ms < 700 || (!codes.has('ERR_INVALID_CHECKSUM') && ms < 60_000);
      ms = Date.now() - start
    ) {
      for (const computeChecksums of [true, false]) {
        try {
          expect(deaggregateSync({ Data: bytes }, { computeChecksums }).length).toBeGreaterThanOrEqual(0)
          deaggregateSync({ Data: bytes }, computeChecksums, error => {
            if (error !== undefined) throw error
          })
        } catch (error) {
          codes.add((error as { code: unknown }).code)
        }
      }
    }
    // The writer was noticed, and by nothing else than these.
    expect(codes).toContain('ERR_INVALID_CHECKSUM')
    codes.delete('ERR_MALFORMED_RECORD')
    expect([...codes]).toEqual(['ERR_INVALID_CHECKSUM'])
    await writer.terminate()
  })
})
