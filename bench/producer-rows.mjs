/**
 * Rows of the producer: `write` and `put` until everything is settled, with a client that answers at once. Beside them
 * what the same records cost with `ShardedAggregator.push`, which delivers nothing; the same and a promise for each
 * record; and PutRecords without aggregation.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { ours, producers } from './contenders.mjs'
import { userRecords } from './corpus.mjs'

const require = createRequire(import.meta.url)

/**
 * @typedef {import('./rows.mjs').Row} Row
 * @typedef {import('./rows.mjs').Prepared} Prepared
 * @typedef {import('./corpus.mjs').Input} Input
 */

export const STREAM = 'bench'
const SEQUENCE_NUMBER = '49590338271490256608559692538361571095921575989136588898'
const END = 1n << 128n
/** What the KPL takes for an aggregate, and a lane for due. */
const MAX_SIZE = 51_200
const MAX_ENTRIES = 500

/** @param {number} count */
export function evenly(count) {
  return Array.from({ length: count }, (_, i) => ({
    ShardId: `shardId-${String(i).padStart(12, '0')}`,
    HashKeyRange: {
      StartingHashKey: String((END * BigInt(i)) / BigInt(count)),
      EndingHashKey: String((END * BigInt(i + 1)) / BigInt(count) - 1n)
    },
    SequenceNumberRange: {
      StartingSequenceNumber: '49590338271490256608559692538361571095921575989136588898'
    }
  }))
}

/** Kinesis without network, storage or faults. */
export class InstantClient {
  /** @param {ReturnType<typeof evenly>} shards */
  constructor(shards) {
    this.shards = shards
    this.map = new ours.ShardMap(shards)
    /** @type {any[] | undefined} what is put, while somebody wants it */
    this.kept = undefined
    this.config = {}
  }

  /** @param {any} command */
  async send({ constructor, input }) {
    switch (constructor.name) {
      case 'ListShardsCommand':
        return { Shards: this.shards }
      case 'DescribeStreamSummaryCommand':
        return {
          StreamDescriptionSummary: {
            StreamName: STREAM,
            StreamStatus: 'ACTIVE',
            OpenShardCount: this.shards.length,
            MaxRecordSizeInKiB: 1024
          }
        }
      case 'PutRecordsCommand':
        this.kept?.push(...input.Records)
        return { FailedRecordCount: 0, Records: input.Records.map(this.store) }
      default:
        throw new Error(`not expected: ${constructor.name}`)
    }
  }

  /** @param {{ PartitionKey: string, ExplicitHashKey?: string }} entry */
  store = ({ PartitionKey, ExplicitHashKey }) => ({
    SequenceNumber: SEQUENCE_NUMBER,
    ShardId: this.map.shardFor(PartitionKey, ExplicitHashKey).shardId
  })
}

/** The same without the routing, which would be most of the time where each record is put by itself. */
class BareClient extends InstantClient {
  /** @override */
  store = () => ({ SequenceNumber: SEQUENCE_NUMBER, ShardId: 'shardId-000000000000' })
}

/** Where results are left; exported, so that no engine can prove it unused. */
export let kept = /** @type {any} */ (undefined)
/** @param {any} result */
const keep = result => {
  kept = result
}

/**
 * @param {readonly Input[]} inputs
 * @param {number} shards
 * @param {'write' | 'put'} method
 * @returns {Prepared}
 */
