import { type UserRecord, aggregate, deaggregate, deaggregateSync } from 'aws-kinesis-agg'
import type { KinesisStreamEvent, KinesisStreamRecordPayload } from 'aws-lambda'
import { promisify } from 'node:util'

// promisify infers the callback form.
const deaggregated: (
  record: KinesisStreamRecordPayload,
  checksums: boolean
) => Promise<UserRecord[] | undefined> = promisify(deaggregateSync)
export const handler = async (event: KinesisStreamEvent): Promise<string[]> => {
  const texts: string[] = []
  for (const { kinesis } of event.Records) {
    for (const userRecord of (await promisify(deaggregateSync)(kinesis, true)) ?? [])
      texts.push(userRecord.data)
    for (const userRecord of (await deaggregated(kinesis, true)) ?? []) texts.push(userRecord.partitionKey)
  }
  return texts
}

// A promise by hand, also where nothing is typed.
export const byHand = (record: KinesisStreamRecordPayload): Promise<UserRecord[] | undefined> =>
  new Promise((resolve, reject) =>
    deaggregateSync(record, true, (error, userRecords) => (error ? reject(error) : resolve(userRecords)))
  )
// oxlint-disable-next-line typescript/no-explicit-any
export const untyped = (record: any): Promise<UserRecord[] | undefined> =>
  new Promise((resolve, reject) =>
    deaggregateSync(record, true, (error, userRecords) => (error ? reject(error) : resolve(userRecords)))
  )

// Parameters and results of the functions.
type Parts = Parameters<typeof deaggregateSync>
export const callBack: Parts[2] = (error, userRecords) => void [error.message, userRecords?.[0]?.data]
export const checks: Parts[1] = true
export const keyOf = (record: Parts[0]): string => record.partitionKey + record.data.slice(0, 2)
export const onRecord: Parameters<typeof deaggregate>[2] = (_, userRecord) => void userRecord?.data
export const onEncoded: Parameters<typeof aggregate>[1] = (encoded, callback) => void [encoded.data, callback]
export const queueSize: Parameters<typeof aggregate>[4] = 3
export const result: ReturnType<typeof deaggregateSync> = undefined
