/** What data holds, and what of it is found and saved. */
import '../support/source-binary'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { deaggregateSync } from 'kinesis-agg'
import { contentOf } from '../../src-js/inspector/content'
import type { KinesisEntry } from '../../src-js/inspector/entry'
import { EXAMPLE_RECORDS, EXAMPLE_SHARDS } from '../../src-js/inspector/example'
import { explain } from '../../src-js/inspector/explain'
import { gunzip } from '../../src-js/inspector/gunzip'
import { childrenOf, readJson, summaryOf } from '../../src-js/inspector/json-tree'
import { outcomeOf } from '../../src-js/inspector/kcl'
import { jsonLine } from '../../src-js/inputs/json-row'
import { PastedShards } from '../../src-js/inspector/pasted-shards'
import { readInput } from '../../src-js/inspector/read-input'
import { previewOf, rowsOf, search, shardOfRow } from '../../src-js/inspector/rows'
import { sentenceOfOne } from '../../src-js/inspector/sentence'
import { countOf, listOf, positionsText, sizeOf } from '../../src-js/inspector/words'
import { base64, linesOf, run, users } from '../support/cli'

describe('content', () => {
  it.each([
    ['', 'empty'],
    ['{"a":1}', 'json'],
    [' [1, 2]', 'json'],
    ['17', 'text'],
    ['{"a":', 'text'],
    ['line\nbreak', 'text'],
    [Buffer.from([0xff, 0x00]), 'bytes'],
    [gzipSync('x'), 'gzip']
  ])('%j is %s', (data, kind) => {
    expect(contentOf(Buffer.from(data as string)).kind).toBe(kind)
  })
})

describe('JSON', () => {
  it('keeps numbers and texts as they were written, and all of keys that repeat', () => {
    const root = readJson(
      '{"id": 12345678901234567890, "e": 1.50, "s": "a\\"},{[:", "id": [true, null, {}]}'
    )!
    expect(childrenOf(root)).toEqual([
      ['"id"', { kind: 'scalar', text: '12345678901234567890' }],
      ['"e"', { kind: 'scalar', text: '1.50' }],
      ['"s"', { kind: 'scalar', text: '"a\\"},{[:"' }],
      [
        '"id"',
        {
          kind: 'array',
          items: [
            { kind: 'scalar', text: 'true' },
            { kind: 'scalar', text: 'null' },
            { kind: 'object', entries: [] }
          ]
        }
      ]
    ])
    expect(summaryOf(root)).toBe('{"id": 12345678901234567890, "e": 1.50, "s": "a\\"},{[:", …}')
  })

  it('of any depth and length', () => {
    const deep = readJson('['.repeat(100_000) + ']'.repeat(100_000))
    let levels = 0
    for (let node = deep; node !== undefined; node = childrenOf(node)[0]?.[1]) levels++
    expect([0, 100_000]).toContain(levels)
    const long = 'x\\n'.repeat(2_000_000)
    expect(childrenOf(readJson(`{"a":"${long}"}`)!)[0]![1]).toEqual({ kind: 'scalar', text: `"${long}"` })
  })
})

describe('gzip', () => {
  it('is opened', async () => {
    const { data, isCut } = await gunzip(new Uint8Array(gzipSync('{"logGroup":"g"}')))
    expect([data.toString(), isCut]).toEqual(['{"logGroup":"g"}', false])
  })

  it('is opened as far as its bound', async () => {
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)))
    const { data, isCut } = await gunzip(bomb, 1000)
    expect([data.length, isCut]).toEqual([1000, true])
    const exact = await gunzip(new Uint8Array(gzipSync(Buffer.alloc(1000))), 1000)
    expect([exact.data.length, exact.isCut]).toEqual([1000, false])
  })

  it.each([
    ['cut off', gzipSync('{"logGroup":"g"}').subarray(0, 20)],
    ['damaged', Buffer.concat([gzipSync('abc').subarray(0, -8), Buffer.alloc(8)])]
  ])('that is %s is an error', async (_, data) => {
    await expect(gunzip(new Uint8Array(data))).rejects.toThrow()
  })
})

const rowsIn = (input: string) =>
  rowsOf(readInput(Buffer.from(input)).entries.map(entry => ({ entry, outcome: undefined })))

