import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import type { KinesisStreamEvent } from 'aws-lambda'
import { afterAll, describe, expect, it, vi } from 'vitest'
import {
  aggregate,
  deaggregateEvent,
  deaggregateSync,
  type EncodedRecord,
  type DeaggregatedRecord
} from 'kinesis-agg'
import { FakeKinesis } from 'kinesis-agg/testing'
import { colorsFor } from '../../src-js/cli/colors'
import { TableRows } from '../../src-js/cli/table'
import { type Exports, PageFolder, blocks } from '../support/pages'

const root = join(__dirname, '..', '..')
const events = join(__dirname, '..', 'fixtures', 'events')
const folder = new PageFolder(['@aws-sdk/client-kinesis'])
afterAll(() => folder.remove())

const load = (page: string, word: string, globals?: Record<string, unknown>): Exports =>
  folder.load(page, word, globals)

const fixture = (name: string): KinesisStreamEvent =>
  JSON.parse(readFileSync(join(events, `${name}.json`), 'utf8')) as KinesisStreamEvent

describe('lambda.md', () => {
  it('processEvent: saves every reading, and reports a failure', async () => {
    const save = vi.fn(async (_key: string, reading: { sequence: number }) => {
      if (reading.sequence === 3) throw new Error('refused')
    })
    const { handler } = load('lambda.md', 'save(partitionKey', { save })
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const event = fixture('kinesis')
    expect(await handler!(event as never)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]!.kinesis.sequenceNumber }]
    })
    expect(save.mock.calls.map(([key, { sequence }]) => [key, sequence])).toEqual([
      ['boiler-7', 0],
      ['boiler-9', 1],
      ['boiler-7', 2],
      ['pump-1', 3]
    ])
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })

  it('the tumbling window: counts, and publishes at the end', async () => {
    const publish = vi.fn()
    const { handler } = load('lambda.md', 'isFinalInvokeForWindow', { publish })
    const counts = { 'boiler-7': 2, 'boiler-9': 3, 'pump-1': 1 }
    expect(await handler!(fixture('kinesis-window') as never)).toEqual({ state: counts })
    expect(publish).not.toHaveBeenCalled()
    const last = { ...fixture('kinesis-window-final'), state: counts }
    await handler!(last as never)
    expect(publish.mock.calls).toEqual([[counts, (last as { window?: object }).window]])
  })

  it('chunks: inserts in bulk', async () => {
    const insertAll = vi.fn()
    const { handler } = load('lambda.md', 'chunkSize', { insertAll })
    expect(await handler!(fixture('kinesis') as never)).toEqual({ batchItemFailures: [] })
    expect(insertAll.mock.calls.map(([rows]) => (rows as object[]).length)).toEqual([6])
  })

  it('onFailure: retries young records, and keeps old ones elsewhere', async () => {
    const save = vi.fn(async ({ sequence }: { sequence: number }) => {
      if (sequence === 3) throw new Error('refused')
    })
    const keepElsewhere = vi.fn()
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    const { handler } = load('lambda.md', "return 'skip'", { save, keepElsewhere })
    const event = fixture('kinesis')
    const { kinesis } = event.Records[1]!
    kinesis.approximateArrivalTimestamp = Date.now() / 1000 - 500
    expect(await handler!(event as never)).toEqual({
      batchItemFailures: [{ itemIdentifier: kinesis.sequenceNumber }]
    })
    expect(keepElsewhere).not.toHaveBeenCalled()
    kinesis.approximateArrivalTimestamp = Date.now() / 1000 - 700
    expect(await handler!(event as never)).toEqual({ batchItemFailures: [] })
    expect(keepElsewhere).toHaveBeenCalledExactlyOnceWith(event.Records[1])
    expect(log.mock.calls.map(([line]) => JSON.parse(line as string) as object)).toEqual(
      Array(2).fill(expect.objectContaining({ Failures: 1, sequenceNumber: kinesis.sequenceNumber }))
    )
    log.mockRestore()
  })

  it('a failed batch: reads it again, and repairs what it held', async () => {
    const records = fixture('kinesis').Records.map(({ kinesis }) => ({
      Data: Buffer.from(kinesis.data as string, 'base64'),
      PartitionKey: kinesis.partitionKey,
      SequenceNumber: kinesis.sequenceNumber
    }))
    const send = vi
      .spyOn(KinesisClient.prototype, 'send')
      .mockImplementation((async ({ input }: { input: object }) =>
        'ShardIteratorType' in input
          ? { ShardIterator: 'i' }
          : { Records: records, MillisBehindLatest: 0 }) as never)
    const [alert, repair] = [vi.fn(), vi.fn()]
    vi.stubEnv('AWS_REGION', 'eu-central-1')
    const { handler } = load('lambda.md', 'fetchFailedBatch(', { alert, repair })
    const message = (batchSize: number, start = records[0]!.SequenceNumber): object => ({
      body: JSON.stringify({
        KinesisBatchInfo: {
          shardId: 'shardId-000000000000',
          startSequenceNumber: start,
          endSequenceNumber: records.at(-1)!.SequenceNumber,
          batchSize,
          streamArn: 'arn:aws:kinesis:eu-central-1:123456789012:stream/readings'
        }
      })
    })
    await handler!({ Records: [message(3)] } as never)
    expect(alert).not.toHaveBeenCalled()
    expect(repair).toHaveBeenCalledTimes(6)
    for (const [, doubt] of repair.mock.calls) expect(doubt).toEqual({ mayHaveBeenHandled: false })
    await handler!({ Records: [message(4, '1')] } as never)
    expect(alert).toHaveBeenCalledExactlyOnceWith('3 of 4 records are left')
    expect(repair.mock.calls[6]![1]).toEqual({ mayHaveBeenHandled: true })
    send.mockRestore()
    vi.unstubAllEnvs()
  })

  it('resume: goes on where it failed', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    let bad = true
    const handle = vi.fn(({ subSequenceNumber }: DeaggregatedRecord) => {
      if (bad && subSequenceNumber === 2) throw new Error('refused')
    })
    const { handler } = load('lambda.md', 'new ResumeMemory', { handle })
    const event = fixture('kinesis')
    const context = { getRemainingTimeInMillis: () => 3000 }
    const invoke = handler as unknown as (event: object, context: object) => Promise<object>
    await invoke(event, context)
    expect(handle).toHaveBeenCalledTimes(3)
    bad = false
    expect(await invoke(event, context)).toEqual({ batchItemFailures: [] })
    expect(handle).toHaveBeenCalledTimes(3 + 4)
    log.mockRestore()
  })
})

