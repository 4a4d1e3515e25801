export { type FailedBatch, fetchFailedBatch } from './lambda/failed-batch'
export { fetchShardMap, type KinesisClientLike, type StreamName } from './shards/fetch-shard-map'
