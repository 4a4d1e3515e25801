/** Inputs that take a second look, and what is refused by name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aggregate, deaggregateSync, hashKeyOf } from 'kinesis-agg'
import { version } from '../../package.json'
import { aggregated, base64, linesOf, ofAggregate, run, users } from '../support/cli'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-cli-inputs-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('base64', () => {
  it.each([40, 52, 57, 60, 64, 72, 76, 100])('in lines of %d', async width => {
    const wrapped = base64.replace(new RegExp(`.{${width}}`, 'g'), '$&\n')
    const result = await run(['decode'], `${wrapped}\n`)
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result)).toEqual(ofAggregate)
  })

  it('in lines of 60, as a public issue has it', async () => {
    const input =
      '84mawgoIZGV2aWNlLTAKCGRldmljZS0xCghkZXZpY2UtMgoIZGV2aWNlLTMK\n' +
      'CGRldmljZS00CghkZXZpY2UtNRoLCAAaB3sibiI6MH0aCwgBGgd7Im4iOjF9\n' +
      'GgsIAhoHeyJuIjoyfRoLCAMaB3sibiI6M30aCwgEGgd7Im4iOjR9GgsIBRoH\n' +
      'eyJuIjo1fXQSVM0q4yq9/7Pl69LKfAs=\n'
    const result = await run(['decode', '--json'], input)
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result).map(({ data }) => data)).toEqual(
      [0, 1, 2, 3, 4, 5].map(n => JSON.stringify({ n }))
    )
  })

  const plainLines = (width: number, count: number): string =>
    Array.from({ length: count }, (_, i) => Buffer.alloc((width / 4) * 3, `${i}`).toString('base64')).join(
      '\n'
    )

  it('of plain records whose lines all have one width is read line by line, with a warning', async () => {
    const result = await run(['decode'], `${plainLines(60, 3)}\nZW5k\n`)
    expect(linesOf(result)).toHaveLength(4)
    expect(result.stderr).toMatch(/all lines but the last have 60 characters.*tr -d/)
    expect(result.code).toBe(0)
  })

  it.each([
    ['short lines', plainLines(56, 4)],
    ['lines of two widths', `${plainLines(60, 2)}\n${plainLines(64, 2)}`],
    ['a single line', plainLines(60, 1)]
  ])('but not for %s', async (_, input) => {
    expect((await run(['decode'], input)).stderr).toBe('')
  })
})

describe('other forms', () => {
  it.each([
    ['hexadecimal', aggregated.toString('hex')],
    ['in capitals', aggregated.toString('hex').toUpperCase()],
    ['after 0x', `0x${aggregated.toString('hex')}\n`],
    ['after \\x', `\\x${aggregated.toString('hex')}\n`],
    ['as xxd -p breaks it', aggregated.toString('hex').replace(/.{60}/g, '$&\n')]
  ])('%s', async (_, input) => {
    const result = await run(['decode'], input)
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result)).toEqual(ofAggregate)
  })

  it('two records in hexadecimal', async () => {
    const hex = aggregated.toString('hex')
    expect(linesOf(await run(['decode'], `${hex}\n${hex}\n`))).toEqual([...ofAggregate, ...ofAggregate])
  })

  it.each([
    ['gzip', gzipSync('{}'), 'gzip: pipe it through "gunzip -c"'],
    ['UTF-16 with a mark', Buffer.from('\ufeff{"Records":[]}', 'utf16le'), 'UTF-16: pipe it through "iconv'],
    ['UTF-16 without one', Buffer.from('{"Records":[]}', 'utf16le'), 'UTF-16: pipe it through "iconv'],
    ['UTF-16, big endian', Buffer.from('\ufeff{}', 'utf16le').swap16(), 'UTF-16: pipe it through "iconv']
  ])('%s is refused by name, with 2', async (_, input, words) => {
    const { code, stdout, stderr } = await run(['decode'], input)
    expect([code, stdout.length]).toEqual([2, 0])
    expect(stderr).toContain(words)
  })

  it('an event of SubscribeToShard', async () => {
    const event = { SubscribeToShardEvent: { Records: [{ Data: base64 }], ContinuationSequenceNumber: '1' } }
    const result = await run(['decode'], JSON.stringify(event))
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result)).toEqual(ofAggregate)
  })

  it('--gunzip opens what CloudWatch Logs puts, and leaves other data', async () => {
    const [one] = aggregate([
      { partitionKey: 'a', data: gzipSync('{"logGroup":"g"}') },
      { partitionKey: 'b', data: 'text' }
    ])
    const result = await run(['decode', '--gunzip'], one!.data.toString('base64'))
    expect(linesOf(result).map(({ data }) => data)).toEqual(['{"logGroup":"g"}', 'text'])
    const without = await run(['decode'], one!.data.toString('base64'))
    expect(linesOf(without)[0]).toHaveProperty('dataBase64')
  })

  it('--gunzip names gzip that is damaged, and exits with 1', async () => {
    const data = gzipSync('{"logGroup":"g"}').subarray(0, 20)
    const result = await run(
      ['decode', '--gunzip'],
      JSON.stringify({ Data: data.toString('base64'), SequenceNumber: '1' })
    )
    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(/record 1 at byte 0: the data is gzip that cannot be opened/)
  })

  it('--version', async () => {
    const { code, stdout } = await run(['--version'])
    expect([code, stdout.toString()]).toEqual([0, `${version}\n`])
  })
})

describe('encode', () => {
  const input = users.map(({ data, ...rest }) =>
    JSON.stringify({ ...rest, dataBase64: Buffer.from(data).toString('base64') })
  )
  interface Call {
    Records: { Data: string; PartitionKey: string; ExplicitHashKey?: string }[]
  }
  const recordsOf = (result: Awaited<ReturnType<typeof run>>): Call['Records'] =>
    linesOf(result).flatMap(call => (call as unknown as Call).Records)

  it('--max-size bounds each aggregated record', async () => {
    const lines = Array.from({ length: 50 }, (_, i) =>
      JSON.stringify({ partitionKey: `k${i}`, data: 'x'.repeat(50) })
    )
    const records = recordsOf(await run(['encode', '--max-size', '500'], lines.join('\n')))
    expect(records.length).toBeGreaterThan(5)
    for (const { Data, PartitionKey } of records) {
      expect(Buffer.from(Data, 'base64').length + PartitionKey.length).toBeLessThanOrEqual(500)
    }
  })

  it.each([['abc'], ['0'], ['-5']])('refuses --max-size=%s with 2', async size => {
    expect((await run(['encode', `--max-size=${size}`], input.join('\n'))).code).toBe(2)
  })

  it('--shards keeps the records of each shard apart', async () => {
    const half = 1n << 127n
    const Shards = [
      ['shardId-0', 0n, half - 1n],
      ['shardId-1', half, half * 2n - 1n]
    ].map(([ShardId, from, to]) => ({
      ShardId,
      HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) }
    }))
    const file = join(folder, 'shards.json')
    writeFileSync(file, JSON.stringify({ Shards }))
    const lines = Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({ partitionKey: `k${i}`, data: `${i}` })
    )
    const records = recordsOf(await run(['encode', '--shards', file], lines.join('\n')))
    expect(records).toHaveLength(2)
    for (const { Data, ExplicitHashKey } of records) {
      const isLow = BigInt(ExplicitHashKey!) < half
      for (const { partitionKey } of deaggregateSync({ data: Data })) {
        expect(hashKeyOf(partitionKey) < half).toBe(isLow)
      }
    }
    expect(records.flatMap(({ Data }) => deaggregateSync({ data: Data }))).toHaveLength(40)
  })

  it('refuses with 2 a --shards file that is none', async () => {
    const file = join(folder, 'no-shards.json')
    writeFileSync(file, '{}')
    const { code, stderr } = await run(['encode', '--shards', file], input.join('\n'))
    expect(code).toBe(2)
    expect(stderr).toContain('list-shards')
  })

  it.each(['!!!', 'a', 'YWJŁ', 'YWJj!'])(
    'names the line whose dataBase64 is %s, and puts nothing for it',
    async text => {
      const bad = JSON.stringify({ partitionKey: 'bad', dataBase64: text })
      const result = await run(['encode'], [input[0], bad, input[2]].join('\n'))
      expect(result.code).toBe(1)
      expect(result.stderr).toMatch(/record 2 .*dataBase64 is not base64/)
      const [record] = recordsOf(result)
      expect(deaggregateSync({ data: record!.Data }).map(({ partitionKey }) => partitionKey)).toEqual([
        'boiler-7',
        'boiler-7'
      ])
    }
  )
})
