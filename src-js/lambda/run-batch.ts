import type { KinesisStreamBatchResponse } from '../types'
import { EventRun } from './event-run'
import type { StreamEvent } from './events'
import type { Handling } from './handling'
import type { CheckedOptions } from './options'

/**
 * Runs an event without a window, and answers where Lambda is to begin again.
 *
 * @throws the failure, if no answer can name its record, and for `bisect`
 */
export async function runBatch(
  event: StreamEvent,
  options: CheckedOptions,
  handling: Handling
): Promise<KinesisStreamBatchResponse> {
  const run = new EventRun(event, options, handling)
  const failure = await run.run()
  if (failure === undefined) {
    run.saveProgress(run.records.length)
    return { batchItemFailures: [] }
  }
  const { position } = failure.enclosing
  // Lambda begins again at the first failing record; a pipe hands on again what is named, and later records may only
  // come after it.
  const failed = run.records.slice(position, event.identifier === 'eventID' ? undefined : position + 1)
  const isBisected = options.bisect && position === 0 && run.records.length > 1
  // A response that names no record is read as success.
  if (isBisected || failed.some(({ identifier }) => identifier === '')) {
    run.saveProgress(0)
    throw failure.error
  }
  run.saveProgress(position)
  return { batchItemFailures: failed.map(({ identifier }) => ({ itemIdentifier: identifier })) }
}
