import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aggregated, base64, large, linesOf, ofAggregate, run, users } from '../support/cli'

const fixtures = join(__dirname, '..', 'fixtures', 'events')

describe('decode finds out what it is given', () => {
  it.each<[string, string | Buffer]>([
    ['raw bytes', aggregated],
    ['base64', base64],
    ['base64 with a line break', `${base64}\n`],
    ['base64 between blank lines, CRLF', `\r\n${base64}\r\n\r\n`],
    ['url-safe base64', aggregated.toString('base64url')],
    ['base64 in lines of 76', `${base64.replace(/.{76}/g, '$&\n')}\n`],
    ['base64 in lines of 64', base64.replace(/.{64}/g, '$&\n')],
    ['base64 in quotes', JSON.stringify(base64)],
    ['an array of base64', JSON.stringify([base64], null, 2)],
    ['a record of the SDK', JSON.stringify({ Data: base64, PartitionKey: 'a' })],
    ['a record with a JSON-ified Buffer', JSON.stringify({ data: aggregated })],
    ['an array of records', JSON.stringify([{ Data: base64 }])],
    [
      'get-records',
      JSON.stringify({ NextShardIterator: 'AA', Records: [{ Data: base64 }], MillisBehindLatest: 0 })
    ],
    [
      'get-records with a byte order mark',
      `\ufeff${JSON.stringify({ Records: [{ Data: base64 }] }, null, 4)}`
    ]
  ])('%s', async (_name, input) => {
    const result = await run(['decode'], input)
    expect(result.stderr).toBe('')
    expect(linesOf(result)).toEqual(ofAggregate)
    expect(result.code).toBe(0)
  })

  it.each(['kinesis', 'kinesis-window', 'get-records'])('the fixture %s', async name => {
    const result = await run(['decode', join(fixtures, `${name}.json`)])
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(
      linesOf(result).map(row => (JSON.parse(row['data'] as string) as { sequence: number }).sequence)
    ).toEqual([0, 1, 2, 3, 4, 5])
    expect(
      linesOf(result)
        .map(row => [row['sequenceNumber'], row['aggregated']])
        .slice(2, 4)
    ).toEqual([
      ['49657012345678901234567890123456789012345678900000000001', true],
      ['49657012345678901234567890123456789012345678900000000002', false]
    ])
  })

  it('a Firehose event, of which a record is damaged: names it, goes on, exits with 1', async () => {
    const file = join(fixtures, 'firehose.json')
    const result = await run(['decode', file])
    expect(linesOf(result).map(row => row['partitionKey'])).toEqual([
      'boiler-7',
      'boiler-9',
      'boiler-7',
      'pump-1',
      'monitor'
    ])
    const text = readFileSync(file, 'utf8')
    const offset = text.lastIndexOf(
      '{',
      text.indexOf('"recordId": "49657012345678901234567890123456789012345678900000000000003"')
    )
    expect(offset).toBeGreaterThan(0)
    expect(result.stderr).toBe(
      'kinesis-agg: record 3 (sequence number 49657012345678901234567890123456789012345678900000000003) ' +
        `at byte ${offset}: Invalid record checksum\n`
    )
    expect(result.code).toBe(1)
  })

  it('an Analytics event', async () => {
    const result = await run(['decode', join(fixtures, 'analytics.json')])
    expect([result.code, linesOf(result).length]).toEqual([0, 3])
  })

  it('several base64 records, one a line, wrapped ones among them', async () => {
    const wrapped = large.toString('base64').replace(/.{76}/g, '$&\n')
    const plain = Buffer.from('just text, 57 bytes long, so that its base64 fills a line').toString('base64')
    expect(plain).toHaveLength(76)
    const result = await run(['decode'], [base64, wrapped, plain, base64, wrapped].join('\n'))
    expect(result.stderr).toBe('')
    expect(linesOf(result)).toHaveLength(3 + 50 + 1 + 3 + 50)
  })

  it('NDJSON of records and of events', async () => {
    const event = { Records: [{ Data: base64 }, { Data: 'aGk=' }] }
    const result = await run(
      ['decode'],
      [{ data: 'aGk=' }, event, event].map(one => JSON.stringify(one)).join('\n')
    )
    expect([result.code, linesOf(result).length]).toEqual([0, 1 + 4 + 4])
  })

  it('text that is neither JSON nor base64 as one plain record', async () => {
    for (const text of ['hello, world', 'hello', ' \n ', 'two words\nand a line\n']) {
      const rows = linesOf(await run(['decode'], text))
      expect(rows).toMatchObject([{ aggregated: false, data: text }])
    }
  })

  it('nothing', async () => {
    const result = await run(['decode'])
    expect(result).toEqual({ code: 0, stdout: Buffer.alloc(0), stderr: '' })
    expect(await run(['decode', join(fixtures, 'kinesis-window-final.json')])).toEqual(result)
  })
})