describe('rows', () => {
  const rows = rowsIn(base64)

  it.each<[string, number[]]>([
    ['', [0, 1, 2]],
    ['BOILER', [0, 2]],
    ['我', [1]],
    ['7', [0, 1, 2]],
    ['line\nbreak', [2]],
    [' temperature ', [0]],
    ['\ufffd', []]
  ])('a search for %j', (text, positions) => {
    expect(search(rows, text).map(({ record }) => record.subSequenceNumber)).toEqual(positions)
  })

  it('previews are on one line, and obey nothing', () => {
    const preview = (data: string | Buffer) =>
      previewOf({ ...rows[0]!.record, data: Buffer.from(data as string) })
    expect(preview('line\nbreak\u202e\x1b')).toBe('line\\nbreak\\u{202e}\\x1b')
    expect(preview(Buffer.from([0xff, 0x00]))).toBe('0x ff 00')
    expect(preview('ä'.repeat(500))).toBe(`${'ä'.repeat(199)}…`)
    expect(preview(Buffer.alloc(500, 0xff))).toBe(`0x ${Array(100).fill('ff').join(' ')}…`)
  })

  it('saved lines are taken by encode, which makes the same record', async () => {
    const result = await run(['encode'], rows.map(({ record }) => jsonLine(record)).join(''))
    expect(linesOf(result)).toMatchObject([{ Records: [{ Data: base64 }] }])
  })
})

describe('shards that are pasted', () => {
  it.each([
    ['no JSON', 'text'],
    ['null', 'null'],
    ['a record', '{"Data":"eA=="}'],
    ['no shards', '{"Shards":[]}'],
    ['a part of them', EXAMPLE_SHARDS.replace('"StartingHashKey": "0"', '"StartingHashKey": "1"')],
    ['ranges that are none', EXAMPLE_SHARDS.replace('"StartingHashKey": "0"', '"StartingHashKey": "x"')],
    [
      'a closed one without a range',
      '{"Shards":[{"ShardId":"a","SequenceNumberRange":{"EndingSequenceNumber":"1"}}]}'
    ]
  ])('%s is refused', (_, text) => {
    expect(() => PastedShards.parse(text)).toThrow()
  })

  it('a list alone will do', () => {
    const { Shards } = JSON.parse(EXAMPLE_SHARDS) as { Shards: object[] }
    expect(PastedShards.parse(JSON.stringify(Shards)).all).toHaveLength(2)
  })
})

describe('the example', () => {
  const [entry] = readInput(Buffer.from(EXAMPLE_RECORDS)).entries as [KinesisEntry]
  const shards = PastedShards.parse(EXAMPLE_SHARDS)
  const outcome = outcomeOf(entry, shards, undefined)

  it('is an aggregate that KCL drops, and says why', () => {
    expect(sentenceOfOne({ entry, outcome })).toBe(
      'Aggregated (KPL format): 7 user records, 558 bytes, checksum good; KCL would drop all of them: record 5 belongs to another shard.'
    )
    const text = explain(entry, outcome, shards).join('\n')
    expect(text).toContain(
      'user record 5 (partition key "pump-0") has the hash key 286884386087021243556421571347220892582, which belongs to shardId-000000000001'
    )
    expect(text).toContain(
      'shardId-000000000000, whose hash keys go from 0 to 170141183460469231731687303715884105727'
    )
  })

  it('has every kind of data, and both shards', () => {
    expect(entry.userRecords.map(({ data }) => contentOf(data).kind)).toEqual([
      'json',
      'json',
      'json',
      'text',
      'gzip',
      'json',
      'bytes'
    ])
    const owners = rowsOf([{ entry, outcome }]).map(row => [shardOfRow(row, shards), row.isOutside])
    expect(new Set(owners.map(([shardId]) => shardId))).toEqual(
      new Set(['shardId-000000000000', 'shardId-000000000001'])
    )
    expect(owners.map(([, isOutside]) => isOutside)).toEqual([false, false, false, false, false, true, false])
    expect(entry.userRecords.map(({ partitionKey }) => partitionKey)).toEqual(
      deaggregateSync(JSON.parse(EXAMPLE_RECORDS) as { Data: string }).map(({ partitionKey }) => partitionKey)
    )
  })
})

describe('words', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1.0 KB'],
    [9949, '9.9 KB'],
    [9951, '10 KB'],
    [48_400, '48 KB'],
    [999_499, '999 KB'],
    [999_500, '1.0 MB'],
    [10_485_760, '10 MB']
  ])('%d bytes', (bytes, text) => expect(sizeOf(bytes)).toBe(text))

  it('lists and counts', () => {
    expect([listOf([]), listOf(['a']), listOf(['a', 'b']), listOf(['a', 'b', 'c'])]).toEqual([
      '',
      'a',
      'a and b',
      'a, b and c'
    ])
    expect([countOf(1, 'user record'), countOf(10_000, 'user record')]).toEqual([
      '1 user record',
      '10,000 user records'
    ])
    expect(positionsText([4])).toBe('record 4')
    expect(positionsText([1, 2, 3, 4])).toBe('records 1, 2, 3 and 1 more')
  })

  it('every outcome is explained without knowledge of the format', () => {
    const entry = readInput(Buffer.from(base64)).entries[0] as KinesisEntry
    const [first, ...rest] = explain(entry, { kind: 'unknown', missing: undefined }, undefined)
    expect(first).toMatch(/^A Kinesis record can carry many small ones\..* This one holds 3 user records/)
    expect(rest.join(' ')).toMatch(/Paste what "aws kinesis list-shards" prints/)
    expect(users).toHaveLength(3)
  })
})
