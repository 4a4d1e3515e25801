import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import {
  deaggregate,
  deaggregateEvent,
  deaggregateStream,
  deaggregateSync,
  isAggregated,
  iterateUserRecords,
  processEvent
} from 'kinesis-agg'
import { aggregated } from '../support/wire'

const plain = (data: string) => ({ data, partitionKey: 'k', sequenceNumber: '1' })
const refused = expect.objectContaining({ name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
const encodedAggregate = aggregated({ keys: ['k'], records: [{ key: 0, data: 'user data' }] }).toString(
  'base64'
)

const notBase64 = [
  '{"temperature":21.5}',
  'hello',
  'YWJŁ',
  'YWJj!',
  'a',
  'YWJjZ',
  'YW=J',
  'YQ==YQ==',
  'YQ== x',
  'YWJj\u00a0',
  'YWJj\u3000',
  'YWJj\u205f',
  'é',
  '!',
  `${encodedAggregate}!`,
  `${encodedAggregate.slice(0, 30)}*${encodedAggregate.slice(30)}`,
  `{"a": 1}${' '.repeat(100_000)}`
]

describe('text that is no base64', () => {
  it.each(notBase64.map(text => [text.slice(0, 40), text]))(
    '%s is refused in the value forms',
    async (_, text) => {
      const event = { Records: [{ kinesis: plain(text), eventID: 'e' }] }
      expect(() => deaggregateSync(plain(text))).toThrow(refused)
      expect(() => deaggregateSync({ Data: text })).toThrow(refused)
      expect(() => deaggregateSync([plain('eA=='), plain(text)])).toThrow(
        expect.objectContaining({
          code: 'ERR_INVALID_ARG_TYPE',
          message: expect.stringMatching(
            /^records\[1\]\.data must be base64 text .*decoded.*, got '/
          ) as string
        })
      )
      expect(() => deaggregateSync(plain(text), { onInvalid: 'passthrough' })).toThrow(refused)
      expect(() => deaggregateEvent(event)).toThrow(/^record\.kinesis\.data must be base64 text/)
      expect(() => [...iterateUserRecords([plain(text)])]).toThrow(refused)
      await expect(
        Readable.from([plain(text)])
          .compose(deaggregateStream())
          .toArray()
      ).rejects.toThrow(refused)
      const failures: unknown[] = []
      const onFailure = (error: unknown): void => void failures.push(error)
      await expect(processEvent(event, () => {}, { onFailure })).resolves.toEqual({
        batchItemFailures: [{ itemIdentifier: '1' }]
      })
      expect(failures).toEqual([refused])
    }
  )

  it('goes on as it came in the forms with callbacks, as in 4.2.8', () => {
    const text = '{"temperature":21.5}'
    const found: unknown[] = []
    deaggregateSync(plain(text), true, (error, records) => found.push(error, records))
    deaggregate(
      plain(text),
      true,
      (_, record) => found.push(record),
      () => {}
    )
    const record = { partitionKey: 'k', explicitPartitionKey: undefined, sequenceNumber: '1', data: text }
    expect(found).toEqual([undefined, [record], record])
  })

  it('is not looked at by isAggregated, which decodes nothing', () => {
    expect(isAggregated(plain('{"temperature":21.5}'))).toBe(false)
  })
})

describe('text that is base64', () => {
  it.each([
    ['', ''],
    [' \n', ''],
    ['eA==', 'x'],
    ['eA=', 'x'],
    ['eA', 'x'],
    ['eHk=', 'xy'],
    ['eHl6', 'xyz'],
    ['e H\tl\r\n6', 'xyz'],
    ['eA= =\n', 'x'],
    ['w7_Dvw==', 'ÿÿ'],
    ['w7/Dvw==', 'ÿÿ']
  ])('%j is %j', (text, bytes) => {
    expect(deaggregateSync(plain(text))[0]!.data.toString()).toBe(bytes)
    expect(deaggregateSync([plain(text), plain(text)])[1]!.data.toString()).toBe(bytes)
  })

  it('is taken for every length, in both alphabets, padded or not, wrapped or not', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Buffer.alloc(length)
      for (let i = 0; i < length; i++) bytes[i] = (i * 151 + length * 7) & 0xff
      const texts = [bytes.toString('base64'), bytes.toString('base64url')]
      for (const text of [...texts, ...texts.map(one => one.replace(/.{7}/g, '$&\n'))]) {
        expect(deaggregateSync(plain(text))[0]!.data.equals(bytes)).toBe(true)
      }
    }
  })

  it('of an aggregated record too', () => {
    for (const text of [encodedAggregate, encodedAggregate.replace(/.{20}/g, '$&\r\n')]) {
      expect(deaggregateSync(plain(text)).map(({ data }) => String(data))).toEqual(['user data'])
    }
  })
})

describe('what holds records instead of being one', () => {
  it.each([
    [{ Records: [{ Data: Buffer.from('x') }], NextShardIterator: 'AAA', MillisBehindLatest: 0 }, 'Records'],
    [{ Records: [{ kinesis: plain('eA==') }] }, 'Records'],
    [{ records: [], invocationId: 'i' }, 'records']
  ])('is named: %j', (held, name) => {
    expect(() => deaggregateSync(held as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_INVALID_ARG_TYPE',
        message: expect.stringContaining(`pass its ${name}, or an event to deaggregateEvent`) as string
      })
    )
    expect(() => deaggregateSync([plain('eA=='), held as never])).toThrow(
      /^records\[1\] must be a Kinesis record/
    )
  })

  it('as an answer of GetRecords is taken by deaggregateEvent', () => {
    const answer = { Records: [{ Data: Buffer.from('x'), PartitionKey: 'k' }], NextShardIterator: 'AAA' }
    expect(deaggregateEvent(answer as never).map(({ data }) => String(data))).toEqual(['x'])
  })
})
