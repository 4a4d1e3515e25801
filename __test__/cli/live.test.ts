/** `tail` and `put` at kinesis-local, an implementation that is not ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  CreateStreamCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  SplitShardCommand
} from '@aws-sdk/client-kinesis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKinesis } from '../../scripts/kinesis-local.mjs'
import { type Result, aggregated, cli, linesOf } from '../support/cli'

let kinesis: Awaited<ReturnType<typeof startKinesis>>
let admin: KinesisClient

beforeAll(async () => {
  kinesis = await startKinesis()
  admin = new KinesisClient(kinesis.clientOptions)
})
afterAll(async () => {
  admin.destroy()
  await kinesis.stop()
})

async function create(StreamName: string, ShardCount = 2): Promise<string> {
  await admin.send(new CreateStreamCommand({ StreamName, ShardCount }))
  while ((await shardsOf(StreamName).catch(() => [])).length < ShardCount) {
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return StreamName
}

async function shardsOf(StreamName: string) {
  return (await admin.send(new ListShardsCommand({ StreamName }))).Shards!
}

const putOne = (StreamName: string, PartitionKey: string, Data: Uint8Array | string) =>
  admin.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(Data as string) }))

function start(args: string[]) {
  const child = spawn(process.execPath, [cli, ...args, '--endpoint-url', kinesis.endpoint], {
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      // The SDK warns on versions of Node.js that it will leave behind.
      NODE_NO_WARNINGS: '1',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 's',
      AWS_DEFAULT_REGION: 'us-east-1'
    }
  })
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => {})
  const ended = once(child, 'close').then(([code]): Result => ({
    code: code as number | null,
    stdout: Buffer.concat(stdout),
    stderr
  }))
  return { child, ended, soFar: (): Result => ({ code: null, stdout: Buffer.concat(stdout), stderr }) }
}

function runLive(args: string[], input: string | Buffer = ''): Promise<Result> {
  const { child, ended } = start(args)
  child.stdin.end(input)
  return ended
}

const dataOf = (result: Result) => linesOf(result).map(({ data, dataBase64 }) => data ?? dataBase64)

describe('tail', () => {
  it('prints what is there, with shard and time, and ends', async () => {
    const stream = await create('there', 1)
    await putOne(stream, 'outer', aggregated)
    await putOne(stream, 'plain', 'p')
    const result = await runLive(['tail', stream, '--since', 'start', '--until', 'now'])
    expect(result.stderr).toBe('kinesis-agg: reading there from the oldest record\n')
    expect(result.code).toBe(0)
    expect(dataOf(result)).toEqual(['{"temperature":20}', '/wAb', 'line\nbreak', 'p'])
    expect(linesOf(result)[1]).toEqual({
      shardId: 'shardId-000000000000',
      approximateArrivalTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
      sequenceNumber: expect.stringMatching(/^\d+$/),
      subSequenceNumber: 1,
      aggregated: true,
      partitionKey: '我愛你',
      explicitHashKey: '7',
      size: 3,
      dataBase64: '/wAb'
    })
    const some = await runLive(['tail', stream, '--since', 'start', '--key', 'boiler-7', '--limit', '2'])
    expect([some.code, dataOf(some)]).toEqual([0, ['{"temperature":20}', 'line\nbreak']])
    const from = linesOf(result)[3]!['sequenceNumber'] as string
    const rest = await runLive(['tail', stream, '--since', from, '--shard', '0', '--limit', '1'])
    expect(dataOf(rest)).toEqual(['p'])
  })

  it('goes on through a split, parents before children, and ends with 130 on SIGINT', async () => {
    const stream = await create('split', 1)
    await putOne(stream, 'k', '0')
    const { child, ended, soFar } = start(['tail', stream, '--since', 'start'])
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0'])
    await putOne(stream, 'k', '1')
    await admin.send(
      new SplitShardCommand({
        StreamName: stream,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: String(2n ** 127n)
      })
    )
    while ((await shardsOf(stream)).length < 3) await new Promise(resolve => setTimeout(resolve, 20))
    await putOne(stream, 'k', '2')
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0', '1', '2'])
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
  })

  it('names a damaged record, and goes on', async () => {
    const stream = await create('damaged', 1)
    const bytes = Buffer.from(aggregated)
    bytes[bytes.length - 1]! ^= 1
    await putOne(stream, 'k', bytes)
    await putOne(stream, 'k', 'good')
    const result = await runLive(['tail', stream, '--since', 'start', '--until', 'now'])
    expect([result.code, dataOf(result)]).toEqual([1, ['good']])
    expect(result.stderr).toMatch(/shardId-0{12}, sequence number \d+: Invalid record checksum\n/)
  })

  it('says in one line that there is no such stream', async () => {
    const result = await runLive(['tail', 'nowhere'])
    expect(result.code).toBe(3)
    expect(result.stderr).toMatch(
      /^kinesis-agg: stream nowhere, region us-east-1, profile default: there is no such stream; .*\n$/
    )
  })
})

describe('put', () => {
  it('stores lines, names bad ones, and counts', async () => {
    const stream = await create('lines')
    const lines = ['{"user":{"id":7},"n":1}', 'no JSON', '{"user":{"id":8},"n": 2}', '']
    const result = await runLive(['put', stream, '--key-path', '.user.id'], lines.join('\n'))
    expect(result.stderr).toMatch(/^kinesis-agg: line 2: the line is not JSON/)
    expect(result.stderr).toContain('2 user records stored')
    expect(result.stderr).toContain('the first line not known to be stored is 2\n')
    expect([result.code, result.stdout.length]).toEqual([1, 0])
    const stored = await runLive(['tail', stream, '--since', 'start', '--until', 'now'])
    expect(
      linesOf(stored)
        .map(({ partitionKey, data }) => [partitionKey, data])
        .toSorted()
    ).toEqual([
      ['7', lines[0]],
      ['8', lines[2]]
    ])
  })

  it('gives back what is not stored, as lines that can be put again', async () => {
    const result = await runLive(['put', 'nowhere'], '{"partitionKey":"k","data":{"a":1}}\n')
    expect(result.code).toBe(3)
    expect(linesOf(result)).toEqual([
      {
        partitionKey: 'k',
        data: '{"a":1}',
        error: { code: 'ERR_STREAM_NOT_FOUND', message: expect.any(String), maybeStored: false }
      }
    ])
    const stream = await create('again')
    const again = await runLive(['put', stream], result.stdout)
    expect(again.stderr).toContain('1 user records stored')
    expect(again.code).toBe(0)
  })

  it('stores what was read when SIGINT comes', async () => {
    const stream = await create('stopped')
    const { child, ended } = start(['put', stream, '--key', 'k'])
    child.stdin.write('one\ntwo\nthr')
    const seen = await runLive(['tail', stream, '--since', 'start', '--limit', '2'])
    expect(dataOf(seen)).toEqual(['one', 'two'])
    child.kill('SIGINT')
    const result = await ended
    expect(result.stderr).toContain('2 user records stored')
    expect(result.stderr).toContain('the first line not known to be stored is 3\n')
    expect([result.code, result.stdout.length]).toEqual([130, 0])
  })
})

it('tail into put keeps bytes, keys, explicit hash keys and the order of each key', async () => {
  const from = await create('from')
  const to = await create('to', 3)
  const records = Array.from({ length: 300 }, (_, i) => ({
    partitionKey: `k${i % 7}`,
    dataBase64: Buffer.from([0xff, i >> 8, i & 0xff]).toString('base64'),
    ...(i % 7 === 3 && { explicitHashKey: '12345678901234567890' })
  }))
  const lines = (list: object[]) => list.map(record => `${JSON.stringify(record)}\n`).join('')
  expect((await runLive(['put', from], lines(records))).code).toBe(0)
  const read = await runLive(['tail', from, '--since', 'start', '--until', 'now', '--json'])
  expect((await runLive(['put', to], read.stdout)).code).toBe(0)
  const copied = linesOf(await runLive(['tail', to, '--since', 'start', '--until', 'now', '--json']))
  expect(copied).toHaveLength(300)
  for (let key = 0; key < 7; key++) {
    const of = (list: Record<string, unknown>[]) =>
      list
        .filter(record => record['partitionKey'] === `k${key}`)
        .map(record => [record['data'] ?? record['dataBase64'], record['explicitHashKey'] ?? null])
    expect(of(copied)).toEqual(of(records))
  }
})
