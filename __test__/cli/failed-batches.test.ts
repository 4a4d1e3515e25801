import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { type Http2Session, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { aggregated, damaged, eventOf, plain } from '../support/stream-event'
import { type Result, cli, linesOf, run } from '../support/cli'

const STREAM = 'arn:aws:kinesis:ap-south-1:123456789012:stream/readings'

const infoOf = (batchSize: number, from = 1000, to = 1001): object => ({
  KinesisBatchInfo: {
    shardId: 'shardId-000000000001',
    startSequenceNumber: String(from),
    endSequenceNumber: String(to),
    batchSize,
    streamArn: STREAM
  }
})

const dataOf = (result: Result): unknown[] => linesOf(result).map(({ data }) => data)

describe('decode of the S3 object of an on-failure destination', () => {
  it('prints the records in its payload, as of the case s3-failure-object', async () => {
    const payload =
      '{"Records":[{"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"k0","sequenceNumber":"1","data":"84mawgoCazAaBggAGgJ1MAjegRupMI4K1zapPE2i/Es=","approximateArrivalTimestamp":1},"eventSource":"aws:kinesis"}]}'
    const object = { requestContext: { condition: 'RetryAttemptsExhausted' }, ...infoOf(1, 1, 1), payload }
    const result = await run(['decode', '--json'], JSON.stringify(object, null, 2))
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result)).toEqual([
      expect.objectContaining({ sequenceNumber: '1', partitionKey: 'k0', aggregated: true, data: 'u0' })
    ])
  })

  it('names a damaged record in it, and goes on', async () => {
    const event = eventOf(plain(0, 'a'), damaged(aggregated(1, ['b'])), plain(2, 'c'))
    const result = await run(['decode'], JSON.stringify({ ...infoOf(3), payload: JSON.stringify(event) }))
    expect(result.code).toBe(1)
    expect(dataOf(result)).toEqual(['a', 'c'])
    expect(result.stderr).toContain('record 2 (sequence number 1001)')
  })

  it.each([
    [{ payload: 'x', ...infoOf(1) }, 'its payload is not the JSON text of an event with Records'],
    [{ payload: 'null', ...infoOf(1) }, 'its payload is not the JSON text of an event with Records'],
    [infoOf(1), 'the message names a batch and has no records: use "kinesis-agg fetch-failed"']
  ])('says what is wrong with %j', async (object, message) => {
    const { code, stdout, stderr } = await run(['decode'], JSON.stringify(object))
    expect([code, stdout.length]).toEqual([1, 0])
    expect(stderr).toBe(`kinesis-agg: record 1 at byte 0: ${message}\n`)
  })
})

