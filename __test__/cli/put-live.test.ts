/** `put` at kinesis-local, an implementation that is not ours. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutRecordCommand, SplitShardCommand } from '@aws-sdk/client-kinesis'
import { aggregate, hashKeyOf } from 'kinesis-agg'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { linesOf } from '../support/cli'
import { dataOf, runLive, startLive } from '../support/live-cli'
import { useLocalKinesis } from '../support/local-kinesis'
import { Proxy } from '../support/proxy'

const local = useLocalKinesis()

describe('put', () => {
  it('stores lines, names bad ones, and counts', async () => {
    const stream = await local.create('lines')
    const lines = ['{"user":{"id":7},"n":1}', 'no JSON', '{"user":{"id":8},"n": 2}', '']
    const result = await runLive(local.endpoint, ['put', stream, '--key-path', '.user.id'], lines.join('\n'))
    expect(result.stderr).toMatch(/^kinesis-agg: line 2: the line is not JSON/)
    expect(result.stderr).toContain('2 user records stored')
    expect(result.stderr).toContain('the first line not known to be stored is 2\n')
    expect([result.code, result.stdout.length]).toEqual([1, 0])
    const stored = await runLive(local.endpoint, ['tail', stream, '--since', 'start', '--until', 'now'])
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
    const result = await runLive(local.endpoint, ['put', 'nowhere'], '{"partitionKey":"k","data":{"a":1}}\n')
    expect(result.code).toBe(3)
    expect(linesOf(result)).toEqual([
      {
        partitionKey: 'k',
        data: '{"a":1}',
        error: { code: 'ERR_STREAM_NOT_FOUND', message: expect.any(String), maybeStored: false }
      }
    ])
    const stream = await local.create('again')
    const again = await runLive(local.endpoint, ['put', stream], result.stdout)
    expect(again.stderr).toContain('1 user record stored')
    expect(again.code).toBe(0)
  })

  it('stores what was read when SIGINT comes', async () => {
    const stream = await local.create('stopped')
    const { child, ended } = startLive(local.endpoint, ['put', stream, '--key', 'k'])
    child.stdin.write('one\ntwo\nthr')
    const seen = await runLive(local.endpoint, ['tail', stream, '--since', 'start', '--limit', '2'])
    expect(dataOf(seen)).toEqual(['one', 'two'])
    child.kill('SIGINT')
    const result = await ended
    expect(result.stderr).toContain('2 user records stored')
    expect(result.stderr).toContain('the first line not known to be stored is 3\n')
    expect([result.code, result.stdout.length]).toEqual([130, 0])
  })
})

describe('put --dry-run', () => {
  it('tells what would be put, and puts nothing', async () => {
    const stream = await local.create('dry', 2)
    const good = Array.from({ length: 200 }, (_, i) => ({ partitionKey: `k${i}`, data: 'x'.repeat(20_000) }))
    const lines = [...good.map(record => JSON.stringify(record)), 'no JSON']
    const proxy = new Proxy()
    const endpoint = await proxy.listen(local.endpoint)
    const args = ['put', stream, '--dry-run', '--rate-limit', '0.1']
    const result = await runLive(endpoint, args, lines.join('\n'))
    proxy.close()
    expect([result.code, result.stdout.length]).toEqual([1, 0])
    const [, bad, summary] = /^(.*)\n(.*)\n$/.exec(result.stderr)!
    expect(bad).toMatch(/^kinesis-agg: line 201: the line is not JSON/)
    const [, userRecords, records, bytes, seconds] =
      /^kinesis-agg: dry run, nothing is stored: (\S+) user records in (\S+) Kinesis records of (\S+) bytes together, for 2 of 2 shards, would take at least (\S+) s, 1 line without a record$/.exec(
        summary!
      )!
    expect(userRecords).toBe('200')
    expect(Number(records)).toBeGreaterThan(15)
    expect(Number(records)).toBeLessThan(30)
    expect(Number(bytes!.replaceAll(',', ''))).toBeGreaterThan(4_000_000)
    // 4 MB on two shards, at a tenth of a MiB a second each.
    expect(Number(seconds)).toBeGreaterThanOrEqual(19)
    expect(Number(seconds)).toBeLessThan(38)
    expect(proxy.names).not.toContain('PutRecords')
    expect(
      linesOf(await runLive(local.endpoint, ['tail', stream, '--since', 'start', '--until', 'now']))
    ).toEqual([])
  })

  it('says that there is no such stream', async () => {
    const result = await runLive(
      local.endpoint,
      ['put', 'nowhere', '--dry-run'],
      '{"partitionKey":"k","data":1}\n'
    )
    expect([result.code, result.stdout.length]).toEqual([3, 0])
    expect(result.stderr).toMatch(/^kinesis-agg: stream nowhere, .*: there is no such stream; .*\n$/)
  })
})

describe('put tells', () => {
  it('the PUT units that aggregation saved', async () => {
    const stream = await local.create('saved', 1)
    const result = await runLive(local.endpoint, ['put', stream, '--key', 'k'], 'line\n'.repeat(500))
    expect(result.stderr).toBe(
      'kinesis-agg: 500 user records stored, 1 Kinesis record sent, 499 PUT units saved\n'
    )
  })

  it('a stream by its ARN, and the credentials and the region of a profile', async () => {
    const stream = await local.create('profiled', 1)
    const home = mkdtempSync(join(tmpdir(), 'kinesis-agg-home-'))
    mkdirSync(join(home, '.aws'))
    writeFileSync(join(home, '.aws', 'config'), '[profile dev]\nregion = eu-west-1\n')
    writeFileSync(
      join(home, '.aws', 'credentials'),
      '[dev]\naws_access_key_id = OFDEV\naws_secret_access_key = s\n'
    )
    const proxy = new Proxy()
    onTestFinished(() => {
      proxy.close()
      rmSync(home, { recursive: true })
    })
    const endpoint = await proxy.listen(local.endpoint)
    const env = {
      HOME: home,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_DEFAULT_REGION: undefined
    }
    const { child, ended } = startLive(endpoint, ['put', stream, '--key', 'k', '--profile', 'dev'], env)
    child.stdin.end('x\n')
    await ended
    const scopes = proxy.calls.map(({ headers }) => /Credential=(.*?)\/aws4/.exec(headers.authorization!)![1])
    expect(scopes.length).toBeGreaterThan(0)
    for (const scope of scopes) expect(scope).toMatch(/^OFDEV\/\d+\/eu-west-1\/kinesis$/)

    const arn = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`
    expect((await runLive(local.endpoint, ['put', arn, '--key', 'k'], 'y\n')).code).toBe(0)
    const stored = await runLive(local.endpoint, ['tail', stream, '--since', 'start', '--until', 'now'])
    expect(dataOf(stored)).toContain('y')
  })
})

describe('a stopped put', () => {
  /** A Kinesis that answers everything but PutRecords. */
  async function silent() {
    const proxy = new Proxy()
    onTestFinished(() => proxy.close())
    proxy.holds = ({ name }) => name === 'PutRecords'
    const endpoint = await proxy.listen(local.endpoint)
    return { endpoint, isAsked: () => proxy.names.includes('PutRecords') }
  }

  it('gives back what is not stored after 5 seconds', async () => {
    const stream = await local.create('silent', 1)
    const { endpoint, isAsked } = await silent()
    const { child, ended } = startLive(endpoint, ['put', stream, '--key', 'k'])
    child.stdin.write('one\n')
    await vi.waitUntil(isAsked, { timeout: 60_000 })
    child.kill('SIGTERM')
    const result = await ended
    expect(result.code).toBe(143)
    expect(linesOf(result)).toMatchObject([{ partitionKey: 'k', data: 'one', error: { maybeStored: true } }])
    expect(result.stderr).toContain('0 user records stored')
    expect(result.stderr).toContain('the first line not known to be stored is 1\n')
  })

  it('ends at once on a second signal', async () => {
    const stream = await local.create('mute', 1)
    const { endpoint, isAsked } = await silent()
    const { child, ended } = startLive(endpoint, ['put', stream, '--key', 'k'])
    child.stdin.write('one\n')
    await vi.waitUntil(isAsked, { timeout: 60_000 })
    child.kill('SIGINT')
    const again = setInterval(() => child.kill('SIGINT'), 50)
    const result = await ended
    clearInterval(again)
    expect([result.code, result.stdout.length]).toEqual([130, 0])
    expect(result.stderr).toBe('kinesis-agg: the process ends with 1 record that may not be stored\n')
  })
})

