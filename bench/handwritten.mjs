/**
 * The honest second opponent: a KPL codec in plain JavaScript, as good as its author could make it.
 *
 * It uses what Node has natively where that is the fastest way (OpenSSL's MD5, simdutf's base64, memcpy) and
 * JavaScript where that is (the walk over the protobuf, varints, key tables, objects). It is here to be measured
 * against, so it keeps to the fast road: well-formed records, no tags read, no KPL corner cases. A native codec that
 * does not beat this one has not earned its place.
 *
 * Found by measuring, so that nobody has to try again (Node 20 to 26):
 * - `base64Write` into a buffer that is kept beats `Buffer.from(text, 'base64')` by the page faults.
 * - One `latin1Slice` of the whole key table and `substring` per key beats one `utf8Slice` per key from three keys on.
 * - `base64Slice` per user record beats anything written in JavaScript, from 20 bytes up.
 * - Data shorter than about 32 bytes is copied faster by a loop than by `set`.
 * - Keeping references and writing everything once at the end beats copying at `push`.
 */
import crypto from 'node:crypto'

/**
 * @typedef {object} UserRecordInput
 * @property {string} partitionKey
 * @property {string | Uint8Array} data
 * @property {string} [explicitHashKey]
 *
 * @typedef {object} EncodedRecord
 * @property {string} partitionKey
 * @property {Buffer} data
 * @property {string} [ExplicitHashKey]
 *
 * @typedef {object} DropInRecord
 * @property {string} partitionKey
 * @property {string | undefined} explicitPartitionKey
 * @property {string} sequenceNumber
 * @property {number} [subSequenceNumber]
 * @property {string} data base64
 *
 * @typedef {object} UserRecord
 * @property {string} partitionKey
 * @property {string | undefined} explicitHashKey
 * @property {string} sequenceNumber
 * @property {number} subSequenceNumber
 * @property {boolean} aggregated
 * @property {Buffer} data
 * @property {number | Date | undefined} approximateArrivalTimestamp
 * @property {object} source
 */

const MAGIC_BYTES = 4
const DIGEST_BYTES = 16
const MAX_PROTOBUF_BYTES = 1024 * 1024 - MAGIC_BYTES - DIGEST_BYTES
const SCRATCH_KEPT = 2 * 1024 * 1024

/** @type {(bytes: Uint8Array) => Buffer} */
const md5 =
  typeof crypto.hash === 'function'
    ? bytes => crypto.hash('md5', bytes, 'buffer')
    : bytes => crypto.createHash('md5').update(bytes).digest()

// ---- reading ------------------------------------------------------------------------------------

let scratch = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * A buffer of at least `size` bytes, the same one each time unless it has to grow.
 * @param {number} size
 */
function scratchOf(size) {
  if (scratch.length < size) scratch = Buffer.allocUnsafeSlow(size + (size >>> 2))
  else if (scratch.length > SCRATCH_KEPT && size < SCRATCH_KEPT >>> 2) {
    scratch = Buffer.allocUnsafeSlow(SCRATCH_KEPT >>> 1)
  }
  return scratch
}

// What the walk leaves behind for the two ways out. Module state: the walk is finished with before any callback runs.
let partitionKeys = /** @type {string[]} */ ([])
let hashKeys = /** @type {string[]} */ ([])
let index = new Int32Array(4 * 1024) // per user record: key, hash key or -1, offset of the data, its length
let position = 0

/**
 * A varint of two bytes or more (one byte is read where it is met); moves `position` behind it.
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function longVarint(bytes, at) {
  let byte = bytes[at++]
  let value = byte & 0x7f
  let scale = 128
  while (byte > 127) {
    byte = bytes[at++]
    value += (byte & 0x7f) * scale
    scale *= 128
  }
  position = at
  return value
}

/**
 * The offset behind the field that starts at `at` (`position` is left there too).
 * @param {Uint8Array} bytes
 * @param {number} at
 */
