/**
 * The rows of the benchmark: what is run, on which data, and the proof that all contenders did the same work.
 *
 * A row's `setup` builds its data and gives one function for each contender; `check` runs each once and compares what it
 * gave with what went in. Nothing is timed before that.
 */
import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { opensslMd5, ours, peer, producers } from './contenders.mjs'
import {
  SHAPES,
  aggregatedRecord,
  encode,
  event,
  largeRecords,
  plainRecords,
  userRecords
} from './corpus.mjs'
import * as floor from './floor.mjs'
import * as handwritten from './handwritten.mjs'
import { PRODUCER_ROWS } from './producer-rows.mjs'
import { MD5_TARGETS } from './targets.mjs'

const require = createRequire(import.meta.url)

/**
 * @typedef {import('./contenders.mjs').Who} Who
 * @typedef {import('./corpus.mjs').Input} Input
 * @typedef {import('./measure.mjs').Work} Work
 * @typedef {import('./targets.mjs').Column} Column
 * @typedef {import('./targets.mjs').LineId} LineId
 *
 * @typedef {object} Prepared
 * @property {Partial<Record<Who, Work>>} contenders
 * @property {(who: Who, result: any) => void} check throws if `result` is not what it must be
 * @property {number} records user records of one iteration, by which the time is divided
 * @property {number} bytes bytes of data of one iteration
 *
 * @typedef {object} Row
 * @property {string} id
 * @property {LineId | 'md5' | 'write' | 'put'} line
 * @property {Column | null} column
 * @property {string} label
 * @property {number | null} [md5Target] for the rows of line `md5`
 * @property {() => Prepared} setup
 */

/** Where callbacks leave their answer; a module variable, so that no engine can prove it unused. */
let answer = /** @type {any} */ (undefined)

/** @param {any} error @param {any} records */
function keep(error, records) {
  if (error) throw error
  answer = records
}

/** @param {readonly Uint8Array[]} encoded */
function protobufs(encoded) {
  return encoded.map(bytes => bytes.subarray(4, bytes.length - 16))
}

/**
 * The bound: the digests that the row cannot do without, by OpenSSL.
 * @param {readonly Uint8Array[]} encoded
 * @returns {Work}
 */
function digests(encoded) {
  const parts = protobufs(encoded)
  return () => {
    for (const part of parts) answer = opensslMd5(part)
  }
}

/** @param {readonly Input[]} inputs */
function dataBytes(inputs) {
  return inputs.reduce((sum, { data }) => sum + data.length, 0)
}

// ---- deaggregation ------------------------------------------------------------------------------

/**
 * @param {keyof typeof SHAPES} shape
 * @param {boolean} checksum
 * @returns {Prepared}
 */
function dropIn(shape, checksum) {
  const { record, bytes, inputs } = aggregatedRecord(SHAPES[shape])
  const places = floor.placesOf(bytes, inputs)
  const expected = inputs.map(({ partitionKey, data }, i) => ({
    partitionKey,
    explicitPartitionKey: undefined,
    sequenceNumber: record.sequenceNumber,
    subSequenceNumber: i,
    data: data.toString('base64')
  }))
  /** @type {Prepared['contenders']} */
  const contenders = {
    peer: () => (peer.deaggregateSync(record, checksum, keep), answer),
    handwritten: () => (handwritten.deaggregateSync(record, checksum, keep), answer),
    floor: () => (answer = floor.readDropIn(record, places, checksum))
  }
  if (ours) contenders.ours = () => (ours.deaggregateSync(record, checksum, keep), answer)
  if (checksum) contenders.openssl = digests([bytes])
  return {
    contenders,
    check: (_who, result) => assert.deepEqual(result, expected),
    records: inputs.length,
    bytes: dataBytes(inputs)
  }
}

/**
 * @param {any[]} result
 * @param {readonly { inputs: readonly Input[], source: any, sequenceNumber: string, time: any }[]} sources
 * @param {boolean} aggregated
 */
