export {
  FakeKinesis,
  type FakeKinesisClient,
  type FakeKinesisCommand,
  type FakeKinesisOptions,
  type FakeStreamOptions
} from './testing/fake-kinesis'
export type { RecordDistribution } from './testing/memory-stream'