function skipField(bytes, at) {
  const wireType = longVarint(bytes, at) & 7
  if (wireType === 0) longVarint(bytes, position)
  else if (wireType === 1) position += 8
  else if (wireType === 2) {
    const length = longVarint(bytes, position)
    position += length
  } else if (wireType === 5) position += 4
  else throw new Error('Malformed record')
  return position
}

/**
 * Reads a run of table entries (all with the same tag) into `keys`; gives the offset behind them.
 *
 * The run is turned into one string, and the keys are cut out of it, if all of it is ASCII.
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 * @param {number} tag
 * @param {string[]} keys
 */
function readTable(bytes, start, end, tag, keys) {
  let at = start
  let high = 0
  while (at < end && bytes[at] === tag) {
    let length = bytes[at + 1]
    if (length < 128) at += 2
    else {
      length = longVarint(bytes, at + 1)
      at = position
    }
    const stop = at + length
    if (stop > end) throw new Error('Malformed record')
    for (; at < stop; at++) high |= bytes[at]
  }
  const text = high < 128 ? bytes.latin1Slice(start, at) : ''
  for (let from = start; from < at;) {
    let length = bytes[from + 1]
    if (length < 128) from += 2
    else {
      length = longVarint(bytes, from + 1)
      from = position
    }
    const stop = from + length
    keys.push(high < 128 ? text.substring(from - start, stop - start) : bytes.utf8Slice(from, stop))
    from = stop
  }
  return at
}

/**
 * Walks the protobuf bytes in `bytes[start..end)`, fills the tables and the index.
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 * @returns {number} how many user records there are
 */
function walk(bytes, start, end) {
  partitionKeys = []
  hashKeys = []
  let count = 0
  let at = start
  while (at < end) {
    const tag = bytes[at]
    if (tag === 0x1a) {
      let length = bytes[at + 1]
      if (length < 128) at += 2
      else {
        length = longVarint(bytes, at + 1)
        at = position
      }
      const stop = at + length
      if (stop > end) throw new Error('Malformed record')
      let key = -1
      let hashKey = -1
      let offset = -1
      let size = 0
      while (at < stop) {
        const field = bytes[at]
        if (field === 0x08) {
          key = bytes[at + 1]
          if (key < 128) at += 2
          else {
            key = longVarint(bytes, at + 1)
            at = position
          }
        } else if (field === 0x1a) {
          size = bytes[at + 1]
          if (size < 128) at += 2
          else {
            size = longVarint(bytes, at + 1)
            at = position
          }
          offset = at
          at += size
        } else if (field === 0x10) {
          hashKey = bytes[at + 1]
          if (hashKey < 128) at += 2
          else {
            hashKey = longVarint(bytes, at + 1)
            at = position
          }
        } else at = skipField(bytes, at)
      }
      if (at !== stop || key < 0 || offset < 0) throw new Error('Malformed record')
      const slot = count * 4
      if (slot === index.length) {
        const grown = new Int32Array(index.length * 2)
        grown.set(index)
        index = grown
      }
      index[slot] = key
      index[slot + 1] = hashKey
      index[slot + 2] = offset
      index[slot + 3] = size
      count++
    } else if (tag === 0x0a) at = readTable(bytes, at, end, tag, partitionKeys)
    else if (tag === 0x12) at = readTable(bytes, at, end, tag, hashKeys)
    else at = skipField(bytes, at)
  }
  if (at !== end) throw new Error('Malformed record')
  for (let i = 0; i < count; i++) {
    if (index[i * 4] >= partitionKeys.length || index[i * 4 + 1] >= hashKeys.length) {
      throw new Error('Malformed record')
    }
  }
  return count
}

/**
 * @param {Uint8Array} bytes
 * @param {number} length
 */
function hasMagic(bytes, length) {
  return length > 20 && bytes[0] === 0xf3 && bytes[1] === 0x89 && bytes[2] === 0x9a && bytes[3] === 0xc2
}

/**
 * @param {Buffer} bytes
 * @param {number} length
 */
function verify(bytes, length) {
  const stop = length - DIGEST_BYTES
  const digest = md5(bytes.subarray(MAGIC_BYTES, stop))
  for (let i = 0; i < DIGEST_BYTES; i++) {
    if (digest[i] !== bytes[stop + i]) throw new Error('Invalid record checksum')
  }
}

