import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KinesisStreamEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  aggregate,
  deaggregateEvent,
  deaggregateSync,
  type EncodedRecord,
  type UserRecord
} from '../index.js'
import { TableRows } from '../src-js/cli/rows'

const root = join(__dirname, '..')
const events = join(__dirname, 'fixtures', 'events')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-docs-'))
  mkdirSync(join(folder, 'node_modules', '@aws-sdk'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules', 'kinesis-agg'), 'junction')
  const sdk = join('node_modules', '@aws-sdk', 'client-kinesis')
  symlinkSync(join(root, sdk), join(folder, sdk), 'junction')
})
afterAll(() => rmSync(folder, { recursive: true }))

const fixture = (name: string): KinesisStreamEvent =>
  JSON.parse(readFileSync(join(events, `${name}.json`), 'utf8')) as KinesisStreamEvent

function blocks(page: string, language: string): string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!)
}

/** The exports of the one block with this word; `globals` are the functions that the reader has. */
function load(
  page: string,
  word: string,
  globals: Record<string, unknown> = {}
): Record<string, (...args: never[]) => unknown> {
  const found = blocks(page, 'js').filter(code => code.includes(word))
  expect(found, `one block of ${page} with ${word}`).toHaveLength(1)
  const file = join(folder, `${page}.${word.replace(/\W/g, '')}.cjs`)
  writeFileSync(file, found[0]!)
  Object.assign(globalThis, globals)
  return createRequire(file)(file) as Record<string, (...args: never[]) => unknown>
}

describe('lambda.md', () => {
  it('processEvent: saves every reading, and reports a failure', async () => {
    const save = vi.fn(async (_key: string, reading: { sequence: number }) => {
      if (reading.sequence === 3) throw new Error('refused')
    })
    const { handler } = load('lambda.md', 'processEvent(', { save })
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

  it('the tumbling window: counts, and reports at the end', async () => {
    const report = vi.fn()
    const { handler } = load('lambda.md', 'isFinalInvokeForWindow', { report })
    const counts = { 'boiler-7': 2, 'boiler-9': 3, 'pump-1': 1 }
    expect(await handler!(fixture('kinesis-window') as never)).toEqual({ state: counts })
    expect(report).not.toHaveBeenCalled()
    await handler!({ ...fixture('kinesis-window-final'), state: counts } as never)
    expect(report.mock.calls).toEqual([[counts]])
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
      userRecords: UserRecord[]
      NextShardIterator: object
    }
    expect(userRecords.map(({ data }) => data.toString())).toEqual(['x'])
    expect(NextShardIterator).toEqual({ ShardIterator: 'it' })
  })
})

describe('cli.md', () => {
  const cli = join(root, 'cli.js')

  it('shows the table as it is', () => {
    const rows = new TableRows(155)
    const table =
      deaggregateEvent(fixture('kinesis'))
        .map(record => rows.add(record))
        .join('') + rows.flush()
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
