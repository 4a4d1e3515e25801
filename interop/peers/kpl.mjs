// The real Kinesis Producer Library with its native daemon. It puts records over TLS into kinesis-local; we
// read them back with the AWS SDK and take them apart.
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { aggregate, deaggregateSync, isAggregated } from 'kinesis-agg'
import { fetchShardMap } from 'kinesis-agg/sdk'
import { startKinesis } from '../../scripts/kinesis-local.mjs'
import { Check } from '../lib/check.mjs'
import { installJava, kplVersion } from '../lib/install.mjs'
import { plain } from '../lib/ours.mjs'
import { Peer } from '../lib/peer.mjs'
import { randomSets } from '../lib/sets.mjs'
import { Streams } from '../kpl/streams.mjs'
import { recordVectors } from '../kpl/vectors.mjs'

export const about = {
  peer: 'KPL',
  package: 'software.amazon.kinesis:amazon-kinesis-producer',
  version: kplVersion()
}

const SHARD_COUNTS = [1, 3, 8]

/** @param {{ record?: boolean }} [options] `record`: write vectors/kpl.json anew */
export async function check(count, { record = false } = {}) {
  const { command, work } = installJava('kpl')
  const kinesis = await startKinesis()
  const client = new KinesisClient(kinesis.clientOptions)
  const kpl = new Peer([...command, String(kinesis.tlsPort), work])
  try {
    const streams = new Streams(client, kpl)
    const results = []
    for (const shards of SHARD_COUNTS) results.push(await throughStream(streams, shards, count))
    if (record) await recordVectors(streams, about)
    return results
  } finally {
    await kpl.end()
    client.destroy()
    await kinesis.stop()
  }
}

/** Puts random records, and reads every one back from its shard. */
async function throughStream(streams, shardCount, count) {
  const check = new Check(`writes to ${shardCount} shard${shardCount === 1 ? '' : 's'}, we read`)
  const name = `stream-${shardCount}`
  await streams.create(name, shardCount)
  const shardMap = await fetchShardMap(streams.client, name)
  let aggregates = 0
  let sameBytes = 0
  let put = 0
  for (const records of batches(count)) {
    const places = await streams.put(name, records)
    // Each user record's data says which one it is.
    const truth = new Map(records.map((record, i) => [record.data, { ...record, ...places[i] }]))
    for (const { shardId, hashKeyRange, record } of await streams.readOn(name)) {
      const userRecords = deaggregateSync(record)
      const aggregated = isAggregated(record)
      const seen = userRecords.map(userRecord => ({
        ...plain(userRecord),
        shardId,
        sequenceNumber: userRecord.sequenceNumber
      }))
      check.compare(
        seen,
        seen.map(({ data }) => asStored(truth.get(data), aggregated)),
        { records: seen.length }
      )
      if (deaggregateSync(record, { hashKeyRange }).length < seen.length) {
        throw new Error(`by hashKeyRange, ${shardId} holds records of another shard`)
      }
      for (const { partitionKey, explicitHashKey } of seen.map(({ data }) => truth.get(data))) {
        const { shardId: ours } = shardMap.shardFor(partitionKey, explicitHashKey)
        if (ours !== shardId) throw new Error(`shardFor says ${ours}, the KPL and Kinesis ${shardId}`)
      }
      if (aggregated) {
        aggregates += 1
        if (aggregate(userRecords)[0].data.equals(record.Data)) sameBytes += 1
      }
    }
    put += records.length
    if (check.records !== put) throw new Error(`${check.records} of ${put} records came back`)
  }
  if (aggregates === 0) throw new Error(`${name}: the KPL did not aggregate`)
  return check.result({ aggregates, sameBytes })
}

/** A record put alone is stored as it is, and Kinesis does not hand out the hash key that it was put with. */
function asStored(record, aggregated) {
  if (aggregated) return record
  const { explicitHashKey: _, ...rest } = record
  return rest
}

/** Records of some sets at a time, each with data of its own. */
function* batches(count) {
  let serial = 0
  let batch = []
  for (const set of randomSets(Math.max(30, count / 10), 8)) {
    for (const record of set) {
      const data = Buffer.concat([Buffer.from(`${++serial}:`), record.data])
      batch.push(plain({ ...record, data }))
    }
    if (batch.length > 800) {
      yield batch
      batch = []
    }
  }
  yield batch
}
