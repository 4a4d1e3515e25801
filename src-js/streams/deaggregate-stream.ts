import { deaggregateAll } from '../deaggregation/deaggregate'
import { checkOptions } from '../deaggregation/options'
import type { DeaggregateOptions, DeaggregatedRecord, KinesisRecordInput } from '../types'
import { nodeStream, withRecord } from './transform'
import type { TypedTransform } from './types'

/**
 * A stream in object mode that takes Kinesis records, of any form, and gives their user records in order. It reads the
 * next Kinesis record when the user records of the last are taken.
 *
 * @param options see {@link DeaggregateOptions}
 * @returns a Transform; a damaged record destroys it, with the error of {@link deaggregateSync}, whose `record` is the
 * one that it is about
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: wrong `hashKeyRange`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: wrong options
 * @example
 * await pipeline(Readable.from(records), deaggregateStream(), async function (userRecords) {
 *   for await (const { partitionKey, data } of userRecords) console.log(partitionKey, data.toString())
 * })
 */
export function deaggregateStream<R extends KinesisRecordInput = KinesisRecordInput>(
  options?: DeaggregateOptions
): TypedTransform<R, DeaggregatedRecord<R>> {
  const checked = checkOptions(options)
  const { Transform } = nodeStream()
  return new Transform({
    objectMode: true,
    transform(record: unknown, _encoding, callback) {
      try {
        for (const userRecord of deaggregateAll([record], checked)) this.push(userRecord)
      } catch (error) {
        callback(withRecord(error, record))
        return
      }
      callback()
    }
  })
}
