import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deaggregateSync, type SdkRecord, type DeaggregatedRecord } from 'kinesis-agg'
import { base64, linesOf, run } from '../support/cli'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('encode', () => {
  interface Call {
    Records: { Data: string; PartitionKey: string; ExplicitHashKey?: string }[]
  }
  const usersOf = (calls: Call[]): DeaggregatedRecord[] =>
    deaggregateSync(calls.flatMap(({ Records }) => Records as SdkRecord[]))

  it('makes put-records JSON of user records', async () => {
    const lines = [
      { partitionKey: 'a', data: 'héllo', explicitHashKey: '340282366920938463463374607431768211455' },
      { PartitionKey: 'b', Data: 'x' },
      { partitionKey: 'c', dataBase64: '/wAb', explicitHashKey: 5 },
      { partitionKey: 'd', data: '' }
    ]
    const result = await run(['encode'], lines.map(one => JSON.stringify(one)).join('\n'))
    const calls = linesOf(result) as unknown as Call[]
    expect([result.code, result.stderr, calls.length]).toEqual([0, '', 1])
    expect(Object.keys(calls[0]!)).toEqual(['Records'])
    expect(
      calls[0]!.Records.map(({ PartitionKey, ExplicitHashKey }) => ({ PartitionKey, ExplicitHashKey }))
    ).toEqual([{ PartitionKey: 'a', ExplicitHashKey: '340282366920938463463374607431768211455' }])
    expect(
      usersOf(calls).map(({ partitionKey, data, explicitHashKey }) => [
        partitionKey,
        data.toString('latin1'),
        explicitHashKey
      ])
    ).toEqual([
      ['a', Buffer.from('héllo').toString('latin1'), '340282366920938463463374607431768211455'],
      ['b', 'x', undefined],
      ['c', '\xff\x00\x1b', '5'],
      ['d', '', undefined]
    ])
  })

  it('undoes decode', async () => {
    const decoded = await run(['decode'], base64)
    const calls = linesOf(await run(['encode', '-'], decoded.stdout)) as unknown as Call[]
    expect(calls[0]!.Records[0]!.Data).toBe(base64)
    const again = await run(['decode'], JSON.stringify(calls[0]))
    expect(again.stdout.equals(decoded.stdout)).toBe(true)
  })

  it('splits at 10 MiB a call, and decode reads all of its lines', async () => {
    const file = join(folder, 'users.ndjson')
    writeFileSync(
      file,
      Array.from({ length: 25 }, (_, i) => `{"partitionKey":"k${i}","data":"${'y'.repeat(900_000)}"}`).join(
        '\n'
      )
    )
    const result = await run(['encode', file])
    const calls = linesOf(result) as unknown as Call[]
    expect(calls.map(({ Records }) => Records.length)).toEqual([11, 11, 3])
    expect(linesOf(await run(['decode'], result.stdout)).map(row => row['partitionKey'])).toEqual(
      Array.from({ length: 25 }, (_, i) => `k${i}`)
    )
  })

  it('names what it cannot encode, and goes on', async () => {
    const lines = [
      '{"partitionKey":"a","data":"x"}',
      '{"data":"x"}',
      '{"partitionKey":"a"}',
      '{"partitionKey":"a","data":{"x":1}}',
      '{"partitionKey":"a","data":"x","explicitHashKey":-1}',
      '{"partitionKey":"a","data":"x","explicitHashKey":340282366920938463463374607431768211455}',
      `{"partitionKey":"${'k'.repeat(257)}","data":"x"}`,
      '"text"',
      '{"partitionKey":"a","dataBase64":5}',
      '{"partitionKey":"b","data":"y"}'
    ]
    const result = await run(['encode'], lines.join('\n'))
    expect(usersOf(linesOf(result) as unknown as Call[]).map(record => record.partitionKey)).toEqual([
      'a',
      'b'
    ])
    expect(result.stderr.replace(/ at byte \d+/g, '')).toBe(
      [
        'record 2: record.partitionKey field is mandatory',
        'record 3: Record.Data field is mandatory',
        'record 4: record.data must be a string, a Buffer, an ArrayBuffer or a view of one, got an object (Object)',
        "record 5: Explicit hash key '-1' is no decimal number in [0, 2^128)",
        'record 6: explicitHashKey has more digits than a JSON number holds: write it as a string',
        `record 7: Partition key '${'k'.repeat(40)}…' has over 256 characters`,
        'record 8: a user record must be an object',
        'record 9: dataBase64 must be a string'
      ]
        .map(message => `kinesis-agg: ${message}\n`)
        .join('')
    )
    expect(result.code).toBe(1)
  })
})
