/** `put` at kinesis-local, an implementation that is not ours. */
import { describe, expect, it } from 'vitest'
import { linesOf } from '../support/cli'
import { dataOf, runLive, startLive } from '../support/live-cli'
import { useLocalKinesis } from '../support/local-kinesis'

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
    expect(again.stderr).toContain('1 user records stored')
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

it('tail into put keeps bytes, keys, explicit hash keys and the order of each key', async () => {
  const from = await local.create('from')
  const to = await local.create('to', 3)
  const records = Array.from({ length: 300 }, (_, i) => ({
    partitionKey: `k${i % 7}`,
    dataBase64: Buffer.from([0xff, i >> 8, i & 0xff]).toString('base64'),
    ...(i % 7 === 3 && { explicitHashKey: '12345678901234567890' })
  }))
  const lines = (list: object[]) => list.map(record => `${JSON.stringify(record)}\n`).join('')
  expect((await runLive(local.endpoint, ['put', from], lines(records))).code).toBe(0)
  const read = await runLive(local.endpoint, ['tail', from, '--since', 'start', '--until', 'now', '--json'])
  expect((await runLive(local.endpoint, ['put', to], read.stdout)).code).toBe(0)
  const copied = linesOf(
    await runLive(local.endpoint, ['tail', to, '--since', 'start', '--until', 'now', '--json'])
  )
  expect(copied).toHaveLength(300)
  for (let key = 0; key < 7; key++) {
    const of = (list: Record<string, unknown>[]) =>
      list
        .filter(record => record['partitionKey'] === `k${key}`)
        .map(record => [record['data'] ?? record['dataBase64'], record['explicitHashKey'] ?? null])
    expect(of(copied)).toEqual(of(records))
  }
})
