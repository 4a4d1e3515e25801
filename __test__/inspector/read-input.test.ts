/** What an input holds, beside what the command says of it. */
import '../support/source-binary'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { aggregate } from 'kinesis-agg'
import type { KinesisEntry } from '../../src-js/inspector/entry'
import { jsonLine } from '../../src-js/inputs/json-row'
import { readInput } from '../../src-js/inspector/read-input'
import { rowsOf } from '../../src-js/inspector/rows'
import { aggregated, base64, run, users } from '../support/cli'

const fixture = (name: string): string =>
  readFileSync(join(__dirname, '..', 'fixtures', 'events', `${name}.json`), 'utf8')

/** As `tail --raw` prints an undecoded record. */
const raw = (ShardId: string, Data: string): string =>
  `${JSON.stringify({ ShardId, SequenceNumber: '49', PartitionKey: 'a', Data })}\n`

const plain = Buffer.from('{"a":1}').toString('base64')

const inputs: [string, string | Buffer][] = [
  ['base64', `${base64}\n`],
  ['base64 in lines', base64.replace(/.{60}/g, '$&\n')],
  ['several base64 records', `${base64}\n${plain}\n${base64}\n`],
  ['hexadecimal', aggregated.toString('hex')],
  ['two in hexadecimal', `${aggregated.toString('hex')}\n${aggregated.toString('hex')}\n`],
  ['a Lambda event', fixture('kinesis')],
  ['a Firehose event', fixture('firehose')],
  ['an Analytics event', fixture('analytics')],
  ['the answer of GetRecords', fixture('get-records')],
  ['an on-failure object', JSON.stringify({ payload: fixture('kinesis'), requestContext: {} })],
  [
    'an event of SubscribeToShard',
    JSON.stringify({ SubscribeToShardEvent: { Records: [{ Data: base64 }] } })
  ],
  ['NDJSON', `${JSON.stringify({ Data: base64 })}\n${JSON.stringify({ Data: plain })}\n`],
  ['undecoded records of a stream', raw('shardId-000000000001', base64) + raw('shardId-000000000002', plain)],
  ['bytes', aggregated],
  ['bytes that are no text and not aggregated', Buffer.from([0, 255, 1])]
]

const rowsIn = (input: string | Buffer) =>
  rowsOf(
    readInput(Buffer.from(input as string))
      .entries.filter(entry => entry.kind === 'record' && entry.fault === undefined)
      .map(entry => ({ entry, outcome: undefined }))
  )

describe('user records are those that decode prints', () => {
  it.each(inputs)('of %s', async (_, input) => {
    const result = await run(['decode', '--json'], input)
    const found = rowsIn(input).map(({ record }) => jsonLine(record))
    expect(found.length).toBeGreaterThan(0)
    expect(found.join('')).toBe(result.stdout.toString())
  })
})

describe('errors are those of decode, with the place', () => {
  const damaged = Buffer.from(aggregated)
  damaged[10]! ^= 1
  const bad = damaged.toString('base64')

  it.each<[string, string]>([
    ['a wrong checksum', `${base64}\n${bad}\n`],
    [
      'a checksum that is wrong, with a sequence number',
      JSON.stringify({ Records: [{ Data: bad, SequenceNumber: '7' }] })
    ],
    ['text that is not base64', `${base64}\nno base64!\n`],
    ['JSON text that is not base64', '"no base64!"'],
    ['data that are not base64', JSON.stringify({ Data: 'no base64!' })],
    ['a record without data', JSON.stringify({ PartitionKey: 'a' })],
    ['a record that is none', '[17]'],
    ['JSON that breaks off', '{"Records":[{"Data":'],
    ['bad JSON', '{"Data" "x"}\n'],
    ['hexadecimal that breaks off', aggregated.toString('hex').slice(0, -1)],
    ['a payload without an event', JSON.stringify({ payload: 'text' })],
    ['a message that only names a batch', JSON.stringify({ KinesisBatchInfo: {} })]
  ])('%s', async (_, input) => {
    const { stderr, code } = await run(['decode'], input)
    expect(code).toBe(1)
    const lines = readInput(Buffer.from(input)).entries.flatMap(entry => {
      if (entry.kind === 'problem') return [`kinesis-agg: ${entry.name}: ${entry.message}\n`]
      return entry.fault === undefined ? [] : [`kinesis-agg: ${entry.name}: ${entry.fault.message}\n`]
    })
    expect(lines.join('')).toBe(stderr)
  })

  it.each([
    ['gzip', gzipSync('{}')],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le')]
  ])('%s is refused as a whole', async (_, input) => {
    const { stderr } = await run(['decode'], input)
    expect(`kinesis-agg: ${readInput(input).refusal}\n`).toBe(stderr)
  })

  it('warnings too', async () => {
    const lines = Array.from({ length: 4 }, (_, i) => Buffer.alloc(45, `${i}`).toString('base64'))
    const input = lines.join('\n')
    const { stderr } = await run(['decode'], input)
    expect(readInput(Buffer.from(input)).warnings.map(text => `kinesis-agg: warning: ${text}\n`)).toEqual([
      stderr
    ])
  })

  it('nothing is no record', () => {
    expect(readInput(Buffer.alloc(0))).toEqual({ entries: [], warnings: [], refusal: undefined })
  })
})

