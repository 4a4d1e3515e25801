import type { KinesisEntry } from './kinesis-entry'
import { MAYBE_STORED } from './record-table'
import type { StreamPipeline } from './stream-pipeline'

/** Where a record is that waits or is on its way. */
export type PendingPlace = 'inbox' | 'queue' | 'frozen' | 'flight' | 'held'

/** Visits the slots of all records of a stream that are pending, those that are gone included. */
export function forEachPending(
  stream: StreamPipeline,
  visit: (slot: number, place: PendingPlace) => void
): void {
  const { inbox, lanes, router, requests, held } = stream
  for (let i = 0; i < inbox.count; i++) visit(inbox.places[i * 4 + 3]!, 'inbox')
  router.waiting.forEachSlot(slot => visit(slot, 'queue'))
  for (const lane of lanes) {
    lane.queue.forEachSlot(slot => visit(slot, 'queue'))
    for (const entry of lane.frozen) eachSlot(entry, slot => visit(slot, 'frozen'))
  }
  for (const { entries } of requests) {
    for (const entry of entries) eachSlot(entry, slot => visit(slot, 'flight'))
  }
  for (const { entry } of held) eachSlot(entry, slot => visit(slot, 'held'))
}

/** Visits the records that no signal can take back: an attempt is in flight, or may be stored. */
export function forEachUntouchable(stream: StreamPipeline, visit: (slot: number) => void): void {
  const { requests, held, lanes, parts } = stream
  const { table } = parts
  for (const { entries } of requests) for (const entry of entries) eachSlot(entry, visit)
  for (const { entry } of held) eachSlot(entry, visit)
  for (const lane of lanes) {
    for (const entry of lane.frozen) if (entry.maybeStored) eachSlot(entry, visit)
  }
  forEachPending(stream, slot => {
    if (table.has(slot, MAYBE_STORED)) visit(slot)
  })
}

/** Attempts of the Kinesis record that a waiting record is part of. */
export function frozenAttempts({ lanes }: StreamPipeline, slot: number): number {
  for (const lane of lanes) {
    for (const entry of lane.frozen) if (entry.someSlot(each => each === slot)) return entry.attempts
  }
  return 0
}

/** How long the oldest pending record has been waiting; of those that are not in flight. */
export function oldestPendingMs(stream: StreamPipeline): number {
  const { table, running } = stream.parts
  let oldest = Infinity
  const look = (slot: number): void => {
    if (table.isLive(slot)) oldest = Math.min(oldest, table.accepted[slot]!)
  }
  forEachPending(stream, look)
  return oldest === Infinity ? 0 : running.now() - oldest
}

function eachSlot(entry: KinesisEntry, visit: (slot: number) => void): void {
  for (let i = 0; i < entry.records; i++) visit(entry.slot(i))
}
