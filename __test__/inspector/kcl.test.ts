/** What KCL makes of a record; the rules are those that interop/ finds in KCL itself. */
import '../support/source-binary'
import { describe, expect, it } from 'vitest'
import { hashKeyOf } from 'kinesis-agg'
import type { KinesisEntry } from '../../src-js/inspector/entry'
import { type Outcome, outcomeOf } from '../../src-js/inspector/kcl'
import { PastedShards } from '../../src-js/inspector/pasted-shards'
import { readInput } from '../../src-js/inspector/read-input'
import { sentenceOf, sentenceOfOne } from '../../src-js/inspector/sentence'
import { aggregated, field, message, seal } from '../support/wire'

const QUARTER = 1n << 126n
const shard = (id: string, from: bigint, to: bigint, isClosed = false) => ({
  ShardId: id,
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
  SequenceNumberRange: { StartingSequenceNumber: '1', ...(isClosed && { EndingSequenceNumber: '2' }) }
})
const low = shard('shardId-low', 0n, QUARTER * 2n - 1n)
const high = shard('shardId-high', QUARTER * 2n, QUARTER * 4n - 1n)
const answer = (...list: object[]) => PastedShards.parse(JSON.stringify({ Shards: list }))
const two = answer(low, high)

const keys = Array.from({ length: 60 }, (_, i) => `key-${i}`)
const lowKeys = keys.filter(key => hashKeyOf(key) < QUARTER * 2n)
const highKey = keys.find(key => hashKeyOf(key) >= QUARTER * 2n)!

/** A Kinesis record of such user records, with the shard it was read from. */
function entryOf(
  users: { key: string; hashKey?: string }[],
  shardId?: string,
  bytes = packed(users)
): KinesisEntry {
  const line = JSON.stringify({
    Data: bytes.toString('base64'),
    ...(shardId !== undefined && { ShardId: shardId })
  })
  return readInput(Buffer.from(line)).entries[0] as KinesisEntry
}

function packed(users: { key: string; hashKey?: string }[]): Buffer {
  const hashKeys = users.flatMap(({ hashKey }) => (hashKey === undefined ? [] : [hashKey]))
  return aggregated({
    keys: users.map(({ key }) => key),
    hashKeys,
    records: users.map(({ hashKey }, i) => ({
      key: i,
      hashKey: hashKey === undefined ? undefined : hashKeys.indexOf(hashKey),
      data: 'x'
    }))
  })
}

const usersOf = (...list: string[]) => list.map(key => ({ key }))
const judge = (entry: KinesisEntry, shards?: PastedShards, readFrom?: string): [Outcome, string] => {
  const outcome = outcomeOf(entry, shards, readFrom)
  return [outcome, sentenceOfOne({ entry, outcome })]
}

const inLow = usersOf(lowKeys[0]!, lowKeys[1]!, lowKeys[2]!)
const mixed = usersOf(lowKeys[0]!, lowKeys[1]!, highKey, lowKeys[2]!)

describe('without shards', () => {
  it('it is not known, and never assumed', () => {
    for (const entry of [entryOf(inLow), entryOf(mixed), entryOf(mixed, 'shardId-low')]) {
      const [outcome, sentence] = judge(entry)
      expect(outcome).toEqual({ kind: 'unknown', missing: undefined })
      expect(sentence).toMatch(
        /checksum good; whether KCL drops them is unknown until you paste ListShards' answer\.$/
      )
    }
  })
})

