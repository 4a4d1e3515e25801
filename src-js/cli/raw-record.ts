import type { _Record } from '@aws-sdk/client-kinesis'

/** A Kinesis record on a line of JSON, with the names of `aws kinesis get-records` and its shard; `decode` reads it. */
export function rawLine(shardId: string | undefined, record: _Record): string {
  const { SequenceNumber, ApproximateArrivalTimestamp, PartitionKey, Data } = record
  const { buffer, byteOffset, byteLength } = Data ?? new Uint8Array()
  return `${JSON.stringify({
    ShardId: shardId,
    SequenceNumber,
    ApproximateArrivalTimestamp,
    PartitionKey,
    Data: Buffer.from(buffer, byteOffset, byteLength).toString('base64')
  })}\n`
}
