// What the typings of aws-kinesis-agg 4.2.8 take from version 2 of the AWS SDK.
export namespace Kinesis {
  namespace Types {
    interface PutRecordOutput {
      ShardId: string
      SequenceNumber: string
      EncryptionType?: string
    }
  }
}