/**
 * The form of aws-kinesis-agg: base64 in, base64 out.
 * @param {any} record
 * @param {boolean} computeChecksums
 * @param {(error: any, records: DropInRecord[]) => void} afterRecordCallback
 */
export function deaggregateSync(record, computeChecksums, afterRecordCallback) {
  const { data, sequenceNumber } = record
  /** @type {DropInRecord[]} */
  const records = []
  let error
  let length = 0
  let bytes = scratch
  if (typeof data !== 'string') {
    bytes = Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    length = bytes.length
  } else if (data.startsWith('84maw')) {
    bytes = scratchOf(((data.length * 3) >>> 2) + 3)
    length = bytes.base64Write(data, 0, bytes.length)
  }
  if (hasMagic(bytes, length)) {
    try {
      if (computeChecksums === true) verify(bytes, length)
      const count = walk(bytes, MAGIC_BYTES, length - DIGEST_BYTES)
      for (let i = 0, slot = 0; i < count; i++, slot += 4) {
        const offset = index[slot + 2]
        const hashKey = index[slot + 1]
        records.push({
          partitionKey: partitionKeys[index[slot]],
          explicitPartitionKey: hashKey < 0 ? undefined : hashKeys[hashKey],
          sequenceNumber,
          subSequenceNumber: i,
          data: bytes.base64Slice(offset, offset + index[slot + 3])
        })
      }
    } catch (problem) {
      error = problem
      records.length = 0
    }
  } else {
    records.push({
      partitionKey: record.partitionKey,
      explicitPartitionKey: record.explicitPartitionKey,
      sequenceNumber,
      data
    })
  }
  afterRecordCallback(error, records)
}

/**
 * One Kinesis record or an array of them in, user records with views out.
 * @param {any} input
 * @param {boolean} computeChecksums
 * @returns {UserRecord[]}
 */
export function deaggregateBuffers(input, computeChecksums) {
  /** @type {UserRecord[]} */
  const records = []
  if (Array.isArray(input)) {
    for (let i = 0; i < input.length; i++) appendBuffers(records, input[i], computeChecksums)
  } else appendBuffers(records, input, computeChecksums)
  return records
}

/**
 * @param {UserRecord[]} records
 * @param {any} source
 * @param {boolean} computeChecksums
 */
function appendBuffers(records, source, computeChecksums) {
  const record = source.kinesis === undefined ? source : source.kinesis
  const upper = record.Data !== undefined
  const data = upper ? record.Data : record.data
  const sequenceNumber = upper ? record.SequenceNumber : record.sequenceNumber
  const approximateArrivalTimestamp = upper
    ? record.ApproximateArrivalTimestamp
    : record.approximateArrivalTimestamp
  const bytes =
    typeof data === 'string'
      ? Buffer.from(data, 'base64')
      : Buffer.isBuffer(data)
        ? data
        : Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const length = bytes.length
  if (!hasMagic(bytes, length)) {
    records.push({
      partitionKey: (upper ? record.PartitionKey : record.partitionKey) ?? '',
      explicitHashKey: undefined,
      sequenceNumber,
      subSequenceNumber: 0,
      aggregated: false,
      data: bytes,
      approximateArrivalTimestamp,
      source
    })
    return
  }
  if (computeChecksums) verify(bytes, length)
  const count = walk(bytes, MAGIC_BYTES, length - DIGEST_BYTES)
  for (let i = 0, slot = 0; i < count; i++, slot += 4) {
    const offset = index[slot + 2]
    const hashKey = index[slot + 1]
    records.push({
      partitionKey: partitionKeys[index[slot]],
      explicitHashKey: hashKey < 0 ? undefined : hashKeys[hashKey],
      sequenceNumber,
      subSequenceNumber: i,
      aggregated: true,
      data: bytes.subarray(offset, offset + index[slot + 3]),
      approximateArrivalTimestamp,
      source
    })
  }
}

// ---- writing ------------------------------------------------------------------------------------

