/** `stat` at kinesis-local, an implementation that is not ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateStreamCommand,
  KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  SplitShardCommand
} from '@aws-sdk/client-kinesis'
import { aggregate } from 'kinesis-agg'
import { KinesisProducer } from 'kinesis-agg/producer'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startKinesis } from '../../../scripts/kinesis-local.mjs'
import type { Report } from '../../../src-js/cli/stat-report'
import { cli, linesOf, run } from '../../support/cli'

let kinesis: Awaited<ReturnType<typeof startKinesis>>
let client: KinesisClient

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's')
  vi.stubEnv('AWS_REGION', '')
  vi.stubEnv('AWS_DEFAULT_REGION', 'us-east-1')
  // The SDK warns on versions of Node.js that it will leave behind.
  vi.stubEnv('NODE_NO_WARNINGS', '1')
  kinesis = await startKinesis()
  client = new KinesisClient(kinesis.clientOptions)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  client.destroy()
  await kinesis.stop()
})

const shardsOf = async (StreamName: string) =>
  (await client.send(new ListShardsCommand({ StreamName })).catch(() => ({ Shards: [] }))).Shards!

async function create(StreamName: string, ShardCount: number): Promise<string> {
  await client.send(new CreateStreamCommand({ StreamName, ShardCount }))
  await vi.waitUntil(async () => (await shardsOf(StreamName)).length === ShardCount, 20_000)
  return StreamName
}

const put = (StreamName: string, Data: Buffer, ExplicitHashKey: bigint) =>
  client.send(
    new PutRecordCommand({ StreamName, PartitionKey: 'k', ExplicitHashKey: String(ExplicitHashKey), Data })
  )

const aggregateOf = (...hashKeys: bigint[]): Buffer =>
  aggregate(hashKeys.map(explicitHashKey => ({ partitionKey: 'k', explicitHashKey, data: 'x' })))[0]!.data

const HALF = 2n ** 127n

/** Until the present second of the server is over: it is no part of a sample. */
async function stat(...args: string[]) {
  await new Promise(resolve => setTimeout(resolve, 1100))
  const result = await run(['stat', ...args, '--json', '--endpoint-url', kinesis.endpoint])
  return { ...result, report: linesOf(result)[0] as unknown as Report }
}

it('answers of a stream that the producer writes', async () => {
  const stream = await create('readings', 2)
  const producer = new KinesisProducer({ client, stream })
  for (let i = 0; i < 1000; i++)
    producer.write({ partitionKey: i % 2 === 0 ? 'hot' : `k${i}`, data: 'x'.repeat(40) })
  await producer.close()
  const { code, report, stderr } = await stat(stream)
  expect(stderr).toMatch(/^kinesis-agg: reading readings from \S+Z to \S+Z, at most 10 MiB of each shard\n$/)
  expect(code).toBe(0)
  expect(report.sample).toMatchObject({ stream, shards: 2, userRecords: 1000, damaged: 0 })
  expect(report.aggregation.writers[0]!.guess).toContain('kinesis-agg')
  expect(report.kcl).toMatchObject({ verdict: 'keeps', unknownAggregates: 0 })
  expect(report.keys.byRecords.keys[0]).toMatchObject({ partitionKey: 'hot', weight: 500, share: 0.5 })
  expect(report.keys.byRecords.distinct).toBe(501)
  expect(report.cost).toMatchObject({ mode: 'PROVISIONED', alone: { putUnits: 1000 } })
})

it('finds what KCL would drop, by the shard on which it lay, before and after a split', async () => {
  const stream = await create('split', 1)
  await put(stream, aggregateOf(1n, HALF), 1n)
  expect((await stat(stream)).report.kcl.verdict).toBe('keeps')
  await client.send(
    new SplitShardCommand({
      StreamName: stream,
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: String(HALF)
    })
  )
  await vi.waitUntil(async () => (await shardsOf(stream)).length === 3, 20_000)
  const { SequenceNumber } = await put(stream, aggregateOf(1n, HALF), 1n)
  await put(stream, aggregateOf(HALF, HALF + 1n), HALF)
  const { code, report } = await stat(stream)
  expect(code).toBe(1)
  expect(report.sample.shards).toBe(3)
  expect(report.kcl).toMatchObject({ verdict: 'drops', kinesisRecords: 1, userRecords: 2 })
  expect(report.kcl.examples).toEqual([
    {
      shardId: expect.stringMatching(/-0+[12]$/),
      sequenceNumber: SequenceNumber,
      reason: 'range',
      userRecords: 2
    }
  ])
})

