/**
 * The benchmark's data: the same bytes on every machine and in every run, made from a seeded generator.
 *
 * Aggregated records are written by the encoder of `aws-kinesis-agg` (its protobufjs type), so that none of the codecs
 * under test has made its own exam. Partition keys are never integer-like: the peer's objects would reorder those.
 */
import crypto from 'node:crypto'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * @typedef {import('./handwritten.mjs').UserRecordInput & { data: Buffer }} Input
 *
 * @typedef {object} Shape
 * @property {string} id
 * @property {number} size bytes of data of one user record
 * @property {number} count user records
 * @property {number} keys different partition keys; 0: every record has a new one
 *
 * @typedef {object} LambdaPayload what Lambda hands over as `record.kinesis`
 * @property {string} kinesisSchemaVersion
 * @property {string} partitionKey
 * @property {string} sequenceNumber
 * @property {string} data base64
 * @property {number} approximateArrivalTimestamp
 */

/** The shapes of one aggregated record. Every key is new unless a number of keys is said. */
export const SHAPES = /** @type {const} */ ({
  '50Bx10': { id: '50 B × 10', size: 50, count: 10, keys: 0 },
  '50Bx100': { id: '50 B × 100', size: 50, count: 100, keys: 0 },
  '100Bx500': { id: '100 B × 500', size: 100, count: 500, keys: 0 },
  '50Bx8000': { id: '50 B × 8000', size: 50, count: 8000, keys: 0 },
  '200Bx3000': { id: '200 B × 3000, 10 keys', size: 200, count: 3000, keys: 10 },
  '300Bx300': { id: '300 B × 300', size: 300, count: 300, keys: 0 },
  '1KBx900': { id: '1 KB × 900', size: 1024, count: 900, keys: 0 },
  '10KBx100': { id: '10 KB × 100', size: 10_240, count: 100, keys: 0 },
  '100B-10MiB': { id: '100 B, 10 MiB', size: 100, count: 70_000, keys: 0 },
  '1KB-10MiB': { id: '1 KB, 10 MiB', size: 1024, count: 9_800, keys: 0 },
  '10KB-10MiB': { id: '10 KB, 10 MiB', size: 10_240, count: 1_018, keys: 0 }
})

/** How many user records each of the 100 aggregated records of an event holds: 30 to 45 KB. */
export const EVENT_COUNTS = /** @type {const} */ ({ 100: 220, 300: 100, 1024: 40, 10_240: 4 })

/** mulberry32: small, fast, good enough for data that only has to look unlike itself. */
export class Random {
  /** @param {number} seed */
  constructor(seed) {
    this.state = seed >>> 0
  }

  /** A 32-bit unsigned integer. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let t = this.state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }

  /**
   * `size` bytes.
   * @param {number} size
   */
  bytes(size) {
    const out = Buffer.allocUnsafe(size)
    let i = 0
    for (; i + 4 <= size; i += 4) out.writeUInt32LE(this.next(), i)
    for (; i < size; i++) out[i] = this.next() & 0xff
    return out
  }

  /** 36 characters in the form of a version 4 UUID. */
  uuid() {
    const hex = this.bytes(16).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}

/**
 * A string of its own: flat, one byte a character, no slice of a larger one.
 * @param {string} text
 */
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1')
}

/**
 * User records as an application has them: Buffers of about the size, a tenth more or less, and their keys.
 * @param {{ size: number, count: number, keys: number }} shape
 * @param {number} [seed]
 * @returns {Input[]}
 */
export function userRecords({ size, count, keys }, seed = 1) {
  const random = new Random(seed * 7919 + size)
  const devices = Array.from({ length: keys }, () => flat(`device-${random.bytes(6).toString('hex')}`))
  const spread = Math.floor(size / 10)
  const records = []
  for (let i = 0; i < count; i++) {
    const length = size - spread + (random.next() % (2 * spread + 1))
    records.push({
      partitionKey: keys === 0 ? flat(random.uuid()) : devices[random.next() % keys],
      data: random.bytes(length)
    })
  }
  return records
}

/**
 * One aggregated record: magic, protobuf by the peer's encoder, MD5.
 * @param {Input[]} records
 * @returns {Buffer}
 */