it('tail piped into put keeps bytes, keys, explicit hash keys and the order of each key', async () => {
  const from = await local.create('from', 1)
  const to = await local.create('to', 3)
  // On the first shard, unlike what the key says.
  const explicitHashKey = '12345678901234567890'
  const explicitKey = Array.from({ length: 7 }, (_, i) => `k${i}`).find(key => hashKeyOf(key) > 2n ** 127n)!
  const data = (i: number): Buffer =>
    [
      Buffer.from([0xff, i >> 8, i & 0xff]),
      Buffer.from(`{"n": ${i}.0, "é": "\u2028\0"}`),
      Buffer.from(`\ufeff${i}\n`)
    ][i % 3]!
  const records = Array.from({ length: 300 }, (_, i) => {
    const partitionKey = `k${i % 7}`
    return { partitionKey, data: data(i), ...(partitionKey === explicitKey && { explicitHashKey }) }
  })
  // Of plain records Kinesis does not tell the explicit hash keys.
  const putAggregated = async (list: typeof records): Promise<void> => {
    for (const { data: Data, partitionKey: PartitionKey } of aggregate(list, { maxSize: 500 }))
      await local.admin.send(new PutRecordCommand({ StreamName: from, PartitionKey, Data }))
  }
  await putAggregated(records.slice(0, 150))
  await local.admin.send(
    new SplitShardCommand({
      StreamName: from,
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: String(2n ** 127n)
    })
  )
  await vi.waitUntil(async () => (await local.openShards(from)).length === 2, { timeout: 20_000 })
  await putAggregated(records.slice(150).filter(({ partitionKey }) => hashKeyOf(partitionKey) < 2n ** 127n))
  await putAggregated(records.slice(150).filter(({ partitionKey }) => hashKeyOf(partitionKey) >= 2n ** 127n))

  const tail = startLive(local.endpoint, ['tail', from, '--since', 'start', '--until', 'now', '--json'])
  const put = startLive(local.endpoint, ['put', to])
  tail.child.stdout.pipe(put.child.stdin)
  expect([(await tail.ended).code, (await put.ended).code]).toEqual([0, 0])

  const copied = linesOf(await runLive(local.endpoint, ['tail', to, '--since', 'start', '--until', 'now']))
  expect(copied).toHaveLength(300)
  for (let key = 0; key < 7; key++) {
    const partitionKey = `k${key}`
    const ofKey = copied.filter(record => record['partitionKey'] === partitionKey)
    expect(
      ofKey.map(row => row['dataBase64'] ?? Buffer.from(row['data'] as string).toString('base64'))
    ).toEqual(
      records.filter(record => record.partitionKey === partitionKey).map(one => one.data.toString('base64'))
    )
    const expected = partitionKey === explicitKey ? explicitHashKey : null
    for (const { shardId, aggregated, explicitHashKey: told } of ofKey) {
      if (aggregated === true) expect(told).toBe(expected)
      if (expected !== null) expect(shardId).toBe('shardId-000000000000')
    }
  }
})

it('put goes on when nobody reads what is not stored', async () => {
  const { child, ended } = startLive(local.endpoint, ['put', 'nowhere', '--key', 'k'])
  child.stdout.destroy()
  child.stdin.end('x\n'.repeat(10))
  const { code, stderr } = await ended
  expect(code).toBe(3)
  expect(stderr).toMatch(/: 0 user records stored, \d+ Kinesis records? sent, 10 not stored\n/)
  expect(stderr).not.toContain('EPIPE')
})