const entriesOf = (input: string): KinesisEntry[] => readInput(Buffer.from(input)).entries as KinesisEntry[]

describe('what an input tells of a record', () => {
  it.each([
    ['a Lambda event', fixture('kinesis'), 'shardId-000000000002'],
    ['a Firehose event', fixture('firehose'), 'shardId-000000000002'],
    ['an undecoded record', raw('shardId-000000000007', base64), 'shardId-000000000007'],
    ['the answer of GetRecords', fixture('get-records'), undefined],
    ['base64', base64, undefined]
  ])('the shard: %s', (_, input, shardId) => {
    const entries = entriesOf(input)
    expect(entries.length).toBeGreaterThan(0)
    for (const entry of entries) expect(entry.shardId).toBe(shardId)
  })

  it('bytes, keys, and a good checksum', () => {
    const [entry] = entriesOf(raw('shardId-000000000007', base64))
    expect(entry).toMatchObject({
      partitionKey: 'a',
      sequenceNumber: '49',
      isAggregated: true,
      fault: undefined
    })
    expect(entry!.bytes).toEqual(aggregated)
    const digest = aggregated.subarray(-16).toString('hex')
    expect(entry!.checksum).toEqual({ found: digest, computed: digest })
  })
})

describe('a damaged record', () => {
  it('with a wrong checksum: both checksums, and what can be read all the same', () => {
    const bytes = Buffer.from(aggregated)
    const at = bytes.indexOf('boiler-7')
    bytes[at] = 'B'.charCodeAt(0)
    const [entry] = readInput(bytes).entries as [KinesisEntry]
    expect(entry.fault).toEqual({
      code: 'ERR_INVALID_CHECKSUM',
      message: 'Invalid record checksum',
      malformed: undefined
    })
    expect(entry.checksum!.found).toBe(aggregated.subarray(-16).toString('hex'))
    expect(entry.checksum!.computed).toBe(
      aggregate([
        { ...users[0]!, partitionKey: 'Boiler-7' },
        users[1]!,
        { ...users[2]!, partitionKey: 'Boiler-7' }
      ])[0]!
        .data.subarray(-16)
        .toString('hex')
    )
    expect(entry.userRecords.map(({ partitionKey }) => partitionKey)).toEqual([
      'Boiler-7',
      '我愛你',
      'Boiler-7'
    ])
  })

  it('cut off: the byte where it cannot be read', () => {
    const [entry] = readInput(aggregated.subarray(0, 60)).entries as [KinesisEntry]
    expect(entry.fault!.code).toBe('ERR_INVALID_CHECKSUM')
    expect(entry.fault!.malformed!.message).toMatch(
      /^Malformed aggregated record: a length runs past the end \(byte \d+\)$/
    )
    const [, byte] = /byte (\d+)/.exec(entry.fault!.malformed!.message)!
    expect(entry.fault!.malformed!.at).toBe(Number(byte))
    expect(entry.userRecords).toEqual([])
  })
})
