import { describe, expect, it } from 'vitest'
import {
  KinesisAggError,
  type KinesisRecordInput,
  deaggregate,
  deaggregateSync,
  iterateUserRecords
} from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { about, lambda, sdk, wrappers } from '../support/inputs'
import { type Thrown, expectAll, thrownBy } from '../support/seen'
import { vector } from '../support/vectors'

/** What every form of deaggregation says of a damaged record. */
function damage(record: ReturnType<typeof lambda>): Thrown[] {
  const errors: unknown[] = [
    thrownBy(() => deaggregateSync(record)),
    thrownBy(() => deaggregateSync([lambda(''), record])),
    thrownBy(() => [...iterateUserRecords([record])])
  ]
  deaggregateSync(record, true, error => errors.push(error))
  deaggregate(
    record,
    true,
    () => errors.push('a record'),
    error => errors.push(error)
  )
  return errors as Thrown[]
}

describe('ERR_INVALID_CHECKSUM', () => {
  it('Invalid record checksum', () => {
    const record = lambda(vector('a data byte flipped').record)
    const errors = damage(record)
    expect(errors).toHaveLength(5)
    expectAll(errors, { code: 'ERR_INVALID_CHECKSUM', message: /^Invalid record checksum$/, record })
    for (const error of errors) expect(error.sequenceNumber).toBe(about.sequenceNumber)
  })

  it.each(Object.entries(wrappers))('tells record and sequence number of %s', (_, wrap) => {
    const record = wrap(vector('a data byte flipped').bytes)
    const error = thrownBy(() => deaggregateSync(record))
    expect(error.record).toBe(record)
    expect(error.sequenceNumber).toBe(about.sequenceNumber)
  })

  it('has no sequence number if the record has none', () => {
    const { record } = vector('a data byte flipped')
    const error = thrownBy(() => deaggregateSync({ data: record }))
    expect(error.sequenceNumber).toBeUndefined()
    expect('sequenceNumber' in error).toBe(false)
  })

  it('prints without the data of its record', () => {
    const error = thrownBy(() => deaggregateSync(lambda(vector('a data byte flipped').record)))
    expect(JSON.parse(JSON.stringify(error))).toEqual({ code: 'ERR_INVALID_CHECKSUM' })
  })
})

describe('ERR_MALFORMED_RECORD', () => {
  // The bytes, counted by hand: 4 of magic, and in most the first table entry of 10 bytes with tag and length.
  it.each([
    ['key length runs past the end', /length.* past the end \(byte 5\)$/],
    ['record length runs past the end', /length.* past the end \(byte 15\)$/],
    ['cut in the middle of a varint', /varint \(byte 15\)$/],
    ['a varint of eleven bytes', /varint.*10 bytes \(byte 17\)$/],
    ['key index outside the table', /partition key index.*outside.* \(byte 27\)$/],
    ['hash key index with no table', /explicit hash key index.*outside.* \(byte 16\)$/],
    ['data is missing', /no data \(byte 16\)$/],
    ['key index is missing', /no partition key index \(byte 16\)$/],
    ['the key table has the wrong wire type', /wrong wire type \(byte 4\)$/],
    ['an unterminated group', /group.*not ended \(byte 25\)$/],
    ['an end-group without its start', /group.*not begun \(byte 25\)$/],
    ['reserved wire type 7', /wire type.*reserved \(byte 25\)$/]
  ])('says what and at which byte: %s', (name, text) => {
    const record = lambda(vector(name).record)
    const errors = damage(record)
    expect(errors).toHaveLength(5)
    expectAll(errors, { code: 'ERR_MALFORMED_RECORD', message: text, record })
    for (const error of errors) expect(error.sequenceNumber).toBe(about.sequenceNumber)
  })

  it('comes from AggregatedRecord of lib/common too, as the same class', () => {
    const error = thrownBy(() => AggregatedRecord.decode(Buffer.from([0x0a, 0x05, 0x61])))
    expect(error).toBeInstanceOf(KinesisAggError)
    expect(error.code).toBe('ERR_MALFORMED_RECORD')
    expect(error.message).toMatch(/^Malformed.*past the end \(byte 1\)$/)
  })
})

describe('a call for many records that throws', () => {
  const damaged = sdk(vector('a data byte flipped').bytes)

  it('has handed out nothing, and works without the bad one', () => {
    const good = [vector('two keys'), vector('plain text')].map(({ record }) => lambda(record))
    expect(thrownBy(() => deaggregateSync([...good, damaged])).record).toBe(damaged)
    expect(deaggregateSync(good)).toHaveLength(3)
  })

  it('the first bad one is told', () => {
    const later = lambda(vector('data is missing').record)
    expect(thrownBy(() => deaggregateSync([lambda(''), later, damaged])).record).toBe(later)
  })
})

function everyForm(): KinesisRecordInput[] {
  const { bytes, record } = vector('shared hash keys')
  return [
    ...Object.values(wrappers).flatMap(wrap => [wrap(record), wrap(Buffer.from(bytes))]),
    lambda(vector('plain text').record),
    lambda({ type: 'Buffer', data: [...bytes] })
  ]
}

describe('inputs', () => {
  it('may be frozen, and are the same before and after', () => {
    const records = everyForm()
    for (const record of records) Object.freeze(record)
    deaggregateSync(Object.freeze(records))
    for (const record of records) {
      deaggregateSync(record, true, () => {})
      deaggregate(
        record,
        true,
        () => {},
        () => {}
      )
    }
    expect(records).toEqual(everyForm())
  })
})
