/** `stat` of files and standard input. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aggregate } from 'kinesis-agg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linesOf, run } from '../../support/cli'

const HALF = 2n ** 127n

/** As `tail --raw` prints a record. */
const raw = (ShardId: string | undefined, hashKey: bigint) => ({
  ...(ShardId !== undefined && { ShardId }),
  Data: aggregate([{ partitionKey: 'k', explicitHashKey: hashKey, data: 'x' }])[0]!.data.toString('base64'),
  PartitionKey: 'k',
  SequenceNumber: '49',
  ApproximateArrivalTimestamp: '2026-11-25T10:00:00.123Z'
})
const lines = (...values: unknown[]): string => values.map(value => `${JSON.stringify(value)}\n`).join('')

let folder: string
let shards: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stat-'))
  shards = join(folder, 'list-shards.json')
  const list = [
    { ShardId: 's-0', HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(HALF - 1n) } },
    {
      ShardId: 's-1',
      HashKeyRange: { StartingHashKey: String(HALF), EndingHashKey: String(2n ** 128n - 1n) }
    }
  ]
  writeFileSync(shards, JSON.stringify({ Shards: list }))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('stat of a file', () => {
  it('exits with 1 if KCL would drop a record, with 0 if it would not, or if that is unknown', async () => {
    const good = lines(raw('s-0', 1n), raw('s-1', HALF))
    const bad = lines(raw('s-0', HALF), raw('s-1', HALF))
    const outcome = async (input: string, ...more: string[]) => {
      const result = await run(['stat', '-', '--json', ...more], input)
      return [result.code, (linesOf(result)[0]!['kcl'] as { verdict: string }).verdict]
    }
    expect(await outcome(good, '--shards', shards)).toEqual([0, 'keeps'])
    expect(await outcome(bad, '--shards', shards)).toEqual([1, 'drops'])
    expect(await outcome(bad)).toEqual([0, 'unknown'])
    expect(await outcome(lines(raw(undefined, 1n)), '--shards', shards)).toEqual([0, 'unknown'])
  })

  it('reads one by its name, which need have no slash', async () => {
    const file = join(folder, 'records.ndjson')
    writeFileSync(file, lines(raw('s-0', 1n)))
    const { code, stdout } = await run(['stat', file])
    expect(code).toBe(0)
    expect(stdout.toString()).toContain(`Sample: file ${file}, 2026-11-25T10:00:00.123Z`)
    const here = await run(['stat', 'package.json'])
    expect([here.code, here.stderr]).toEqual([1, expect.stringContaining('kinesis-agg: record 1 at byte 0')])
  })

  it('names a damaged record and one that is none, goes on, and exits with 1', async () => {
    const damaged = { ...raw('s-0', 1n), Data: `${raw('s-0', 1n).Data.slice(0, -8)}AAAAAAA=` }
    const result = await run(
      ['stat', '-', '--json'],
      lines(damaged, {}, { aggregated: false }, raw('s-0', 1n))
    )
    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(
      /^kinesis-agg: record 1 \(sequence number 49\) at byte 0: Invalid record checksum\nkinesis-agg: record 2 at byte \d+: record\.data .*\nkinesis-agg: record 3 at byte \d+: this is a user record; .*\n$/
    )
    expect(linesOf(result)[0]!['sample']).toMatchObject({ kinesisRecords: 2, userRecords: 1, damaged: 1 })
  })

  it('counts all of an event of SubscribeToShard, also behind a damaged record', async () => {
    const damaged = { ...raw(undefined, 1n), Data: `${raw(undefined, 1n).Data.slice(0, -8)}AAAAAAA=` }
    const event = { SubscribeToShardEvent: { Records: [damaged, raw(undefined, 1n), raw(undefined, 2n)] } }
    const result = await run(['stat', '-', '--json'], lines(event))
    expect([result.code, linesOf(result)[0]!['sample']]).toMatchObject([
      1,
      { kinesisRecords: 3, userRecords: 2 }
    ])
  })
})

describe('wrong usage exits with 2', () => {
  it.each([
    [[], 'stat takes one stream, by name or ARN, or one file, or - for standard input'],
    [['a', 'b'], 'stat takes one stream, by name or ARN, or one file, or - for standard input'],
    [['a', '--since', 'x'], "--since takes a time such as 10m or 2026-11-25T10:00Z, got 'x'"],
    [['a', '--until', 'x'], "--until takes a time such as 10m or 2026-11-25T10:00Z, got 'x'"],
    [['a', '--since', '1m', '--shards', 'x'], '--shards is for files, and --since for streams'],
    [
      ['a', '--shards', 'package.json'],
      '--shards takes the JSON of "aws kinesis list-shards"; package.json: it lists no shards'
    ],
    [['./nothing/there'], "ENOENT: no such file or directory, stat './nothing/there'"],
    [['a', '--what'], "Unknown option '--what'"]
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await run(['stat', ...args])
    expect([code, stdout.length]).toEqual([2, 0])
    expect(stderr.startsWith(`kinesis-agg: ${message}`)).toBe(true)
    expect(stderr).not.toContain('    at ')
  })

  it.each([
    ['[{}]', 'a shard has no ShardId'],
    ['[null]', 'a shard has no ShardId'],
    ['{"Shards":[{"ShardId":"s"}]}', "Explicit hash key 'nothing' is no decimal number"],
    [
      '[{"ShardId":"s","HashKeyRange":{"StartingHashKey":"5","EndingHashKey":"4"}}]',
      'shard s ends before its start'
    ],
    ['no JSON', 'Unexpected token']
  ])('shards that are none: %s', async (text, message) => {
    const file = join(folder, 'none.json')
    writeFileSync(file, text)
    const { code, stderr } = await run(['stat', '-', '--shards', file])
    expect([code, stderr]).toEqual([2, expect.stringContaining(`${file}: ${message}`)])
  })
})

it('has help of its own', async () => {
  const { code, stdout } = await run(['stat', '--help'])
  expect(code).toBe(0)
  for (const word of ['--since', '--until', '--shard ID', '--shards FILE', 'kinesis:DescribeStreamSummary'])
    expect(stdout.toString()).toContain(word)
  for (const line of stdout.toString().split('\n')) expect(line.length).toBeLessThanOrEqual(120)
})
