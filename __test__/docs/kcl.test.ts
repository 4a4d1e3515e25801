/** examples/kcl/processor.mjs under a stand-in for the daemon. `npm run interop -- --only kcl-multilang` has the real one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { aggregate, deaggregateSync } from 'kinesis-agg'
import { Endpoint, type Fault, json } from '../producer/support/endpoint'
import { storedIn } from '../producer/support/judge'
import { type DaemonRecord, KclDaemon } from '../support/kcl-daemon'
import { blocks } from '../support/pages'

const file = join(__dirname, '..', '..', 'examples', 'kcl', 'processor.mjs')

const status = (responseFor: string) => ({ action: 'status', responseFor })
/** aws-kcl leaves the place to the daemon, which knows the sub-sequence number too. */
const checkpoint = { action: 'checkpoint', sequenceNumber: null }

/** Something that prints, as a library may. */
const PRINTS = `--import=data:text/javascript,process.on('exit',()=>console.log('a_library_speaks'))`

interface Setup {
  checkpointMs?: number
  nodeOptions?: string
  PutRecords?: Fault
}

async function start({ checkpointMs = 0, nodeOptions = '', PutRecords }: Setup = {}) {
  const endpoint = new Endpoint({ target: { shards: 2 } })
  if (PutRecords !== undefined) endpoint.faults = { PutRecords }
  const { url } = await endpoint.listen()
  const daemon = new KclDaemon(file, {
    AWS_ENDPOINT_URL_KINESIS: url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    NODE_NO_WARNINGS: '1',
    NODE_OPTIONS: nodeOptions,
    TARGET_STREAM: 'target',
    CHECKPOINT_MS: String(checkpointMs)
  })
  onTestFinished(async () => {
    daemon.kill()
    await daemon.exit()
    await endpoint.stop()
  })
  const shard = { shardId: 'shardId-000000000003', sequenceNumber: 'TRIM_HORIZON', subSequenceNumber: 0 }
  expect(await daemon.run('initialize', shard)).toEqual([status('initialize')])
  return { daemon, endpoint }
}

/** User records as the daemon takes them out of aggregates of 10. */
const batch = (count: number, from = 0): DaemonRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    action: 'record',
    data: Buffer.from(`record ${from + i}`).toString('base64'),
    partitionKey: `clé-${(from + i) % 7}-我`,
    sequenceNumber: String(4_968_000 + Math.floor((from + i) / 10)),
    subSequenceNumber: (from + i) % 10,
    approximateArrivalTimestamp: 1_795_643_868_308
  }))

const stored = (endpoint: Endpoint) =>
  deaggregateSync(
    storedIn(endpoint.stream('target')).map(({ data, partitionKey }) => ({ data, partitionKey }))
  )

const asPut = (records: DaemonRecord[]) =>
  records.map(({ data, partitionKey }) => `${partitionKey} ${Buffer.from(data, 'base64').toString()}`)

const asStored = (endpoint: Endpoint) =>
  stored(endpoint).map(({ data, partitionKey }) => `${partitionKey} ${data.toString()}`)