function checkUserRecords(result, sources, aggregated) {
  let at = 0
  for (const { inputs, source, sequenceNumber, time } of sources) {
    for (let i = 0; i < inputs.length; i++) {
      const { data, ...rest } = result[at++]
      assert.ok(Buffer.isBuffer(data) && data.equals(inputs[i].data), `data of user record ${i}`)
      assert.equal(rest.source, source)
      assert.deepEqual(
        { ...rest, source: undefined },
        {
          partitionKey: inputs[i].partitionKey,
          explicitHashKey: undefined,
          sequenceNumber,
          subSequenceNumber: aggregated ? i : 0,
          aggregated,
          approximateArrivalTimestamp: time,
          source: undefined
        }
      )
    }
  }
  assert.equal(result.length, at)
}

/**
 * The peer has no form that returns Buffers; it is timed as it is, and spared the decoding of its base64.
 * @param {keyof typeof SHAPES} shape
 * @param {boolean} checksum
 * @returns {Prepared}
 */
function buffers(shape, checksum) {
  const { record, bytes, inputs } = aggregatedRecord(SHAPES[shape])
  const options = { computeChecksums: checksum }
  const places = floor.placesOf(bytes, inputs)
  /** @type {Prepared['contenders']} */
  const contenders = {
    peer: () => (peer.deaggregateSync(record, checksum, keep), answer),
    handwritten: () => (answer = handwritten.deaggregateBuffers(record, checksum)),
    floor: () => {
      answer = []
      floor.readBuffers(answer, record, record, places, checksum)
      return answer
    }
  }
  if (ours) contenders.ours = () => (answer = ours.deaggregateSync(record, options))
  if (checksum) contenders.openssl = digests([bytes])
  const { sequenceNumber, approximateArrivalTimestamp: time } = record
  return {
    contenders,
    check(who, result) {
      if (who === 'peer') checkDropIn(result, inputs)
      else checkUserRecords(result, [{ inputs, source: record, sequenceNumber, time }], true)
    },
    records: inputs.length,
    bytes: dataBytes(inputs)
  }
}

/** @param {any[]} result @param {readonly Input[]} inputs */
function checkDropIn(result, inputs) {
  assert.deepEqual(
    result.map(({ partitionKey, data }) => ({ partitionKey, data })),
    inputs.map(({ partitionKey, data }) => ({ partitionKey, data: data.toString('base64') }))
  )
}

/**
 * @param {Parameters<typeof event>[0]} size
 * @returns {Prepared}
 */
function eventOf(size) {
  const { records, batches } = event(size)
  const inputs = batches.flatMap(batch => batch.inputs)
  const places = batches.map(batch => floor.placesOf(batch.bytes, batch.inputs))
  /** @type {Prepared['contenders']} */
  const contenders = {
    peer: () => {
      const all = []
      for (const { kinesis } of records) {
        peer.deaggregateSync(kinesis, true, keep)
        all.push(answer)
      }
      return (answer = all)
    },
    handwritten: () => (answer = handwritten.deaggregateBuffers(records, true)),
    floor: () => {
      answer = []
      for (let i = 0; i < records.length; i++) {
        floor.readBuffers(answer, records[i], records[i].kinesis, places[i], false)
      }
      return answer
    }
  }
  if (ours) contenders.ours = () => (answer = ours.deaggregateSync(records))
  contenders.openssl = digests(batches.map(batch => batch.bytes))
  const sources = batches.map((batch, i) => ({
    inputs: batch.inputs,
    source: records[i],
    sequenceNumber: records[i].kinesis.sequenceNumber,
    time: records[i].kinesis.approximateArrivalTimestamp
  }))
  return {
    contenders,
    check(who, result) {
      if (who === 'peer') checkDropIn(result.flat(), inputs)
      else checkUserRecords(result, sources, true)
    },
    records: inputs.length,
    bytes: dataBytes(inputs)
  }
}

/**
 * @param {number} size
 * @param {boolean} asBuffers
 * @returns {Prepared}
 */
