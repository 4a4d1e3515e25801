/**
 * The floor: what no codec can avoid, by the quickest means of Node.js, with everything else known beforehand.
 *
 * Reading: the base64 is decoded once, OpenSSL's MD5 where the row verifies records one by one, and the objects, with
 * views or text of the data and strings of the keys, from offsets that were found before. An event's floor has no MD5:
 * lanes go below OpenSSL's. Writing: each byte of the data and of each different key is copied once, and OpenSSL's MD5.
 */
import { opensslMd5 } from './contenders.mjs'
import { deaggregateBuffers } from './handwritten.mjs'

/**
 * @typedef {import('./corpus.mjs').Input} Input
 *
 * @typedef {object} Places where in an aggregated record everything is
 * @property {number} keysStart
 * @property {number} keysEnd
 * @property {Uint32Array} keys start and end of each key, counted from `keysStart`
 * @property {Uint32Array} records number of the key, start and end of the data of each user record
 */

/**
 * @param {Buffer} bytes
 * @param {readonly Input[]} inputs
 * @returns {Places}
 */
export function placesOf(bytes, inputs) {
  /** @type {Map<string, number>} */
  const numbers = new Map()
  const keys = []
  let at = 0
  for (const { partitionKey } of inputs) {
    if (numbers.has(partitionKey)) continue
    numbers.set(partitionKey, numbers.size)
    const start = bytes.indexOf(partitionKey, at, 'latin1')
    at = start + partitionKey.length
    keys.push(start, at)
  }
  const [keysStart, keysEnd] = [keys[0], at]
  const records = []
  for (const { partitionKey, data } of inputs) {
    const start = bytes.indexOf(data, at)
    at = start + data.length
    records.push(numbers.get(partitionKey) ?? 0, start, at)
  }
  return {
    keysStart,
    keysEnd,
    keys: Uint32Array.from(keys, place => place - keysStart),
    records: Uint32Array.from(records)
  }
}

/**
 * @param {Buffer} bytes
 * @param {Places} places
 */
function cutKeys(bytes, { keysStart, keysEnd, keys }) {
  const text = bytes.latin1Slice(keysStart, keysEnd)
  const strings = []
  for (let i = 0; i < keys.length; i += 2) strings.push(text.substring(keys[i], keys[i + 1]))
  return strings
}

/** @param {Buffer} bytes @param {number} length */
function digest(bytes, length) {
  return opensslMd5(bytes.subarray(4, length - 16))
}

let scratch = Buffer.alloc(0)

/**
 * One record in the form of `aws-kinesis-agg`: base64 in, base64 out.
 * @param {{ data: string, sequenceNumber: string }} record
 * @param {Places} places
 * @param {boolean} checksum
 */
export function readDropIn({ data, sequenceNumber }, places, checksum) {
  if (scratch.length < data.length) scratch = Buffer.allocUnsafeSlow(data.length)
  const bytes = scratch
  const length = bytes.base64Write(data, 0, bytes.length)
  if (checksum) digest(bytes, length)
  const keys = cutKeys(bytes, places)
  const { records } = places
  const out = []
  for (let i = 0, word = 0; word < records.length; i++, word += 3) {
    out.push({
      partitionKey: keys[records[word]],
      explicitPartitionKey: undefined,
      sequenceNumber,
      subSequenceNumber: i,
      data: bytes.base64Slice(records[word + 1], records[word + 2])
    })
  }
  return out
}

/**
 * The user records of one record, with views of the data, behind those in `out`.
 * @param {object[]} out
 * @param {object} source
 * @param {{ data: string, sequenceNumber: string, approximateArrivalTimestamp: number }} record
 * @param {Places} places
 * @param {boolean} checksum
 */
export function readBuffers(
  out,
  source,
  { data, sequenceNumber, approximateArrivalTimestamp },
  places,
  checksum
) {
  const bytes = Buffer.from(data, 'base64')
  if (checksum) digest(bytes, bytes.length)
  const keys = cutKeys(bytes, places)
  const { records } = places
  for (let i = 0, word = 0; word < records.length; i++, word += 3) {
    out.push({
      partitionKey: keys[records[word]],
      explicitHashKey: undefined,
      sequenceNumber,
      subSequenceNumber: i,
      aggregated: true,
      data: bytes.subarray(records[word + 1], records[word + 2]),
      approximateArrivalTimestamp,
      source
    })
  }
}

/**
 * Plain records: the object that each becomes.
 * @param {readonly import('./corpus.mjs').LambdaPayload[]} records
 * @param {boolean} asBuffers
 */
export function readPlain(records, asBuffers) {
  /** @type {object[]} */
  const out = []
  for (const source of records) {
    const { partitionKey, sequenceNumber, data, approximateArrivalTimestamp } = source
    if (!asBuffers) {
      out.push({ partitionKey, explicitPartitionKey: undefined, sequenceNumber, data })
      continue
    }
    out.push({
      partitionKey,
      explicitHashKey: undefined,
      sequenceNumber,
      subSequenceNumber: 0,
      aggregated: false,
      data: Buffer.from(data, 'base64'),
      approximateArrivalTimestamp,
      source
    })
  }
  return out
}

/**
 * What is written for aggregated records that are known: how long each is, and what goes into it.
 * @param {readonly Buffer[]} encoded
 * @param {readonly Input[]} inputs
 */
export function partsOf(encoded, inputs) {
  let at = 0
  return encoded.map(bytes => {
    const some = inputs.slice(at, (at += deaggregateBuffers({ data: bytes }, false).length))
    const keys = new Set(some.map(({ partitionKey }) => partitionKey))
    return { length: bytes.length, keys: [...keys], data: some.map(({ data }) => data) }
  })
}

/**
 * Aggregated records without the few bytes of protobuf around what is in them.
 * @param {ReturnType<typeof partsOf>} parts
 */
export function write(parts) {
  const out = []
  for (const { length, keys, data } of parts) {
    const bytes = Buffer.allocUnsafe(length)
    let at = 4
    for (const key of keys) at += bytes.latin1Write(key, at, key.length)
    for (const item of data) {
      bytes.set(item, at)
      at += item.length
    }
    bytes.set(digest(bytes, length), length - 16)
    out.push(bytes)
  }
  return out
}