describe('with shards', () => {
  it('all belong where they were read', () => {
    const [outcome, sentence] = judge(entryOf(inLow, 'shardId-low'), two)
    expect(outcome.kind).toBe('kept')
    expect(sentence).toBe(
      `Aggregated (KPL format): 3 user records, ${packed(inLow).length} bytes, checksum good; KCL would hand out all of them: all belong to shardId-low, where they were read.`
    )
  })

  it('one belongs elsewhere', () => {
    const [outcome, sentence] = judge(entryOf(mixed, 'shardId-low'), two)
    expect(outcome).toMatchObject({ kind: 'dropped', outside: [2], shard: { shardId: 'shardId-low' } })
    expect(sentence).toMatch(/; KCL would drop all of them: record 2 belongs to another shard\.$/)
  })

  it('several belong elsewhere', () => {
    const [outcome, sentence] = judge(entryOf(mixed, 'shardId-high'), two)
    expect(outcome).toMatchObject({ kind: 'dropped', outside: [0, 1, 3] })
    expect(sentence).toMatch(/: records 0, 1 and 3 belong to another shard\.$/)
  })

  it('many belong elsewhere', () => {
    const users = usersOf(...lowKeys.slice(0, 9))
    expect(judge(entryOf(users, 'shardId-high'), two)[1]).toMatch(
      /: records 0, 1, 2 and 6 more belong to another shard\.$/
    )
  })

  it('the reader says which shard it was; the record itself knows better', () => {
    expect(judge(entryOf(mixed), two, 'shardId-low')[0].kind).toBe('dropped')
    expect(judge(entryOf(inLow), two, 'shardId-low')[0].kind).toBe('kept')
    expect(judge(entryOf(inLow, 'shardId-low'), two, 'shardId-high')[0].kind).toBe('kept')
  })

  it('the shard is not known: it depends, or no shard holds them all', () => {
    const [depends, sentence] = judge(entryOf(inLow), two)
    expect(depends).toMatchObject({ kind: 'depends', shards: [{ shardId: 'shardId-low' }] })
    expect(sentence).toMatch(
      /; KCL would hand out all of them if they were read from shardId-low, and else drop all\.$/
    )
    const [dropped, other] = judge(entryOf(mixed), two)
    expect(dropped).toMatchObject({ kind: 'dropped', outside: [0, 2], shard: undefined })
    expect(other).toMatch(/; KCL would drop all of them: records 0 and 2 belong to different shards\.$/)
  })

  it('a closed shard, before its split, held what its children do not hold together', () => {
    const split = answer(shard('shardId-parent', 0n, QUARTER * 4n - 1n, true), low, high)
    expect(judge(entryOf(mixed, 'shardId-parent'), split)[0].kind).toBe('kept')
    expect(judge(entryOf(mixed), split)[0]).toMatchObject({
      kind: 'depends',
      shards: [{ shardId: 'shardId-parent' }]
    })
    expect(judge(entryOf(mixed, 'shardId-low'), split)[0].kind).toBe('dropped')
  })

  it('the answer lacks the shard', () => {
    const [outcome, sentence] = judge(entryOf(inLow, 'shardId-gone'), two)
    expect(outcome).toEqual({ kind: 'unknown', missing: 'shardId-gone' })
    expect(sentence).toMatch(/unknown: ListShards' answer has no shard shardId-gone\.$/)
  })

  it.each([
    ['the first hash key of a range', String(QUARTER * 2n), 'kept'],
    ['the last one', String(QUARTER * 4n - 1n), 'kept'],
    ['one before it', String(QUARTER * 2n - 1n), 'dropped'],
    ['one behind all', String(QUARTER * 4n), 'dropped'],
    ['a negative one', '-1', 'dropped'],
    ['with zeros before it, as Java reads it', `000${QUARTER * 2n}`, 'kept'],
    ['with a sign, as Java reads it', `+${QUARTER * 2n}`, 'kept'],
    ['with a million digits', '9'.repeat(1_000_000), 'dropped']
  ])('an explicit hash key: %s', (_, hashKey, kind) => {
    expect(judge(entryOf([{ key: lowKeys[0]!, hashKey }], 'shardId-high'), two)[0].kind).toBe(kind)
  })
})

describe('what KCL cannot read', () => {
  it('a hash key that is no number: the rest is dropped', () => {
    const users = [...inLow, { key: 'a', hashKey: 'none' }, { key: 'b' }]
    const [outcome, sentence] = judge(entryOf(users, 'shardId-low'), two)
    expect(outcome).toMatchObject({ kind: 'cut', at: 3, shardIsKnown: true })
    expect(sentence).toMatch(
      /; KCL would hand out the first 3 and drop the rest: record 3 cannot be read \(its explicit hash key is no number\)\.$/
    )
    expect(judge(entryOf(users))[1]).toMatch(/KCL would hand out at most the first 3 and drop the rest/)
    expect(judge(entryOf(users, 'shardId-high'), two)[0].kind).toBe('dropped')
    expect(judge(entryOf([{ key: 'a', hashKey: 'none' }]))[1]).toMatch(
      /KCL would drop all of them: record 0 cannot be read/
    )
  })

  it('a key that is not there: likewise', () => {
    const bytes = aggregated({
      keys: [lowKeys[0]!],
      records: [
        { key: 0, data: 'a' },
        { key: 9, data: 'b' },
        { key: 0, data: 'c' }
      ]
    })
    const entry = entryOf([], 'shardId-low', bytes)
    expect(entry.unreadable).toEqual([
      {
        position: 1,
        message:
          'Malformed aggregated record: partition key index 9 is outside its table of 1 (user record 1)'
      }
    ])
    expect(entry.userRecords.map(({ subSequenceNumber }) => subSequenceNumber)).toEqual([0, 2])
    const [outcome, sentence] = judge(entry, two)
    expect(outcome).toMatchObject({ kind: 'cut', at: 1 })
    expect(sentence).toMatch(
      /^Damaged, aggregated \(KPL format\): 3 user records, .*, checksum good, cannot be read at byte \d+ \(ERR_MALFORMED_RECORD: .*\); KCL would hand out the first 1 and drop the rest/
    )
  })

  it('a wrong checksum: the whole record is handed out as one', () => {
    const bytes = packed(inLow)
    bytes[bytes.length - 1]! ^= 1
    const [outcome, sentence] = judge(entryOf([], 'shardId-low', bytes), two)
    expect(outcome).toEqual({ kind: 'undecoded' })
    expect(sentence).toBe(
      `Damaged, aggregated (KPL format): 3 user records, ${bytes.length} bytes, checksum wrong (ERR_INVALID_CHECKSUM: Invalid record checksum); KCL would hand it out as one record, without taking it apart.`
    )
  })

  it('a message that ends too early: likewise', () => {
    const protobuf = message({ keys: ['a'], records: [{ key: 0, data: 'x' }] })
    expect(judge(entryOf([], undefined, seal(protobuf.subarray(0, -1))), two)[0]).toEqual({
      kind: 'undecoded'
    })
  })

  it('a field of the wrong wire type, which KCL skips: not known', () => {
    const user = Buffer.concat([Buffer.from([0x08, 0]), field(3, 'x'), Buffer.from([0x18, 1])])
    const [outcome, sentence] = judge(
      entryOf([], undefined, seal(Buffer.concat([field(1, 'a'), field(3, user)]))),
      two
    )
    expect(outcome).toEqual({ kind: 'lenient' })
    expect(sentence).toMatch(/what KCL makes of it is not known, as it skips such fields\.$/)
  })
})

describe('other sentences', () => {
  const all = (input: string, shards?: PastedShards): string => {
    const inspection = readInput(Buffer.from(input, 'latin1'))
    const judged = inspection.entries.map(entry => ({
      entry,
      outcome: entry.kind === 'record' ? outcomeOf(entry, shards, undefined) : undefined
    }))
    return sentenceOf(inspection, judged)
  }
  const line = (users: { key: string }[], ShardId: string): string =>
    `${JSON.stringify({ Data: packed(users).toString('base64'), ShardId })}\n`
  const plain = `${JSON.stringify({ Data: 'eA==' })}\n`

  it.each([
    ['', 'There is no record in it.'],
    [plain, 'Plain record, not aggregated: 1 byte; KCL hands it out as it is.'],
    [
      '{"x":1}',
      /^This cannot be read: record 1 at byte 0: ERR_INVALID_ARG_TYPE: record.data must be base64 text, .*\.$/
    ],
    ['[true]', /^Nothing can be read: record 1 at byte 1: expected a record, found 't', and 1 error more\.$/],
    [
      '\xff\xfe{',
      'Nothing can be read: the input is UTF-16: pipe it through "iconv -f UTF-16 -t UTF-8" first.'
    ]
  ])('%j', (input, sentence) => {
    if (typeof sentence === 'string') expect(all(input)).toBe(sentence)
    else expect(all(input)).toMatch(sentence)
  })

  it('several records', () => {
    const input = line(mixed, 'shardId-low') + line(inLow, 'shardId-low') + plain
    const bytes = packed(mixed).length + packed(inLow).length + 1
    expect(all(input, two)).toBe(
      `3 Kinesis records (2 aggregated in the KPL format, 1 plain), 8 user records, ${bytes} bytes, none damaged; KCL would drop what is in one of them: in record 1, record 2 belongs to another shard.`
    )
    expect(all(line(inLow, 'shardId-low') + plain, two)).toMatch(
      /; KCL would hand out all that can be read\.$/
    )
    expect(all(input)).toMatch(
      /; whether KCL drops user records is unknown until you paste ListShards' answer\.$/
    )
    expect(all(`${plain}{"x":1}\n`)).toMatch(/, 1 damaged; KCL would hand out all that can be read\.$/)
  })

  it('an aggregate without user records', () => {
    const bytes = seal(field(1, 'a'))
    expect(judge(entryOf([], 'shardId-low', bytes), two)[1]).toBe(
      'Aggregated (KPL format): 0 user records, 23 bytes, checksum good; KCL would hand out nothing: there is no user record in it.'
    )
  })
})
