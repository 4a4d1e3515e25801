export { forwardEvent } from './lambda/forward-event'
export type { Forwarded } from './lambda/forwarding'
export { KinesisProducer, type StreamHandle } from './producer/kinesis-producer'
export { IncompleteError, PutError, type PutErrorCode } from './producer/errors'
export type { Histogram, ProducerStats, ShardStats, StreamStats } from './producer/stats'
export type { PutRecordsTrace } from './producer/tracing'
export type {
  Attempt,
  KinesisClientLike,
  KinesisProducerOptions,
  ProducerEvents,
  ProducerRecord,
  PutResult,
  StreamOptions
} from './producer/types'
