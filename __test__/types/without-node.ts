import { type UserRecord, deaggregateSync } from 'aws-kinesis-agg'

export const partitionKeys = (data: string): string[] => {
  const keys: string[] = []
  const payload = { data, partitionKey: 'k', sequenceNumber: '1', kinesisSchemaVersion: '1.0' }
  deaggregateSync(
    { ...payload, approximateArrivalTimestamp: 1 },
    true,
    (error: Error, userRecords?: UserRecord[]) => {
      if (error) throw error
      keys.push(...userRecords!.map(({ partitionKey }) => partitionKey))
    }
  )
  return keys
}
