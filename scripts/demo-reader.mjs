// The reading half of the demo: what the shards hold, and whether it is what was put.
import assert from 'node:assert/strict'
import { GetRecordsCommand, GetShardIteratorCommand, ListShardsCommand } from '@aws-sdk/client-kinesis'
import { deaggregateSync } from 'kinesis-agg'

/**
 * Everything that a stream holds, shard by shard. A shard has a lower number than the shards that it was split into,
 * so each key's records come in the order of storing.
 */
export async function readStream(client, StreamName) {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName }))
  const shards = []
  for (const { ShardId, HashKeyRange, SequenceNumberRange } of Shards) {
    const records = []
    let { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' })
    )
    for (let i = 0; i < 100 && ShardIterator !== undefined; i++) {
      const answer = await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1000 }))
      records.push(...answer.Records)
      ShardIterator = answer.NextShardIterator
      if (answer.Records.length === 0 && answer.MillisBehindLatest === 0) break
    }
    shards.push({
      id: ShardId,
      closed: SequenceNumberRange.EndingSequenceNumber !== undefined,
      hashKeyRange: {
        startingHashKey: HashKeyRange.StartingHashKey,
        endingHashKey: HashKeyRange.EndingHashKey
      },
      records
    })
  }
  return shards.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** The event that Lambda makes of the same records. */
function toLambdaEvent(streamName, shardId, records) {
  return {
    Records: records.map(record => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: record.PartitionKey,
        sequenceNumber: record.SequenceNumber,
        data: Buffer.from(record.Data).toString('base64'),
        approximateArrivalTimestamp: record.ApproximateArrivalTimestamp.getTime() / 1000
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${record.SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      awsRegion: 'us-east-1',
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${streamName}`
    }))
  }
}

/** User records as three readers of the stream get them. */
export function readers(streamName, shards) {
  return {
    'AWS SDK': shards.flatMap(({ records }) => deaggregateSync(records)),
    'Lambda event': shards.flatMap(({ id, records }) =>
      deaggregateSync(toLambdaEvent(streamName, id, records).Records)
    ),
    // KCL drops an aggregate whole if one of its user records belongs to another shard.
    KCL: shards.flatMap(({ hashKeyRange, records }) =>
      records.flatMap(record => {
        const inside = deaggregateSync(record, { hashKeyRange })
        return inside.length === deaggregateSync(record).length ? inside : []
      })
    )
  }
}

/**
 * Every reading is there, with its own key and its own bytes; each device's readings first appear in the order in which
 * it sent them; and one that is there twice was said to be.
 *
 * @param userRecords what a reader got
 * @param sent readings of this stream by sequence, in the order of sending
 * @param results what the producer said of each, by sequence
 * @returns how many came once more
 */
export function check(userRecords, sent, results) {
  const seen = new Set()
  const lastOf = new Map()
  let repeats = 0
  for (const { partitionKey, data } of userRecords) {
    const { sequence } = JSON.parse(data)
    const reading = sent.get(sequence)
    assert(reading !== undefined, `reading ${sequence} is in the wrong stream`)
    assert.equal(partitionKey, reading.partitionKey)
    assert(data.equals(Buffer.from(reading.data)), `reading ${sequence} is not what was put`)
    if (seen.has(sequence)) {
      assert(results.get(sequence).maybeDuplicated, `reading ${sequence} came twice, and nobody said so`)
      repeats++
      continue
    }
    seen.add(sequence)
    const last = lastOf.get(partitionKey) ?? -1
    assert(last < sequence, `reading ${sequence} of ${partitionKey} came after reading ${last}`)
    lastOf.set(partitionKey, sequence)
  }
  for (const sequence of sent.keys()) assert(seen.has(sequence), `reading ${sequence} is missing`)
  return repeats
}
