// For those who call PutRecords themselves: puts aggregated records into a stream, and those again that Kinesis refused for
// the moment. KinesisProducer (put.mjs) does that too, and what this does not: it keeps the order of each key, keeps to the
// limits of each shard, and finds aggregates that a split put into the wrong shard.
import { setTimeout as sleep } from 'node:timers/promises'
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import { putRecordsBatches } from 'kinesis-agg'

/**
 * PutRecords succeeds even if some of its entries do not: those have an ErrorCode, and only they are put again,
 * after the delays of the client's own retry strategy (`maxAttempts`, `retryMode`). What is put again comes
 * behind what was put meanwhile.
 *
 * @param {import('@aws-sdk/client-kinesis').KinesisClient} client
 * @param {string} StreamName
 * @param {Iterable<import('kinesis-agg').EncodedRecord>} encoded
 */
export async function putAll(client, StreamName, encoded) {
  const strategy = await client.config.retryStrategy()
  for (const batch of putRecordsBatches(encoded)) {
    let Records = batch
    let token = await strategy.acquireInitialRetryToken('PutRecords')
    for (;;) {
      const answer = await client.send(new PutRecordsCommand({ StreamName, Records }))
      if (!answer.FailedRecordCount) break
      const refused = answer.Records.find(result => result.ErrorCode !== undefined)
      Records = Records.filter((_, i) => answer.Records[i].ErrorCode !== undefined)
      try {
        token = await strategy.refreshRetryTokenForRetry(token, { errorType: 'THROTTLING' })
      } catch (cause) {
        const reason = `${refused.ErrorCode}, ${refused.ErrorMessage}`
        throw new Error(`${Records.length} records were not put: ${reason}`, { cause })
      }
      await sleep(token.getRetryDelay())
    }
    strategy.recordSuccess(token)
  }
}