/** @param {number} value */
function varintSize(value) {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}

/**
 * Writes `value` at `at`, gives the offset behind it.
 * @param {Uint8Array} out
 * @param {number} at
 * @param {number} value
 */
function writeVarint(out, at, value) {
  while (value > 127) {
    out[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  out[at++] = value
  return at
}

/** A key table that is kept as the protobuf bytes it will be. */
class KeyTable {
  /** @param {number} tag */
  constructor(tag) {
    this.tag = tag
    /** @type {Map<string, number>} */
    this.indexes = new Map()
    this.bytes = Buffer.allocUnsafeSlow(256)
    this.length = 0
  }

  clear() {
    if (this.indexes.size > 64) this.indexes = new Map()
    else if (this.indexes.size !== 0) this.indexes.clear()
    this.length = 0
  }

  /**
   * Writes `key` behind the table without keeping it; gives the bytes it takes with tag and length.
   * @param {string} key
   */
  stage(key) {
    const characters = key.length
    const start = this.length
    if (this.bytes.length - start < characters * 3 + 6) {
      const grown = Buffer.allocUnsafeSlow((start + characters * 3 + 6) * 2)
      grown.set(this.bytes.subarray(0, start))
      this.bytes = grown
    }
    const { bytes } = this
    bytes[start] = this.tag
    if (characters < 64) {
      // Short and nearly always ASCII: a loop beats the call into C++.
      let at = start + 2
      let high = 0
      for (let i = 0; i < characters; i++) {
        const code = key.charCodeAt(i)
        high |= code
        bytes[at++] = code
      }
      if (high < 128) {
        bytes[start + 1] = characters
        return characters + 2
      }
    }
    const size = Buffer.byteLength(key)
    const at = writeVarint(bytes, start + 1, size)
    bytes.utf8Write(key, at, size)
    return at + size - start
  }

  /**
   * Keeps the key that was staged.
   * @param {string} key
   * @param {number} size what `stage` gave
   */
  commit(key, size) {
    this.indexes.set(key, this.indexes.size)
    this.length += size
  }
}

/** Collects user records; gives an encoded record whenever the next one does not fit. */
export class RecordAggregator {
  constructor() {
    this.partitionKeys = new KeyTable(0x0a)
    this.hashKeys = new KeyTable(0x12)
    /** @type {Uint8Array[]} */
    this.datas = []
    this.keys = new Int32Array(512) // per user record: key, hash key or -1
    this.recordBytes = 0
    this.lastKey = ''
    this.lastKeyIndex = -1
    this.firstKey = ''
    /** @type {string | undefined} */
    this.firstHashKey = undefined
  }

  /**
   * @param {UserRecordInput} record
   * @returns {EncodedRecord | undefined} the full aggregate that `record` did not fit into
   */
  push(record) {
    const { partitionKey, explicitHashKey } = record
    const data = typeof record.data === 'string' ? Buffer.from(record.data) : record.data
    let full
    for (;;) {
      let keyIndex
      let keySize = 0
      if (partitionKey === this.lastKey && this.lastKeyIndex >= 0) keyIndex = this.lastKeyIndex
      else {
        keyIndex = this.partitionKeys.indexes.get(partitionKey)
        if (keyIndex === undefined) {
          keyIndex = this.partitionKeys.indexes.size
          keySize = this.partitionKeys.stage(partitionKey)
        }
      }
      const length = data.length
      let inner = 2 + varintSize(keyIndex) + varintSize(length) + length
      let hashKeyIndex = -1
      let hashKeySize = 0
      if (explicitHashKey !== undefined) {
        const known = this.hashKeys.indexes.get(explicitHashKey)
        if (known === undefined) {
          hashKeyIndex = this.hashKeys.indexes.size
          hashKeySize = this.hashKeys.stage(explicitHashKey)
        } else hashKeyIndex = known
        inner += 1 + varintSize(hashKeyIndex)
      }
      const recordBytes = this.recordBytes + 1 + varintSize(inner) + inner
      const total = this.partitionKeys.length + keySize + this.hashKeys.length + hashKeySize + recordBytes
      const count = this.datas.length
      if (total > MAX_PROTOBUF_BYTES) {
        if (count === 0) throw new Error('Input record is too large to fit inside a single Kinesis record.')
        full = this.flush()
        continue
      }
      if (keySize !== 0) this.partitionKeys.commit(partitionKey, keySize)
      if (hashKeySize !== 0 && explicitHashKey !== undefined)
        this.hashKeys.commit(explicitHashKey, hashKeySize)
      this.lastKey = partitionKey
      this.lastKeyIndex = keyIndex
      this.recordBytes = recordBytes
      if (count === 0) {
        this.firstKey = partitionKey
        this.firstHashKey = explicitHashKey
      }
      const slot = count * 2
      if (slot === this.keys.length) {
        const grown = new Int32Array(slot * 2)
        grown.set(this.keys)
        this.keys = grown
      }
      this.keys[slot] = keyIndex
      this.keys[slot + 1] = hashKeyIndex
      this.datas.push(data)
      return full
    }
  }

  /** @returns {EncodedRecord | undefined} */
  flush() {
    const { datas, keys } = this
    const count = datas.length
    if (count === 0) return undefined
    const tableBytes = this.partitionKeys.length
    const hashTableBytes = this.hashKeys.length
    const stop = MAGIC_BYTES + tableBytes + hashTableBytes + this.recordBytes
    const out = Buffer.allocUnsafeSlow(stop + DIGEST_BYTES)
    out[0] = 0xf3
    out[1] = 0x89
    out[2] = 0x9a
    out[3] = 0xc2
    out.set(this.partitionKeys.bytes.subarray(0, tableBytes), MAGIC_BYTES)
    if (hashTableBytes !== 0) {
      out.set(this.hashKeys.bytes.subarray(0, hashTableBytes), MAGIC_BYTES + tableBytes)
    }
    let at = MAGIC_BYTES + tableBytes + hashTableBytes
    for (let i = 0; i < count; i++) {
      const data = datas[i]
      const length = data.length
      const key = keys[i * 2]
      const hashKey = keys[i * 2 + 1]
      let inner = 2 + varintSize(key) + varintSize(length) + length
      if (hashKey >= 0) inner += 1 + varintSize(hashKey)
      out[at] = 0x1a
      if (inner < 128) {
        out[at + 1] = inner
        at += 2
      } else at = writeVarint(out, at + 1, inner)
      out[at] = 0x08
      if (key < 128) {
        out[at + 1] = key
        at += 2
      } else at = writeVarint(out, at + 1, key)
      if (hashKey >= 0) {
        out[at] = 0x10
        at = writeVarint(out, at + 1, hashKey)
      }
      out[at] = 0x1a
      if (length < 128) {
        out[at + 1] = length
        at += 2
      } else at = writeVarint(out, at + 1, length)
      if (length < 32) for (let j = 0; j < length; j++) out[at + j] = data[j]
      else out.set(data, at)
      at += length
    }
    out.set(md5(out.subarray(MAGIC_BYTES, stop)), stop)
    /** @type {EncodedRecord} */
    const encoded = { partitionKey: this.firstKey, data: out }
    if (this.firstHashKey !== undefined) encoded.ExplicitHashKey = this.firstHashKey
    this.partitionKeys.clear()
    this.hashKeys.clear()
    this.datas = []
    this.recordBytes = 0
    this.lastKeyIndex = -1
    return encoded
  }
}

/** @type {RecordAggregator | undefined} */
let shared

/**
 * @param {Iterable<UserRecordInput>} records
 * @returns {EncodedRecord[]}
 */
export function aggregate(records) {
  // The last call's, for the tables that it has grown; taken, so that an iterator may call `aggregate` in its turn.
  const aggregator = shared ?? new RecordAggregator()
  shared = undefined
  const encoded = []
  for (const record of records) {
    const full = aggregator.push(record)
    if (full !== undefined) encoded.push(full)
  }
  const rest = aggregator.flush()
  if (rest !== undefined) encoded.push(rest)
  shared = aggregator
  return encoded
}
