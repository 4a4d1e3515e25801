/** `tail` at kinesis-local, an implementation that is not ours. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { PutRecordCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { afterEach, describe, expect, it } from 'vitest'
import { aggregated, cli, linesOf, run } from '../support/cli'
import { LIVE_ENV, dataOf, runLive, startLive } from '../support/live-cli'
import { useLocalKinesis } from '../support/local-kinesis'
import { Proxy } from '../support/proxy'

const local = useLocalKinesis()

const putOne = (StreamName: string, PartitionKey: string, Data: Uint8Array | string) =>
  local.admin.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(Data as string) }))

describe('tail', () => {
  it('prints what is there, with shard and time, and ends', async () => {
    const stream = await local.create('there', 1)
    await putOne(stream, 'outer', aggregated)
    await putOne(stream, 'plain', 'p')
    const result = await runLive(local.endpoint, ['tail', stream, '--since', 'start', '--until', 'now'])
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
    const some = await runLive(local.endpoint, [
      'tail',
      stream,
      '--since',
      'start',
      '--key',
      'boiler-7',
      '--limit',
      '2'
    ])
    expect([some.code, dataOf(some)]).toEqual([0, ['{"temperature":20}', 'line\nbreak']])
    const from = linesOf(result)[3]!['sequenceNumber'] as string
    const rest = await runLive(local.endpoint, [
      'tail',
      stream,
      '--since',
      from,
      '--shard',
      '0',
      '--limit',
      '1'
    ])
    expect(dataOf(rest)).toEqual(['p'])
  })

  it('goes on through a split, parents before children, and ends with 130 on SIGINT', async () => {
    const stream = await local.create('split', 1)
    await putOne(stream, 'k', '0')
    const { child, ended, soFar } = startLive(local.endpoint, ['tail', stream, '--since', 'start'])
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0'])
    await putOne(stream, 'k', '1')
    await local.admin.send(
      new SplitShardCommand({
        StreamName: stream,
        ShardToSplit: 'shardId-000000000000',
        NewStartingHashKey: String(2n ** 127n)
      })
    )
    while ((await local.openShards(stream)).length < 2) await new Promise(resolve => setTimeout(resolve, 20))
    await putOne(stream, 'k', '2')
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0', '1', '2'])
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
  })

  it('names a damaged record, and goes on', async () => {
    const stream = await local.create('damaged', 1)
    const bytes = Buffer.from(aggregated)
    bytes[bytes.length - 1]! ^= 1
    await putOne(stream, 'k', bytes)
    await putOne(stream, 'k', 'good')
    const result = await runLive(local.endpoint, ['tail', stream, '--since', 'start', '--until', 'now'])
    expect([result.code, dataOf(result)]).toEqual([1, ['good']])
    expect(result.stderr).toMatch(/shardId-0{12}, sequence number \d+: Invalid record checksum\n/)
  })

  it('says in one line that there is no such stream', async () => {
    const result = await runLive(local.endpoint, ['tail', 'nowhere'])
    expect(result.code).toBe(3)
    expect(result.stderr).toMatch(
      /^kinesis-agg: stream nowhere, region us-east-1, profile default: there is no such stream; .*\n$/
    )
  })
})

describe('tail --raw', () => {
  it('prints Kinesis records as they are, which decode reads', async () => {
    const stream = await local.create('raw', 1)
    const broken = Buffer.from(aggregated)
    broken[broken.length - 1]! ^= 1
    await putOne(stream, 'outer', aggregated)
    await putOne(stream, 'k', broken)
    await putOne(stream, 'plain', 'p')
    const args = ['tail', stream, '--since', 'start', '--until', 'now']
    const raw = await runLive(local.endpoint, [...args, '--raw'])
    expect(raw.code).toBe(0)
    expect(linesOf(raw).map(({ PartitionKey, Data }) => [PartitionKey, Data])).toEqual([
      ['outer', aggregated.toString('base64')],
      ['k', broken.toString('base64')],
      ['plain', Buffer.from('p').toString('base64')]
    ])
    expect(Object.keys(linesOf(raw)[0]!).toSorted()).toEqual([
      'ApproximateArrivalTimestamp',
      'Data',
      'PartitionKey',
      'SequenceNumber',
      'ShardId'
    ])
    const decoded = await run(['decode'], raw.stdout)
    const direct = await runLive(local.endpoint, args)
    expect([decoded.code, direct.code]).toEqual([1, 1])
    expect(decoded.stdout.toString()).toBe(direct.stdout.toString())
    expect(linesOf(decoded)).toHaveLength(4)
    const limited = await runLive(local.endpoint, [...args, '--raw', '--limit', '2'])
    expect(linesOf(limited)).toEqual(linesOf(raw).slice(0, 2))
  })
})

describe('tail chooses', () => {
  it('shards by a key, records by their text, and opens gzip', async () => {
    const stream = await local.create('chosen', 3)
    const keys = ['a', 'b', 'c', 'd', 'e', 'f']
    for (const key of keys) await putOne(stream, key, `data of ${key}`)
    await putOne(stream, 'a', gzipSync('zipped data of a'))
    const args = ['tail', stream, '--since', 'start', '--until', 'now', '--json']
    const all = linesOf(await runLive(local.endpoint, args))
    expect(all).toHaveLength(7)
    const shardOf = (key: string) => all.find(row => row['partitionKey'] === key)!['shardId']
    const ofKey = await runLive(local.endpoint, [...args, '--shard-of', 'c'])
    expect(linesOf(ofKey)).toEqual(all.filter(({ shardId }) => shardId === shardOf('c')))
    expect(linesOf(ofKey).length).toBeLessThan(7)
    const found = await runLive(local.endpoint, [...args, '--grep', 'ta of a', '--gunzip'])
    expect(dataOf(found).toSorted()).toEqual(['data of a', 'zipped data of a'])
    expect(dataOf(await runLive(local.endpoint, [...args, '--grep', 'ta of a']))).toEqual(['data of a'])
  })

  it('a stream by its ARN, quietly, in columns', async () => {
    const stream = await local.create('named', 1)
    await putOne(stream, 'k', 'x')
    const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`
    const args = ['tail', arn, '--since', 'start', '--until', 'now', '-q', '--wide']
    const result = await runLive(local.endpoint, args)
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(result.stdout.toString()).toMatch(
      /^TIME +SHARD +SEQUENCE +SUB {2}KEY +HASH KEY +SIZE {2}DATA\n[-\d]+ [\d:.]+ +0 +\d+ +- {2}k +- +1 {2}x\n$/
    )
    const nowhere = await runLive(local.endpoint, [
      'tail',
      arn.replace('us-east-1', 'eu-west-1'),
      '--limit',
      '1'
    ])
    expect(nowhere.code).toBe(3)
    expect(nowhere.stderr).toMatch(/^kinesis-agg: stream arn:.*, region eu-west-1, profile default: /)
  })
})

describe('tail behind faults', () => {
  const proxy = new Proxy()
  afterEach(() => proxy.close())

  it('is throttled, and its iterator expires: it loses nothing, and prints nothing twice', async () => {
    const stream = await local.create('faults', 1)
    for (const text of ['0', '1', '2']) await putOne(stream, 'k', text)
    const faults = ['ProvisionedThroughputExceededException', undefined, 'ExpiredIteratorException']
    proxy.refuse = ({ name }) => {
      const fault = name === 'GetRecords' ? faults.shift() : undefined
      return fault === undefined ? undefined : { name: fault }
    }
    const endpoint = await proxy.listen(local.endpoint)
    const { child, ended, soFar } = startLive(endpoint, ['tail', stream, '--since', 'start'])
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0', '1', '2'])
    await expect
      .poll(() => proxy.names.filter(name => name === 'GetShardIterator').length, { timeout: 60_000 })
      .toBe(2)
    await putOne(stream, 'k', '3')
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0', '1', '2', '3'])
    child.kill('SIGTERM')
    expect((await ended).code).toBe(143)
  })
})

describe('tail ends', () => {
  it('with 0 and silently when its reader leaves, and reads no more', async () => {
    const stream = await local.create('left', 1)
    await putOne(stream, 'k', '0')
    const { child, ended, soFar } = startLive(local.endpoint, ['tail', stream, '--since', 'start', '-q'])
    await expect.poll(() => dataOf(soFar()), { timeout: 60_000 }).toEqual(['0'])
    child.stdout.destroy()
    await putOne(stream, 'k', '1')
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('at once on a second SIGINT, while the output is blocked, when nothing is read', async () => {
    const stream = await local.create('blocked', 2)
    await putOne(stream, 'k', 'x'.repeat(1_000_000))
    const proxy = new Proxy()
    const reads = () => proxy.names.filter(name => name === 'GetRecords').length
    const child = spawn(
      process.execPath,
      [cli, 'tail', stream, '--since', 'start', '--endpoint-url', await proxy.listen(local.endpoint)],
      { env: LIVE_ENV, stdio: ['ignore', 'pipe', 'ignore'] }
    )
    // Some of the record is there, and nobody reads the rest.
    await once(child.stdout, 'readable')
    const before = reads()
    await sleep(3000)
    // One may have been on its way.
    expect(reads()).toBeLessThanOrEqual(before + 1)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    const again = setInterval(() => child.kill('SIGINT'), 50)
    const [code] = await ended
    clearInterval(again)
    expect(code).toBe(130)
    child.stdout.destroy()
    proxy.close()
  })

  it('with 3 and one line if it is not permitted', async () => {
    const proxy = new Proxy()
    proxy.refuse = () => ({ name: 'AccessDeniedException', message: 'User: x is not authorized' })
    const endpoint = await proxy.listen('http://127.0.0.1:1')
    const result = await runLive(endpoint, ['tail', 'secret'])
    proxy.close()
    expect([result.code, result.stdout.length]).toEqual([3, 0])
    expect(result.stderr).toMatch(/^kinesis-agg: stream secret, .*: not permitted; .*\n$/)
  })
})