function plain(size, asBuffers) {
  const { records, inputs } = plainRecords(size, size > 5000 ? 2_000 : 10_000)
  const peerWork = () => {
    const all = []
    for (const record of records) {
      peer.deaggregateSync(record, true, keep)
      all.push(answer[0])
    }
    return (answer = all)
  }
  /** @type {Prepared['contenders']} */
  const contenders = { peer: peerWork, floor: () => (answer = floor.readPlain(records, asBuffers)) }
  if (asBuffers) {
    contenders.handwritten = () => (answer = handwritten.deaggregateBuffers(records, true))
    if (ours) contenders.ours = () => (answer = ours.deaggregateSync(records))
  } else {
    contenders.handwritten = () => {
      const all = []
      for (const record of records) {
        handwritten.deaggregateSync(record, true, keep)
        all.push(answer[0])
      }
      return (answer = all)
    }
    if (ours) {
      contenders.ours = () => {
        const all = []
        for (const record of records) {
          ours.deaggregateSync(record, true, keep)
          all.push(answer[0])
        }
        return (answer = all)
      }
    }
  }
  const expected = records.map(({ partitionKey, sequenceNumber, data }) => ({
    partitionKey,
    explicitPartitionKey: undefined,
    sequenceNumber,
    data
  }))
  const sources = records.map((record, i) => ({
    inputs: [inputs[i]],
    source: record,
    sequenceNumber: record.sequenceNumber,
    time: record.approximateArrivalTimestamp
  }))
  return {
    contenders,
    check(who, result) {
      if (asBuffers && who !== 'peer') checkUserRecords(result, sources, false)
      else assert.deepEqual(result, expected)
    },
    records: inputs.length,
    bytes: dataBytes(inputs)
  }
}

// ---- aggregation --------------------------------------------------------------------------------

/**
 * Decodes with the peer's protobuf type, verifies with Node's MD5, compares with what went in.
 * @param {any[]} encoded
 * @param {readonly Input[]} inputs
 */
function checkEncoded(encoded, inputs) {
  const { AggregatedRecord, magic } = require('aws-kinesis-agg/lib/common')
  let at = 0
  for (const { partitionKey, data } of encoded) {
    assert.ok(data.length <= 1024 * 1024, 'an encoded record is within 1 MiB')
    assert.deepEqual(data.subarray(0, 4), magic)
    const protobuf = data.subarray(4, data.length - 16)
    assert.deepEqual(data.subarray(data.length - 16), crypto.createHash('md5').update(protobuf).digest())
    const message = AggregatedRecord.decode(protobuf)
    assert.equal(partitionKey, inputs[at].partitionKey)
    for (const item of message.records) {
      const input = inputs[at++]
      assert.equal(message.partition_key_table[Number(item.partition_key_index)], input.partitionKey)
      assert.ok(input.data.equals(item.data), `data of user record ${at - 1}`)
    }
  }
  assert.equal(at, inputs.length)
}

/**
 * The floor leaves the protobuf between the bytes out, so that only the sizes are those of aggregated records.
 * @param {Buffer[]} written
 * @param {readonly Buffer[]} encoded
 */
function checkWritten(written, encoded) {
  assert.deepEqual(
    written.map(({ length }) => length),
    encoded.map(({ length }) => length)
  )
  for (const bytes of written) {
    const digest = crypto
      .createHash('md5')
      .update(bytes.subarray(4, bytes.length - 16))
      .digest()
    assert.deepEqual(bytes.subarray(bytes.length - 16), digest)
  }
}

/**
 * @param {readonly Input[]} inputs
 * @param {readonly Buffer[]} encoded for the bounds
 * @param {Pick<Prepared, 'contenders'>['contenders']} contenders
 * @returns {Prepared}
 */
function aggregation(inputs, encoded, contenders) {
  const parts = floor.partsOf(encoded, inputs)
  return {
    contenders: { ...contenders, floor: () => (answer = floor.write(parts)), openssl: digests(encoded) },
    check(who, result) {
      if (who === 'floor') checkWritten(result, encoded)
      else checkEncoded(result, inputs)
    },
    records: inputs.length,
    bytes: dataBytes(inputs)
  }
}

