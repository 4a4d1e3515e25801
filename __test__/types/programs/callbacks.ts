import { type EncodedRecord, type UserRecord, aggregate, deaggregate, deaggregateSync } from 'aws-kinesis-agg'
import type { KinesisStreamRecordPayload } from 'aws-lambda'

declare const payload: KinesisStreamRecordPayload

// Annotated in every way that the typings of 4.2.8 allow.
export const annotated = (error: Error, userRecords?: UserRecord[]): void =>
  void [error.message, userRecords?.length]
deaggregateSync(payload, true, annotated)
deaggregateSync(payload, false, (error: Error) => void error)
deaggregateSync(payload, true, (error, userRecords) => {
  if (error) throw error
  for (const {
    partitionKey,
    explicitPartitionKey,
    sequenceNumber,
    subSequenceNumber,
    data
  } of userRecords!) {
    const text: string = Buffer.from(data, 'base64').toString()
    const hashKey: string | undefined = explicitPartitionKey
    const position: number = subSequenceNumber
    void [partitionKey, sequenceNumber, text, hashKey, position]
  }
})
const narrow = (error: Error, userRecords?: { data: string }[]): void => void [error, userRecords]
deaggregateSync(payload, true, narrow)

deaggregate(
  payload,
  true,
  (error: Error, userRecord?: UserRecord) => void [error, userRecord?.data],
  (error?: Error, errorUserRecord?: UserRecord) => void [error?.message, errorUserRecord?.partitionKey]
)
deaggregate(
  payload,
  true,
  (_, userRecord) => void userRecord?.data.length,
  () => {}
)

const put = async (encoded: EncodedRecord): Promise<void> => void [encoded.data.length, encoded.partitionKey]
aggregate(
  [{ partitionKey: 'k', data: 'x' }],
  (encodedRecord: EncodedRecord, callback: (err?: Error) => void) => {
    put(encodedRecord).then(() => callback(), callback)
  },
  () => {},
  (error: Error, data?: EncodedRecord) => void [error, data],
  2
)
aggregate(
  [1, 'whatever'],
  (_, callback) => callback(),
  () => {},
  error => void error.message
)
aggregate(
  [],
  async (encoded, callback) => {
    await put(encoded)
    callback()
  },
  () => {},
  () => {}
)
