import { nameOf } from './aws'
import type { ReaderHost } from './shard-reader'

const HOUR_MS = 3_600_000

/** What every stream keeps. */
const MIN_RETENTION_HOURS = 24

/**
 * Says so if records that were not read yet may be past the retention of the stream: Kinesis then goes on with the
 * oldest record that it has, and says nothing.
 *
 * @param readUpTo milliseconds by the clock of the server: what had arrived by then was read
 * @param age milliseconds since then
 */
export async function tellGap(
  host: ReaderHost,
  shardId: string,
  readUpTo: number,
  age: number
): Promise<void> {
  if (age < MIN_RETENTION_HOURS * HOUR_MS) return
  const hours = await retentionHours(host)
  const lost = age - hours * HOUR_MS
  if (lost <= 0) return
  const [from, to] = [readUpTo, readUpTo + lost].map(time => new Date(time).toISOString())
  host.say(
    `${shardId}: records that arrived from ${from} to ${to} were not read, and are past the retention of ${hours} hours`
  )
}

/** Without the permission to ask it is the least there is. */
async function retentionHours({ target, signal, request }: ReaderHost): Promise<number> {
  try {
    const { StreamDescriptionSummary } = await request(({ sdk, client }) =>
      client.send(new sdk.DescribeStreamSummaryCommand(nameOf(target)), { abortSignal: signal })
    )
    return StreamDescriptionSummary?.RetentionPeriodHours ?? MIN_RETENTION_HOURS
  } catch (error) {
    if ((error as Error).name === 'AccessDeniedException') return MIN_RETENTION_HOURS
    throw error
  }
}