/**
 * The peer's `aggregate` is timed until it calls its after-callback.
 * @param {Input[]} inputs
 */
function peerAggregate(inputs) {
  return new Promise((resolve, reject) => {
    /** @type {any[]} */
    const encoded = []
    peer.aggregate(
      inputs,
      (/** @type {any} */ record, /** @type {() => void} */ done) => {
        encoded.push(record)
        done()
      },
      () => resolve((answer = encoded)),
      reject
    )
  })
}

/**
 * @param {keyof typeof SHAPES} shape
 * @param {number} keys
 */
function aggregateInputs(shape, keys) {
  return userRecords({ ...SHAPES[shape], keys })
}

/**
 * @param {Input[]} inputs
 * @param {readonly Buffer[]} encoded
 */
function aggregateOf(inputs, encoded) {
  /** @type {Prepared['contenders']} */
  const contenders = {
    peer: () => peerAggregate(inputs),
    handwritten: () => (answer = handwritten.aggregate(inputs))
  }
  if (ours) contenders.ours = () => (answer = ours.aggregate(inputs))
  return aggregation(inputs, encoded, contenders)
}

/** @param {Input[]} inputs */
function aggregateRecordsOf(inputs) {
  const theirs = new peer.RecordAggregator()
  /** @param {any} aggregator @returns {Work} */
  const collect = aggregator => () => {
    /** @type {any[]} */
    const encoded = []
    aggregator.aggregateRecords(inputs, true, (/** @type {any} */ error, /** @type {any} */ record) => {
      if (error) throw error
      encoded.push(record)
    })
    return (answer = encoded)
  }
  /** @type {Prepared['contenders']} */
  const contenders = {
    peer: collect(theirs),
    handwritten: () => (answer = handwritten.aggregate(inputs))
  }
  if (ours) contenders.ours = collect(new ours.RecordAggregator())
  return aggregation(inputs, [encode(inputs)], contenders)
}

/**
 * The peer has no `push`. Asking whether a record fits and then adding it sizes each record twice; handing them to
 * `aggregateRecords` one at a time does not, so that is what it is given.
 * @param {Input[]} inputs
 */
function pushOf(inputs) {
  /** @param {any} aggregator @returns {Work} */
  const push = aggregator => () => {
    const encoded = []
    for (const input of inputs) {
      const full = aggregator.push(input)
      if (full !== undefined) encoded.push(full)
    }
    const rest = aggregator.flush()
    if (rest !== undefined) encoded.push(rest)
    return (answer = encoded)
  }
  /** @type {any[]} */
  let collected = []
  const theirs = new peer.RecordAggregator((/** @type {any} */ error, /** @type {any} */ record) => {
    if (error) throw error
    collected.push(record)
  })
  /** @type {Prepared['contenders']} */
  const contenders = {
    peer: () => {
      collected = []
      for (const input of inputs) theirs.aggregateRecords([input])
      theirs.flushBufferedRecords()
      return (answer = collected)
    },
    handwritten: push(new handwritten.RecordAggregator())
  }
  if (ours) contenders.ours = push(new ours.RecordAggregator())
  return aggregation(inputs, [encode(inputs)], contenders)
}

/**
 * Aggregates for four shards, beside what costs the same but the routing: our own plain aggregator.
 * @param {Input[]} inputs
 * @returns {Prepared}
 */