describe('decode goes on after', () => {
  const good = JSON.stringify({ Data: base64 })

  it.each<[string, string, RegExp]>([
    [
      'a broken line',
      `${good}\n{"Data": "aGk\n${good}\n`,
      /record 2 at byte \d+: a string is not closed before byte \d+/
    ],
    [
      'a line that lacks its bracket',
      `${good}\n{"Data": "aGk="\n${good}\n`,
      /record 2 at byte \d+: a bracket or comma is missing/
    ],
    [
      'a line that is no JSON',
      `${good}\nERROR: throttled\n${good}\n`,
      /record 2 at byte \d+: expected a record, found 'E'/
    ],
    ['a line with bad JSON', `${good}\n{"Data": oops}\n${good}\n`, /record 2 at byte \d+: .*JSON/],
    [
      'a record without data',
      `${good}\n{"PartitionKey":"a"}\n${good}\n`,
      /record 2 at byte \d+: record.data must be base64/
    ],
    [
      'text that is not base64',
      `["${base64}", "?", "${base64}"]`,
      /record 2 at byte \d+: the text is not base64/
    ],
    ['a line that is not base64', `${base64}\n?!\n${base64}`, /record 2 at byte \d+: the line is not base64/],
    [
      'a truncated record',
      `${base64}\n${base64.slice(0, -8)}\n${base64}`,
      /record 2 at byte \d+: Invalid record checksum/
    ]
  ])('%s', async (_name, input, message) => {
    const result = await run(['decode'], input)
    expect(result.stderr).toMatch(message)
    expect(result.stderr.trim().split('\n')).toHaveLength(1)
    expect(linesOf(result)).toEqual([...ofAggregate, ...ofAggregate])
    expect(result.code).toBe(1)
    const at = Number(/at byte (\d+):/.exec(result.stderr)?.[1])
    const second = input.startsWith('[') ? input.indexOf('"?"') : input.indexOf('\n') + 1
    expect(at).toBe(second)
  })

  it('a cut-off file: what was whole is shown', async () => {
    const text = readFileSync(join(fixtures, 'kinesis.json'), 'utf8')
    const result = await run(['decode'], text.slice(0, text.lastIndexOf('"data"')))
    expect(linesOf(result)).toHaveLength(4)
    expect(result.stderr).toMatch(/record 3 at byte \d+: the input ends inside a record/)
    expect(result.code).toBe(1)
  })

  it('a cut-off file between records: still no success', async () => {
    const result = await run(['decode'], `{"Records":[${good},`)
    expect([result.code, linesOf(result).length]).toEqual([1, 3])
    expect(result.stderr).toMatch(/the input ends too early/)
  })
})

describe('decode --data', () => {
  it('writes the payloads and line breaks, nothing else', async () => {
    const { stdout, code } = await run(['decode', '--data'], base64)
    expect(stdout).toEqual(
      Buffer.concat(users.flatMap(({ data }) => [Buffer.from(data as string), Buffer.from('\n')]))
    )
    expect(code).toBe(0)
  })
})