describe('fetch-failed', () => {
  const sessions = new Set<Http2Session>()
  const server = createServer()
  /** Bodies of the requests, with what they were sent for. */
  let requests: { target: string; region: string; body: Record<string, unknown> }[]
  let stored: object[]

  beforeAll(async () => {
    server.on('session', session => {
      sessions.add(session)
      session.on('close', () => sessions.delete(session))
    })
    server.on('stream', async (stream, headers) => {
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      const target = String(headers['x-amz-target']).replace('Kinesis_20131202.', '')
      const region = /Credential=[^/]+\/\d+\/([\w-]+)\//.exec(String(headers.authorization))![1]!
      requests.push({ target, region, body: JSON.parse(Buffer.concat(chunks).toString()) })
      stream.respond({ ':status': 200, 'content-type': 'application/x-amz-json-1.1' })
      stream.end(
        JSON.stringify(
          target === 'GetShardIterator' ? { ShardIterator: 'i' } : { Records: stored, MillisBehindLatest: 0 }
        )
      )
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(async () => {
    for (const session of sessions) session.destroy()
    server.close()
    await once(server, 'close')
  })
  beforeEach(() => {
    requests = []
    const [first, second] = [aggregated(0, ['a', 'b']), plain(1, 'c')].map(({ kinesis }) => ({
      Data: kinesis.data,
      PartitionKey: kinesis.partitionKey,
      SequenceNumber: kinesis.sequenceNumber,
      ApproximateArrivalTimestamp: 1_700_000_000
    }))
    stored = [first!, second!]
  })

  async function fetchFailed(input: unknown, args: string[] = []): Promise<Result> {
    const child = spawn(process.execPath, [cli, 'fetch-failed', ...args], {
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        AWS_REGION: 'eu-central-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local'
      }
    })
    const result: Result = { code: null, stdout: Buffer.alloc(0), stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (result.stdout = Buffer.concat([result.stdout, chunk])))
    child.stderr.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()))
    child.stdin.end(typeof input === 'string' ? input : JSON.stringify(input))
    ;[result.code] = (await once(child, 'close')) as [number | null]
    return result
  }

  it('reads the batch again, in the region of the stream, and prints its user records', async () => {
    const result = await fetchFailed(infoOf(2))
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result)[0]).toMatchObject({
      shardId: 'shardId-000000000001',
      approximateArrivalTimestamp: '2023-11-14T22:13:20.000Z'
    })
    expect(linesOf(result).map(({ sequenceNumber, data }) => [sequenceNumber, data])).toEqual([
      ['1000', 'a'],
      ['1000', 'b'],
      ['1001', 'c']
    ])
    expect(requests.map(({ target, region }) => [target, region])).toEqual([
      ['GetShardIterator', 'ap-south-1'],
      ['GetRecords', 'ap-south-1']
    ])
    expect(requests[0]!.body).toMatchObject({ StreamARN: STREAM, StartingSequenceNumber: '1000' })
  })

  it('takes what "aws sqs receive-message" prints, and --data', async () => {
    const Body = JSON.stringify(infoOf(2))
    const result = await fetchFailed({ Messages: [{ Body }, { Body }] }, ['--data'])
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(result.stdout.toString()).toBe('a\nb\nc\na\nb\nc\n')
  })

  it('warns of records that expired or may have been handled, with status 1', async () => {
    const more = await fetchFailed({ Records: [{ body: JSON.stringify(infoOf(1)) }] })
    expect(more.code).toBe(1)
    expect(dataOf(more)).toEqual(['a', 'b', 'c'])
    expect(more.stderr).toBe(
      'kinesis-agg: warning: message 1: the batch had 1 records and 2 came; some may have been handled\n'
    )
    stored.shift()
    const expired = await fetchFailed(infoOf(2))
    expect(expired.code).toBe(1)
    expect(dataOf(expired)).toEqual(['c'])
    expect(expired.stderr).toBe(
      'kinesis-agg: warning: message 1: records of the batch have expired; 1 of 2 records came\n'
    )
  })

  it.each([
    ['no JSON', 'x', /^kinesis-agg: .*JSON/],
    ['no message', '{"a":1}', /^kinesis-agg: message must be a message of an on-failure destination/]
  ])('refuses %s with status 2', async (_name, input, message) => {
    const { code, stdout, stderr } = await fetchFailed(input)
    expect([code, stdout.length]).toEqual([2, 0])
    expect(stderr).toMatch(message)
    expect(requests).toEqual([])
  })

  it('says what to install where the SDK is missing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-no-sdk-'))
    try {
      for (const name of ['cli.js', 'index.js', 'binding.js', 'sdk.js', 'wasm-codec.js'])
        copyFileSync(join(dirname(cli), name), join(folder, name))
      const child = spawn(process.execPath, [join(folder, 'cli.js'), 'fetch-failed'], {
        env: { ...process.env, KINESIS_AGG_CODEC: 'wasm', NODE_PATH: '' }
      })
      let stderr = ''
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
      child.stdin.end(JSON.stringify(infoOf(1)))
      const [code] = (await once(child, 'close')) as [number | null]
      expect(code).toBe(2)
      expect(stderr).toContain('fetch-failed needs the package @aws-sdk/client-kinesis beside kinesis-agg')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
