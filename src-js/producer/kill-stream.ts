import type { FailReason, Settlement } from './settlement'
import type { StreamPipeline } from './stream-pipeline'

/** Fails all records of a stream, wherever they are. What has not left does not leave any more. */
export function killStream(stream: StreamPipeline, settlement: Settlement, reason: FailReason): void {
  for (const { entries, attempt } of stream.requests) {
    const mayHaveLeft = attempt.mayHaveLeft
    attempt.cancel()
    for (const entry of entries) {
      if (mayHaveLeft) entry.maybeStored = true
      entry.lane.flights--
      settlement.failEntry(stream, entry, reason)
    }
  }
  stream.sender.requests.clear()
  for (const entry of stream.held.takeAll()) {
    entry.maybeStored = true
    settlement.failEntry(stream, entry, reason)
  }
  stream.expiry.failWaiting(reason)
}