describe('streams.md', () => {
  const readings = Array.from({ length: 2000 }, (_, i) => ({
    partitionKey: `k${i % 9}`,
    data: `${i}`.padEnd(50)
  }))
  const encoded = aggregate(readings, { maxSize: 51_200 })

  it('aggregateStream: puts what aggregate makes', async () => {
    const put: EncodedRecord[] = []
    const { send } = load('streams.md', ' aggregateStream(')
    await send!(readings as never, (async (record: EncodedRecord) => put.push(record)) as never)
    expect(put.map(({ data }) => data.toString('base64'))).toEqual(
      encoded.map(({ data }) => data.toString('base64'))
    )
  })

  it('deaggregateStream: reads every user record', async () => {
    const { count } = load('streams.md', 'deaggregateStream(')
    expect(await count!(encoded.map(({ data }) => ({ Data: data })) as never)).toBe(2000 * 50)
  })
})

describe('sdk.md', () => {
  it('delivers through the producer, and rejects if a record is not stored', async () => {
    const { deliver } = load('sdk.md', 'new KinesisProducer(')
    const kinesis = new FakeKinesis({ streams: { readings: { shards: 2 } } })
    const users = [
      { partitionKey: 'a', data: 'x' },
      { partitionKey: 'b', data: 'y' }
    ]
    const put = (): Promise<unknown> =>
      deliver!(kinesis.client as never, 'readings' as never, users as never) as Promise<unknown>
    expect(await put()).toEqual({ delivered: 2 })
    const stored = kinesis.records('readings').map(({ partitionKey, data }) => partitionKey + data.toString())
    expect(stored.toSorted()).toEqual(['ax', 'by'])
    kinesis.failNext({ name: 'ValidationException' }, { times: 10 })
    await expect(put()).rejects.toMatchObject({ code: 'ERR_PUT_INCOMPLETE', failed: 2 })
  })

  it('puts batches, and does not overlook what was refused', async () => {
    const { put } = load('sdk.md', 'putRecordsBatches(')
    const sent: { StreamName: string; Records: { Data: Buffer; PartitionKey: string }[] }[] = []
    const client = {
      FailedRecordCount: 0,
      send: async ({ input }: { input: (typeof sent)[0] }) => {
        sent.push(input)
        return client
      }
    }
    const users = [{ partitionKey: 'a', data: 'x' }]
    await put!(client as never, 'readings' as never, users as never)
    expect(sent.map(({ StreamName }) => StreamName)).toEqual(['readings'])
    expect(deaggregateSync(sent[0]!.Records).map(({ data }) => data.toString())).toEqual(['x'])
    client.FailedRecordCount = 1
    await expect(put!(client as never, 'readings' as never, users as never)).rejects.toThrow(
      '1 records were not put'
    )
  })

  it('reads what GetRecords returns', async () => {
    const { read } = load('sdk.md', 'GetRecordsCommand(')
    const [encoded] = aggregate([{ partitionKey: 'a', data: 'x' }])
    const client = {
      send: async ({ input }: { input: object }) => ({
        Records: [{ Data: encoded!.data }],
        NextShardIterator: input
      })
    }
    const { userRecords, NextShardIterator } = (await read!(client as never, 'it' as never)) as {
      userRecords: DeaggregatedRecord[]
      NextShardIterator: object
    }
    expect(userRecords.map(({ data }) => data.toString())).toEqual(['x'])
    expect(NextShardIterator).toEqual({ ShardIterator: 'it' })
  })
})

