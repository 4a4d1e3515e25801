import { deaggregateAll } from '../deaggregation/deaggregate'
import { checkOptions } from '../deaggregation/options'
import type { DeaggregateOptions, DeaggregatedRecord } from '../types'
import { readAnyEvent } from './events'
import type { DeaggregatableEvent, RecordOf } from './types'

/**
 * The user records of a whole event, in order: of a Kinesis stream (from Lambda, with or without a tumbling window, or
 * from an EventBridge pipe), of a Firehose transformation, or of a batch that an on-failure destination stored in S3.
 * What belongs to the enclosing record (`recordId`, `eventID`) is in reach as `source`.
 *
 * @param options see {@link DeaggregateOptions}
 * @throws KinesisAggError `ERR_INVALID_CHECKSUM`, `ERR_MALFORMED_RECORD`: a record is damaged; it is `record` and
 * `sequenceNumber` of the error, and nothing was handed out
 * @throws TypeError `ERR_INVALID_ARG_TYPE`: no event, or a record in it has no data
 * @example
 * exports.handler = async event => {
 *   for (const { partitionKey, data } of deaggregateEvent(event)) console.log(partitionKey, String(data))
 * }
 */
export function deaggregateEvent<E extends DeaggregatableEvent>(
  event: E,
  options?: DeaggregateOptions
): DeaggregatedRecord<RecordOf<E>>[] {
  const checked = checkOptions(options)
  return deaggregateAll(readAnyEvent(event), checked) as DeaggregatedRecord<RecordOf<E>>[]
}
