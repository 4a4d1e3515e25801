/** Rows of user records in columns. */
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeaggregatedRecord } from 'kinesis-agg'
import { colorsFor } from '../../src-js/cli/colors'
import { TableRows } from '../../src-js/cli/table'
import { displayWidth } from '../../src-js/cli/text'

const plain = colorsFor('never', true, {})

beforeEach(() => {
  vi.stubEnv('TZ', 'Asia/Kolkata')
  vi.useFakeTimers({ now: new Date('2026-11-25T10:00:00Z'), toFake: ['Date'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const record = (
  partitionKey: string,
  data: string | Buffer,
  more: Partial<DeaggregatedRecord> & { time?: string; shard?: string } = {}
): DeaggregatedRecord => {
  const { time, shard, ...rest } = more
  return {
    partitionKey,
    explicitHashKey: undefined,
    sequenceNumber: '4965',
    subSequenceNumber: 0,
    aggregated: true,
    data: Buffer.from(data as string),
    approximateArrivalTimestamp: time === undefined ? undefined : new Date(time),
    source: { Data: '', ...(shard !== undefined && { ShardId: shard }) },
    ...rest
  }
}

const write = (rows: TableRows, ...records: DeaggregatedRecord[]): string[] =>
  (records.map(one => rows.add(one)).join('') + rows.flush()).split('\n')

const table = (columns: number, ...records: DeaggregatedRecord[]): string[] =>
  write(new TableRows(() => columns, false, plain), ...records)

const wide = (...records: DeaggregatedRecord[]): string[] =>
  write(new TableRows(() => 80, true, plain), ...records)

describe('columns', () => {
  it('are aligned, also with wide characters, and say what is not known', () => {
    expect(
      table(
        80,
        record('a', 'first', { time: '2026-11-25T08:30:00.007Z', shard: 'shardId-000000000012' }),
        record('我愛你', '二', { time: '2026-11-25T09:00:00Z', shard: 'shardId-000000000003' }),
        record('', 'plain', { aggregated: false })
      )
    ).toEqual([
      'TIME          SHARD  KEY     SIZE  DATA',
      '14:00:00.007     12  a          5  first',
      '14:30:00.000      3  我愛你     3  二',
      '-                 -  -          5  plain',
      ''
    ])
  })

  it('show the date, in local time, where it is not that of today', () => {
    const times = ['2026-11-24T18:31:00Z', '2026-11-24T18:29:05Z', '2025-01-02T03:04:05Z']
    const [, ...lines] = table(80, ...times.map(time => record('k', '', { time })))
    expect(lines.map(line => line.slice(0, 17).trimEnd())).toEqual([
      '00:01:00.000',
      '11-24 23:59:05',
      '2025-01-02 08:34',
      ''
    ])
  })

  it('of wide rows have the sequence number, the position and the hash key too', () => {
    const time = '2026-11-25T08:30:00.007Z'
    expect(
      wide(
        record('a', 'x'.repeat(30), { time, shard: 'shardId-000000000000', subSequenceNumber: 12 }),
        record('b', 'y', { time, aggregated: false, explicitHashKey: '7' })
      )
    ).toEqual([
      'TIME                     SHARD  SEQUENCE  SUB  KEY  HASH KEY  SIZE  DATA',
      `2026-11-25 14:00:00.007      0  4965       12  a    -           30  ${'x'.repeat(19)}…`,
      '2026-11-25 14:00:00.007      -  4965        -  b    7            1  y',
      ''
    ])
  })
})

describe('rows', () => {
  it.each([20, 30, 40, 60, 80, 120, 200])('fit into %i columns, whatever is in them', columns => {
    const lines = table(
      columns,
      record('k'.repeat(256), 'x'.repeat(1000), { time: '2025-11-25T08:30:00Z', shard: 's'.repeat(300) }),
      record('我'.repeat(256), '我'.repeat(1000), { time: '2026-11-25T08:30:00Z' }),
      record('\u0000'.repeat(50), Buffer.alloc(1000), { shard: 'shardId-000000000000' })
    )
    expect(lines).toHaveLength(5)
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns)
    if (columns >= 80) expect(lines[1]).toMatch(/xxx…$/)
  })

  it('are bounded also where they may be longer than the screen', () => {
    const digits = '9'.repeat(1000)
    const lines = wide(
      record('k'.repeat(256), 'x'.repeat(1000), { sequenceNumber: digits, explicitHashKey: digits })
    )
    for (const line of lines) expect(line.length).toBeLessThan(240)
  })

  it('follow the size of the terminal, with headings of their own', () => {
    let columns = 100
    const rows = new TableRows(() => columns, false, plain)
    const one = record('key-of-medium-length', 'x'.repeat(300))
    const first = write(rows, one)
    expect(first.map(line => line.length)).toEqual([first[0]!.length, 100, 0])
    expect(write(rows, one)).toEqual([first[1], ''])
    columns = 60
    const second = write(rows, one)
    expect(second[0]).toMatch(/^TIME +SHARD +KEY +SIZE {2}DATA$/)
    expect(second[1]).toHaveLength(60)
    expect(second[1]).toContain('key-of-medium-…')
  })

  it('do not make the terminal obey the data', () => {
    const [, line] = table(200, record('\x1b[2Jkey', '\x1b]0;title\x07\u202e\u009b\n'))
    expect(line).toMatch(/\\x1b\[2Jkey .* \\x1b\]0;title\\x07\\u\{202e\}\\x9b\\n$/)
  })
})

describe('colors', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', false, {}, false],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false]
  ])('%s on a terminal: %s, with %j: %s', (choice, isTerminal, env, expected) => {
    expect(colorsFor(choice, isTerminal, env).bold('x') !== 'x').toBe(expected)
  })

  it('are no part of the width', () => {
    const colored = new TableRows(() => 40, false, colorsFor('always', true, {}))
    const lines = write(colored, record('a', 'x'.repeat(100)))
    const bare = lines.map(line => stripVTControlCharacters(line))
    expect(bare).toEqual(table(40, record('a', 'x'.repeat(100))))
    expect(lines[1]).toContain('\x1b[36ma\x1b[39m')
  })
})