it('gives the same answer of what "tail --raw" printed', async () => {
  const stream = await create('raw', 2)
  await put(stream, aggregateOf(1n, HALF), 1n)
  await put(stream, aggregateOf(HALF), HALF)
  await put(stream, Buffer.from('plain'), 1n)
  const live = await stat(stream)
  const endpoint = ['--endpoint-url', kinesis.endpoint]
  const raw = await run(['tail', stream, '--since', 'start', '--until', 'now', '--raw', ...endpoint])
  const folder = mkdtempSync(join(tmpdir(), 'stat-'))
  try {
    const shards = join(folder, 'list-shards.json')
    writeFileSync(shards, JSON.stringify({ Shards: await shardsOf(stream) }))
    const { code, stdout } = await run(['stat', '-', '--json', '--shards', shards], raw.stdout)
    expect([code, live.code]).toEqual([1, 1])
    const { kcl, aggregation, shards: peaks, keys } = JSON.parse(stdout.toString()) as Report
    const { report } = live
    expect({ kcl, aggregation, peaks, keys }).toEqual({
      kcl: report.kcl,
      aggregation: report.aggregation,
      peaks: report.shards,
      keys: report.keys
    })
    expect([kcl.verdict, kcl.userRecords, aggregation.plainRecords]).toEqual(['drops', 2, 1])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

it('reads an ARN, and says where there is nothing', async () => {
  await create('empty', 1)
  const args = [
    'stat',
    'arn:aws:kinesis:us-east-1:000000000000:stream/empty',
    '--endpoint-url',
    kinesis.endpoint
  ]
  const { code, stdout } = await run(args)
  expect([code, stdout.toString()]).toEqual([0, expect.stringContaining('There are no Kinesis records')])
})

it('says in one line what is wrong', async () => {
  const noTime = await stat('empty', '--since', '5m', '--until', '10m')
  expect([noTime.code, noTime.stderr.split('\n')[0]]).toEqual([
    2,
    'kinesis-agg: --since 5m is not before --until 10m'
  ])
  const none = await stat('nowhere')
  expect([none.code, none.stdout.length]).toEqual([3, 0])
  expect(none.stderr).toMatch(
    /^kinesis-agg: stream nowhere, region us-east-1, profile default: there is no such stream; .*\n$/
  )
  const stream = await create('one', 1)
  const noShard = await stat(stream, '--shard', '7')
  expect([noShard.code, noShard.stderr]).toEqual([2, expect.stringContaining("has no shard '7' to read")])
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143]
] as const)('%s ends it, without an answer', async (signal, code) => {
  // Nobody answers there.
  const server = createServer(socket => void socket.on('error', () => {})).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connected = once(server, 'connection')
  const { port } = server.address() as AddressInfo
  const child = spawn(process.execPath, [cli, 'stat', 'mute', '--endpoint-url', `http://127.0.0.1:${port}`])
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  const ended = once(child, 'close')
  const [socket] = (await connected) as [Socket]
  child.kill(signal)
  expect([(await ended)[0], stdout]).toEqual([code, ''])
  socket.destroy()
  server.close()
})

it('SIGINT ends the reading of standard input too', async () => {
  const child = spawn(process.execPath, [cli, 'stat', '-'])
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const ended = once(child, 'close')
  // The problem that it names shows that it has begun to read.
  child.stdin.write('{}\n')
  await vi.waitUntil(() => stderr !== '', 20_000)
  child.kill('SIGINT')
  expect([(await ended)[0], stdout]).toEqual([130, ''])
})

it('is silent when nobody reads the answer any more', async () => {
  const child = spawn(process.execPath, [cli, 'stat', '-'])
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdout.destroy()
  child.stdin.end('{"Data":"eA==","PartitionKey":"k"}\n')
  expect([(await once(child, 'close'))[0], stderr]).toEqual([0, ''])
})