function shardedOf(inputs) {
  const options = { maxSize: 51_200 }
  const quarter = 1n << 126n
  const shards = [0n, 1n, 2n, 3n].map(i => ({
    ShardId: `shardId-${i}`,
    HashKeyRange: { StartingHashKey: `${i * quarter}`, EndingHashKey: `${(i + 1n) * quarter - 1n}` }
  }))
  /** @param {any} aggregator @returns {Work} */
  const push = aggregator => () => {
    const encoded = []
    for (const input of inputs) {
      const full = aggregator.push(input)
      if (full !== undefined) encoded.push(full)
    }
    const rest = aggregator.flush() ?? []
    return (answer = encoded.concat(rest))
  }
  /** @type {Prepared['contenders']} */
  const contenders = {}
  if (ours) {
    contenders.handwritten = push(new ours.RecordAggregator(options))
    contenders.ours = push(new ours.ShardedAggregator(new ours.ShardMap(shards), options))
  }
  const expected = inputs.map(({ partitionKey, data }) => partitionKey + data.toString('hex')).toSorted()
  return {
    contenders,
    check(_who, result) {
      const records = ours.deaggregateSync(result.map((/** @type {any} */ { data }) => ({ Data: data })))
      const found = records.map(
        (/** @type {any} */ { partitionKey, data }) => partitionKey + data.toString('hex')
      )
      assert.deepEqual(found.toSorted(), expected)
    },
    records: inputs.length,
    bytes: dataBytes(inputs)
  }
}

/** @param {number} size */
function aggregate16(size) {
  const inputs = userRecords({ size, count: Math.floor((16 * 1024 * 1024) / size), keys: 1000 })
  return aggregateOf(
    inputs,
    handwritten.aggregate(inputs).map(({ data }) => data)
  )
}

// ---- digests ------------------------------------------------------------------------------------

/**
 * Verifying records that are nearly all digest, against OpenSSL.
 * @param {number[]} sizes
 * @returns {Prepared}
 */
function verification(sizes) {
  const large = largeRecords(sizes)
  const records = large.map(({ record }) => record)
  const sources = large.map(({ input, record }) => ({
    inputs: [input],
    source: record,
    sequenceNumber: record.SequenceNumber,
    time: record.ApproximateArrivalTimestamp
  }))
  /** @type {Prepared['contenders']} */
  const contenders = { openssl: digests(large.map(({ bytes }) => bytes)) }
  if (ours) contenders.ours = () => (answer = ours.deaggregateSync(records))
  return {
    contenders,
    check(who, result) {
      if (who === 'openssl') return
      checkUserRecords(result, sources, true)
      const damaged = { ...records[0], Data: Buffer.from(records[0].Data) }
      damaged.Data[damaged.Data.length - 1] ^= 1
      assert.throws(() => ours.deaggregateSync([...records.slice(1), damaged]), /Invalid record checksum/)
    },
    records: records.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0)
  }
}

// ---- the list -----------------------------------------------------------------------------------

/** @param {number} size @returns {Column} */
function columnOf(size) {
  return size <= 100 ? '100B' : size <= 300 ? '300B' : size <= 1024 ? '1KB' : '10KB'
}

/** @param {number} size */
function sizeLabel(size) {
  return size < 1000 ? `${size} B` : `${Math.round(size / 1024)} KB`
}

/**
 * @param {LineId} line
 * @param {readonly (keyof typeof SHAPES)[]} shapes
 * @param {(shape: keyof typeof SHAPES) => Prepared} setup
 * @param {(shape: keyof typeof SHAPES) => string} [label]
 * @returns {Row[]}
 */
function byShape(line, shapes, setup, label = shape => SHAPES[shape].id) {
  return shapes.map(shape => ({
    id: `${line}/${shape}`,
    line,
    column: columnOf(SHAPES[shape].size),
    label: label(shape),
    setup: () => setup(shape)
  }))
}

/**
 * @template {number} Size
 * @param {LineId} line
 * @param {readonly Size[]} sizes
 * @param {(size: Size) => string} label
 * @param {(size: Size) => Prepared} setup
 * @returns {Row[]}
 */
function bySize(line, sizes, label, setup) {
  return sizes.map(size => ({
    id: `${line}/${sizeLabel(size).replace(' ', '')}`,
    line,
    column: columnOf(size),
    label: label(size),
    setup: () => setup(size)
  }))
}

const all = /** @type {(keyof typeof SHAPES)[]} */ (Object.keys(SHAPES))
const withinLimit = all.filter(shape => !shape.endsWith('MiB'))
/** @param {keyof typeof SHAPES} shape */
const keysOf = shape => SHAPES[shape].keys || 20
/** @param {keyof typeof SHAPES} shape */
const sizeAndCount = shape => SHAPES[shape].id.split(',')[0]