describe('examples/kcl', () => {
  it('aggregates what the daemon took apart again, and leaves standard output to the messages', async () => {
    const { daemon, endpoint } = await start({ nodeOptions: PRINTS })
    const records = batch(1000)
    expect(await daemon.run('processRecords', { records, millisBehindLatest: 0 })).toEqual([
      checkpoint,
      status('processRecords')
    ])
    expect(asStored(endpoint).toSorted()).toEqual(asPut(records).toSorted())
    expect(stored(endpoint).filter(({ aggregated }) => !aggregated)).toEqual([])
    expect(storedIn(endpoint.stream('target')).length).toBeLessThan(10)
    expect(await daemon.end()).toBe(0)
    expect(await daemon.next()).toBeUndefined()
    expect([daemon.strayLines, daemon.stderr]).toEqual([[], 'a_library_speaks\n'])
  })

  it('hands on as it is what KCL could not take apart', async () => {
    const { daemon, endpoint } = await start()
    const damaged = Buffer.from(aggregate([{ partitionKey: 'k', data: 'x' }])[0]!.data)
    damaged[damaged.length - 1]! ^= 1
    const [record] = batch(1)
    await daemon.run('processRecords', { records: [{ ...record, data: damaged.toString('base64') }] })
    expect(storedIn(endpoint.stream('target')).map(({ data }) => data)).toEqual([damaged])
  })

  it('checkpoints only after the records are stored', async () => {
    let release!: () => void
    const released = new Promise<void>(resolve => (release = resolve))
    const { daemon, endpoint } = await start({
      PutRecords: async (_, store) => {
        await released
        return store()
      }
    })
    daemon.send('processRecords', { records: batch(10) })
    const first = daemon.next()
    await vi.waitUntil(() => endpoint.puts.length === 1, 60_000)
    expect(await Promise.race([first, sleep(300, 'nothing yet')])).toBe('nothing yet')
    release()
    expect(await first).toEqual(checkpoint)
    expect(stored(endpoint)).toHaveLength(10)
  })

  it('does not checkpoint before it is time, and flushes first when the shard ends', async () => {
    const { daemon, endpoint } = await start({ checkpointMs: 3_600_000 })
    for (const from of [0, 100]) {
      expect(await daemon.run('processRecords', { records: batch(100, from) })).toEqual([
        status('processRecords')
      ])
    }
    daemon.send('shardEnded')
    expect(await daemon.next()).toEqual(checkpoint)
    expect(asStored(endpoint).toSorted()).toEqual(asPut(batch(200)).toSorted())
    daemon.send('checkpoint', { sequenceNumber: null, subSequenceNumber: null, error: null })
    expect(await daemon.next()).toEqual(status('shardEnded'))
  })

  it('flushes and checkpoints when a shutdown is requested', async () => {
    const { daemon, endpoint } = await start({ checkpointMs: 3_600_000 })
    await daemon.run('processRecords', { records: batch(100) })
    daemon.send('shutdownRequested')
    expect(await daemon.next()).toEqual(checkpoint)
    expect(stored(endpoint)).toHaveLength(100)
    daemon.send('checkpoint', { error: null })
    expect(await daemon.next()).toEqual(status('shutdownRequested'))
  })

  it('does not checkpoint when the lease is lost', async () => {
    const { daemon } = await start({ checkpointMs: 3_600_000 })
    await daemon.run('processRecords', { records: batch(100) })
    expect(await daemon.run('leaseLost')).toEqual([status('leaseLost')])
    expect(await daemon.end()).toBe(0)
    expect(daemon.stderr).toBe('shardId-000000000003: lease lost\n')
  })

  it('ends without a checkpoint if a record cannot be put', async () => {
    const { daemon } = await start({
      PutRecords: ({ input }) =>
        json({
          FailedRecordCount: input.Records!.length,
          Records: input.Records!.map(() => ({ ErrorCode: 'InvalidArgumentException', ErrorMessage: 'no' }))
        })
    })
    expect(await daemon.run('processRecords', { records: batch(10) })).toEqual([undefined])
    expect(await daemon.exit()).toBe(1)
    expect(daemon.stderr).toContain('ERR_FLUSH_INCOMPLETE')
  })

  it('asks again for a checkpoint that failed, and goes on without one if the lease is gone', async () => {
    const { daemon } = await start()
    daemon.send('processRecords', { records: batch(10) })
    for (const error of ['ThrottlingException', 'KinesisClientLibDependencyException', 'ShutdownException']) {
      expect(await daemon.next()).toEqual(checkpoint)
      daemon.send('checkpoint', { error })
    }
    expect(await daemon.next()).toEqual(status('processRecords'))
  })

  it('ends without a checkpoint of a shard that the daemon never grants', async () => {
    const { daemon } = await start()
    daemon.send('shardEnded')
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(await daemon.next()).toEqual(checkpoint)
      daemon.send('checkpoint', { error: 'ThrottlingException' })
    }
    expect(await daemon.next()).toBeUndefined()
    expect(await daemon.exit()).toBe(1)
    expect(daemon.stderr).toContain('no checkpoint of shardId-000000000003: ThrottlingException')
  })

  // Windows ends a process instead of telling it of a signal.
  it.skipIf(process.platform === 'win32')('leaves signals to the daemon', async () => {
    const { daemon, endpoint } = await start({ checkpointMs: 3_600_000 })
    for (const name of ['SIGINT', 'SIGTERM'] as const) daemon.signal(name)
    await daemon.run('processRecords', { records: batch(10) })
    expect(await daemon.run('shutdownRequested')).toEqual([checkpoint, status('shutdownRequested')])
    expect(stored(endpoint)).toHaveLength(10)
    expect(await daemon.end()).toBe(0)
  })
})

it('docs/kcl.md shows the code of the example', () => {
  const example = readFileSync(file, 'utf8')
  expect(blocks('kcl.md', 'js')).toHaveLength(1)
  for (const code of blocks('kcl.md', 'js')) expect(example).toContain(code)
})