export function encode(records) {
  const { AggregatedRecord, magic } = require('aws-kinesis-agg/lib/common')
  /** @type {Map<string, number>} */
  const table = new Map()
  const items = records.map(({ partitionKey, data }) => {
    let index = table.get(partitionKey)
    if (index === undefined) table.set(partitionKey, (index = table.size))
    return { partition_key_index: index, data, tags: [] }
  })
  const protobuf = AggregatedRecord.encode({
    partition_key_table: [...table.keys()],
    explicit_hash_key_table: [],
    records: items
  }).finish()
  return Buffer.concat([magic, protobuf, crypto.createHash('md5').update(protobuf).digest()])
}

/**
 * @param {Buffer} bytes
 * @param {string} partitionKey
 * @param {number} number
 * @returns {LambdaPayload}
 */
export function payload(bytes, partitionKey, number) {
  return {
    kinesisSchemaVersion: '1.0',
    partitionKey,
    sequenceNumber: flat(`49590338271490256608559692538361571095921575989136${100000 + number}`),
    data: flat(bytes.toString('base64')),
    approximateArrivalTimestamp: 1700000000 + number / 1000
  }
}

/**
 * One Kinesis record of a shape, and the user records inside.
 * @param {Shape} shape
 * @returns {{ record: LambdaPayload, bytes: Buffer, inputs: Input[] }}
 */
export function aggregatedRecord(shape) {
  const inputs = userRecords(shape)
  const bytes = encode(inputs)
  return { record: payload(bytes, inputs[0].partitionKey, 0), bytes, inputs }
}

/**
 * A record of a Lambda event.
 * @param {ReturnType<typeof payload>} kinesis
 */
export function lambdaRecord(kinesis) {
  return {
    kinesis,
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `shardId-000000000006:${kinesis.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: 'arn:aws:iam::123456789012:role/lambda-role',
    awsRegion: 'us-east-2',
    eventSourceARN: 'arn:aws:kinesis:us-east-2:123456789012:stream/lambda-stream'
  }
}

/**
 * The `Records` of a Lambda event: 100 aggregated records of 30 to 45 KB, of data of one size; every key is new.
 * @param {keyof typeof EVENT_COUNTS} size
 */
export function event(size) {
  const batches = []
  const records = []
  for (let i = 0; i < 100; i++) {
    const inputs = userRecords({ size, count: EVENT_COUNTS[size], keys: 0 }, i + 2)
    const bytes = encode(inputs)
    const kinesis = payload(bytes, inputs[0].partitionKey, i)
    batches.push({ inputs, bytes })
    records.push(lambdaRecord(kinesis))
  }
  return { records, batches }
}

/**
 * Kinesis records that nobody aggregated, with JSON-like text inside.
 * @param {number} size
 * @param {number} count
 */
export function plainRecords(size, count) {
  const random = new Random(size)
  const inputs = []
  const records = []
  for (let i = 0; i < count; i++) {
    const head = `{"id":"${random.uuid()}","body":"`
    const body = random.bytes(Math.ceil(Math.max(size - head.length - 2, 1) * 0.75)).toString('base64')
    const data = Buffer.from(`${head}${body}`.slice(0, size - 2) + '"}')
    const partitionKey = flat(random.uuid())
    inputs.push({ partitionKey, data })
    records.push(payload(data, partitionKey, i))
  }
  return { records, inputs }
}

/**
 * Aggregated records as the AWS SDK gives them, with one large user record each, so that the digest is all there is to do.
 * @param {number[]} sizes bytes of each
 */
export function largeRecords(sizes) {
  const random = new Random(42)
  return sizes.map((size, i) => {
    const partitionKey = flat(random.uuid())
    const input = { partitionKey, data: random.bytes(size - 80) }
    const bytes = encode([input])
    return {
      input,
      bytes,
      record: {
        Data: bytes,
        PartitionKey: partitionKey,
        SequenceNumber: `4959033827149025660855969253836157109592157598913${i}`,
        ApproximateArrivalTimestamp: new Date(1700000000000 + i)
      }
    }
  })
}