function producing(inputs, shards, method) {
  const list = evenly(shards)
  /** @type {Prepared['contenders']} */
  const contenders = {}
  const client = ours && new InstantClient(list)
  const bareClient = ours && new BareClient(list)
  if (ours) {
    const aggregator = new ours.ShardedAggregator(new ours.ShardMap(list), { maxSize: MAX_SIZE })
    const push = (/** @type {(full: any) => void} */ take) => {
      for (const input of inputs) {
        const full = aggregator.push(input)
        if (full !== undefined) take(full)
      }
      aggregator.flush().forEach(take)
    }
    contenders.push = () => {
      /** @type {any[]} */
      const all = []
      push(full => all.push(full))
      return (kept = all)
    }
    if (method === 'put') contenders.promise = () => promised(inputs, aggregator)
    contenders.bare = () => bare(inputs, bareClient)
    bareClient.kept = []
  }
  if (producers) {
    const producer = new producers.KinesisProducer({
      client,
      stream: STREAM,
      // What it costs, not what a shard takes, or what may wait.
      rateLimit: Infinity,
      maxPendingBytes: Infinity,
      maxPendingRecords: Infinity
    })
    contenders.ours =
      method === 'write'
        ? async () => {
            for (const input of inputs) if (!producer.write(input)) await producer.drained()
            await producer.flush()
          }
        : async () => {
            for (const input of inputs) producer.put(input).then(keep)
            await producer.flush()
          }
    client.kept = []
  }
  const expected = inputs.map(text).toSorted()
  return {
    contenders,
    check(who, result) {
      const put = result ?? (who === 'bare' ? bareClient : client).kept
      const records = ours.deaggregateSync(
        put.map((/** @type {any} */ { data, Data, PartitionKey }) => ({
          data: data ?? Data,
          partitionKey: PartitionKey
        }))
      )
      assert.deepEqual(records.map(text).toSorted(), expected)
      // From here on nobody wants it.
      if (who === 'ours') client.kept = undefined
      if (who === 'bare') bareClient.kept = undefined
    },
    records: inputs.length,
    bytes: inputs.reduce((sum, { data }) => sum + data.length, 0)
  }
}

/** @param {{ partitionKey: string, data: Buffer }} record */
const text = ({ partitionKey, data }) => partitionKey + data.toString('hex')

/**
 * What a `put` cannot do without: an aggregate, a promise that waits for it, and the result.
 * @param {readonly Input[]} inputs
 * @param {any} aggregator
 */
async function promised(inputs, aggregator) {
  /** @type {any[]} */
  const all = []
  /** @type {((result: object) => void)[]} */
  const resolvers = []
  for (const input of inputs) {
    const full = aggregator.push(input)
    if (full !== undefined) all.push(full)
    new Promise(resolve => resolvers.push(resolve)).then(keep)
  }
  all.push(...aggregator.flush())
  for (let i = 0; i < resolvers.length; i++) {
    resolvers[i]({
      stream: STREAM,
      shardId: 'shardId-000000000000',
      sequenceNumber: '1',
      subSequenceNumber: i
    })
  }
  // Until the last one is settled.
  await undefined
  return all
}

/**
 * @param {readonly Input[]} inputs
 * @param {any} client
 */
async function bare(inputs, client) {
  const { PutRecordsCommand } = require('@aws-sdk/client-kinesis')
  for (let at = 0; at < inputs.length; at += MAX_ENTRIES) {
    const Records = inputs
      .slice(at, at + MAX_ENTRIES)
      .map(({ partitionKey, data }) => ({ Data: data, PartitionKey: partitionKey }))
    kept = await client.send(new PutRecordsCommand({ StreamName: STREAM, Records }))
  }
}

const SHARDS = /** @type {const} */ ([1, 4, 64, 1000])
/** Records of one round: those of 1,000 shards are more, or no aggregate would be worth its name. */
const recordsFor = (/** @type {number} */ shards) => (shards === 1000 ? 50_000 : 20_000)

/** @type {Row[]} */
export const PRODUCER_ROWS = /** @type {const} */ (['write', 'put']).flatMap(method =>
  /** @type {const} */ ([100, 1024]).flatMap(size =>
    SHARDS.flatMap(shards =>
      [1000, 0].map(keys => ({
        id: `${method}/${size === 100 ? '100B' : '1KB'}-${shards}-${keys === 0 ? 'new' : 'repeated'}`,
        line: method,
        column: size === 100 ? /** @type {const} */ ('100B') : /** @type {const} */ ('1KB'),
        label: `${size === 100 ? '100 B' : '1 KB'}, ${shards} ${shards === 1 ? 'shard' : 'shards'}, keys ${keys === 0 ? 'new' : 'repeated'}`,
        setup: () => producing(userRecords({ size, count: recordsFor(shards), keys }), shards, method)
      }))
    )
  )
)
