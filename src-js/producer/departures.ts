import { DueLanes } from './due-lanes'
import { TARGET_BYTES } from './inbox'
import type { Lane } from './lane'
import { MAX_ENTRIES } from './request-batcher'
import type { StreamPipeline } from './stream-pipeline'

/** A lane that is due waits for others, at most so long. */
const MAX_SLACK_MS = 20

/** When lanes are due, and when a request leaves with what is due. */
export class Departures {
  readonly due = new DueLanes()
  /** Somebody waits for records: linger is waived. */
  isHurried = false
  readonly #stream: StreamPipeline
  #inboxSince = 0

  constructor(stream: StreamPipeline) {
    this.#stream = stream
  }

  /** The inbox was empty until now. */
  inboxBegan(): void {
    this.#inboxSince = this.#stream.parts.clock.now()
  }

  /** When the oldest record of the inbox has waited long enough. */
  get inboxDueAt(): number {
    const { inbox, settings } = this.#stream
    return inbox.count > 0 ? this.#inboxSince + settings.lingerMs : Infinity
  }

  /** When a request leaves with what is due. */
  get leavesAt(): number {
    if (this.isHurried || this.due.count >= MAX_ENTRIES || this.due.bytes >= this.#stream.limits.bytes)
      return 0
    return this.due.since + Math.min(MAX_SLACK_MS, this.#stream.settings.lingerMs / 5)
  }

  /** Makes lanes due whose moment has come, and those of which somebody waits for records. */
  update(isHurried: boolean, now: number): void {
    if (isHurried && !this.isHurried) {
      for (const lane of this.#stream.lanes) if (lane.hasRecords) this.#makeDue(lane, now)
    }
    this.isHurried = isHurried
    for (let lane = this.due.takeDue(now); lane !== undefined; lane = this.due.takeDue(now)) {
      this.#makeDue(lane, now)
    }
    // Records that came later go with those that are due.
    if (isHurried || this.due.count > 0 || now >= this.inboxDueAt) this.#stream.sortInbox()
  }

  /** A lane has got records. @param fresh they come from the inbox; else they have waited before */
  grown(lane: Lane, fresh: boolean): void {
    const { settings, isOrdered, parts } = this.#stream
    if (lane.isDue || (lane.isOut && isOrdered)) return
    if (!fresh || lane.queue.bytes >= TARGET_BYTES || this.isHurried || settings.lingerMs === 0) {
      this.#makeDue(lane, parts.clock.now())
    } else if (lane.dueAt === Infinity) this.due.addLater(lane, this.#inboxSince + settings.lingerMs)
  }

  /** Something of a lane came back: is it due, and when? */
  reconsider(lane: Lane): void {
    const { lanes, parts, settings } = this.#stream
    if (lane.retired) {
      lanes.leave(lane)
      return
    }
    if (!lane.hasRecords) {
      lanes.emptied(lane)
      return
    }
    if (lane.isDue) return
    const { clock, running, table } = parts
    const now = clock.now()
    const { queue, frozen } = lane
    if (frozen.length > 0) {
      this.#makeDue(lane, now)
      return
    }
    // A lane that became due while it was in flight has waited for others by then.
    const dueAt = now - (running.now() - table.accepted[queue.firstSlot]!) + settings.lingerMs
    if (dueAt <= now || this.isHurried || queue.bytes >= TARGET_BYTES)
      this.#makeDue(lane, Math.min(dueAt, now))
    else this.due.addLater(lane, dueAt)
  }

  /** @param since when it became due */
  #makeDue(lane: Lane, since: number): void {
    const { settings, parts } = this.#stream
    const bytes = lane.frozen[0]?.bytes ?? lane.queue.bytes
    this.due.add(lane, Math.min(bytes, settings.maxAggregateBytes), since)
    parts.wake()
  }
}