describe('cli.md', () => {
  const cli = join(root, 'dist', 'cli.js')

  it('shows the table as it is', () => {
    vi.stubEnv('TZ', 'UTC')
    vi.setSystemTime(new Date('2026-11-25T10:00:00Z'))
    const rows = new TableRows(() => 80, false, colorsFor('never', true, {}))
    const table =
      deaggregateEvent(fixture('kinesis'))
        .map(record => rows.add(record))
        .join('') + rows.flush()
    vi.useRealTimers()
    vi.unstubAllEnvs()
    expect(blocks('cli.md', 'text')[0]).toBe(table)
  })

  it('shows lines of JSON, a damaged record and put-records JSON as they are', () => {
    const [, line, problem, call] = blocks('cli.md', 'text')
    const decoded = execFileSync(process.execPath, [cli, 'decode', join(events, 'kinesis.json')], {
      encoding: 'utf8'
    })
    expect(decoded).toContain(line)
    const damaged = spawnSync(process.execPath, [cli, 'decode', join(events, 'firehose.json')], {
      encoding: 'utf8'
    })
    expect(damaged.stderr).toBe(problem)
    const echoed = /^echo '(.*)' \| kinesis-agg encode$/.exec(blocks('cli.md', 'sh')[1]!.trim())?.[1]
    expect(execFileSync(process.execPath, [cli, 'encode'], { input: echoed!, encoding: 'utf8' })).toBe(call)
  })
})

it('files that pages name in code are there', () => {
  const pages = ['README.md', 'MIGRATION.md', 'CONTRIBUTING.md', 'SECURITY.md', 'examples/README.md']
  const docs = readdirSync(join(root, 'docs')).filter(name => name.endsWith('.md'))
  const named = [...pages, ...docs.map(name => `docs/${name}`)].flatMap(page =>
    [
      ...readFileSync(join(root, page), 'utf8').matchAll(
        /`((?:__test__|src|src-js|scripts|tests|bench)\/[\w./-]+)`/g
      )
    ].map(([, file]) => ({ page, file: file! }))
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter(({ file }) => !existsSync(join(root, file)))).toEqual([])
})
