/**
 * What the page shows at first: an aggregated record, read from one shard, with a user record that belongs to the other one.
 * A test has what is in it.
 */
const DATA =
  '84mawgoIYm9pbGVyLTAKCGJvaWxlci0yCghib2lsZXItNQoEbG9ncwoGcHVtcC0wCghib2lsZXItNxICNDIaUQgAGk17ImRl' +
  'dmljZSI6ImJvaWxlci0wIiwidGVtcGVyYXR1cmUiOjgxLjUsInByZXNzdXJlIjp7ImJhciI6Mi40LCJhbGFybSI6ZmFsc2V9' +
  'fRpSCAEaTnsiZGV2aWNlIjoiYm9pbGVyLTIiLCJ0ZW1wZXJhdHVyZSI6NzkuMjUsInByZXNzdXJlIjp7ImJhciI6Mi4xLCJh' +
  'bGFybSI6ZmFsc2V9fRpRCAAaTXsiZGV2aWNlIjoiYm9pbGVyLTAiLCJ0ZW1wZXJhdHVyZSI6ODEuNzUsInByZXNzdXJlIjp7' +
  'ImJhciI6Mi41LCJhbGFybSI6dHJ1ZX19GhUIAhoRcmVzdGFydGVkIGJ5IGhhbmQalAEIAxAAGo0BH4sIAAAAAAACAzXNQQuC' +
  'MBiH8a8i//NATSl4b4PEUye9RcTKNxlsbmxrIOJ3j4ie6+/wbLAco5p5XD2DcJajvF+6YZB9BwHj5j64twehfKlncmEtH04b' +
  'DvGnXeYlRdB1g55AqCGQtOWYlPWg+nRsD03VVt/E/wVCViZz0RTO88IT9tv+AX2e2M6KAAAAGioIBBomeyJkZXZpY2UiOiJw' +
  'dW1wLTAiLCJ0ZW1wZXJhdHVyZSI6MjAuNX0aCggFGgYAAQL+/4DpxRTPqgVOPcU1vF4WnHJP'

/** A line as `kinesis-agg tail --raw` prints it. */
export const EXAMPLE_RECORDS = `${JSON.stringify({ ShardId: 'shardId-000000000000', SequenceNumber: '49657012345678901234567890123456789012345678900000000001', PartitionKey: 'boiler-0', Data: DATA })}\n`

/** The answer of ListShards for a stream of two shards. */
export const EXAMPLE_SHARDS = JSON.stringify(
  { Shards: [shard(0, 0n, 2n ** 127n - 1n), shard(1, 2n ** 127n, 2n ** 128n - 1n)] },
  null,
  2
)

function shard(number: number, start: bigint, end: bigint): object {
  return {
    ShardId: `shardId-00000000000${number}`,
    HashKeyRange: { StartingHashKey: String(start), EndingHashKey: String(end) }
  }
}