const KB = 1024
const UNEQUAL = [64, 1024, 100, 300, 700, 512, 80, 950, 128, 256, 640, 333, 90, 1000, 410, 77]

/** @type {Row[]} */
const md5Rows = [
  ...[64, 256, 1024].map(kb => ({
    id: `md5/16x${kb}KB`,
    line: /** @type {const} */ ('md5'),
    column: null,
    label: `16 of ${kb === 1024 ? '1 MiB' : `${kb} KB`}`,
    md5Target: MD5_TARGETS.batch,
    setup: () => verification(Array.from({ length: 16 }, () => kb * KB))
  })),
  {
    id: 'md5/16xmixed',
    line: 'md5',
    column: null,
    label: '16 of 64 KB to 1 MiB',
    md5Target: null, // with unequal lengths the last streams run alone: no promise
    setup: () => verification(UNEQUAL.map(kb => kb * KB))
  },
  ...[1, 64, 1024].map(kb => ({
    id: `md5/1x${kb}KB`,
    line: /** @type {const} */ ('md5'),
    column: null,
    label: `1 of ${kb === 1024 ? '1 MiB' : `${kb} KB`}`,
    md5Target: kb === 1 ? null : MD5_TARGETS.single,
    setup: () => verification([kb * KB])
  }))
]

const SIZES = /** @type {const} */ ([100, 300, 1024, 10_240])

/** @type {Row[]} */
export const ROWS = [
  ...byShape('dropIn', all, shape => dropIn(shape, false)),
  ...byShape('dropInChecksum', all, shape => dropIn(shape, true)),
  ...byShape('buffers', all, shape => buffers(shape, false)),
  ...byShape('buffersChecksum', all, shape => buffers(shape, true)),
  ...bySize('event', SIZES, size => `${sizeLabel(size)}, 100 records`, eventOf),
  ...byShape(
    'aggregateRecords',
    withinLimit,
    shape => aggregateRecordsOf(aggregateInputs(shape, keysOf(shape))),
    shape => `${sizeAndCount(shape)}, ${keysOf(shape)} keys`
  ),
  ...byShape(
    'aggregateRepeat',
    withinLimit,
    shape => {
      const inputs = aggregateInputs(shape, keysOf(shape))
      return aggregateOf(inputs, [encode(inputs)])
    },
    shape => `${sizeAndCount(shape)}, ${keysOf(shape)} keys`
  ),
  ...byShape(
    'aggregateNew',
    withinLimit.filter(shape => SHAPES[shape].keys === 0),
    shape => {
      const inputs = aggregateInputs(shape, 0)
      return aggregateOf(inputs, [encode(inputs)])
    },
    sizeAndCount
  ),
  ...byShape(
    'push',
    withinLimit,
    shape => pushOf(aggregateInputs(shape, keysOf(shape))),
    shape => `${sizeAndCount(shape)}, ${keysOf(shape)} keys`
  ),
  ...[20, 0].flatMap(keys =>
    bySize(
      keys === 0 ? 'shardedNew' : 'sharded',
      SIZES,
      size => `${sizeLabel(size)}, ${keys === 0 ? 'every key new' : `${keys} keys`}`,
      size => shardedOf(userRecords({ size, count: Math.ceil(2_000_000 / size), keys }))
    )
  ),
  ...bySize('aggregate16', SIZES, size => `${sizeLabel(size)}, 1000 keys`, aggregate16),
  ...bySize(
    'plain',
    SIZES,
    size => `${sizeLabel(size)} × ${size > 5000 ? 2_000 : 10_000}`,
    size => plain(size, false)
  ),
  ...bySize(
    'plainBuffers',
    SIZES,
    size => `${sizeLabel(size)} × ${size > 5000 ? 2_000 : 10_000}`,
    size => plain(size, true)
  ),
  ...md5Rows,
  ...(producers === undefined ? [] : PRODUCER_ROWS)
]
