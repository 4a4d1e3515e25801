import type { Lane } from './lane'
import type { ShardPace } from './shard-pace'

interface Waiting {
  lane: Lane
  at: number
}

/** Which lanes of a stream are due, and when the next one will be. */
export class DueLanes {
  /** Paces that have lanes that are due. */
  readonly paces = new Set<ShardPace>()
  /** Lanes that are due, and about how many bytes they would send. */
  count = 0
  bytes = 0
  /** When the first of them became due; `Infinity` if none is. */
  since = Infinity
  /** A heap by `at`; an entry holds while its lane's `dueAt` is the same. */
  readonly #waiting: Waiting[] = []

  /** The lane may send as soon as it can. @param bytes that it would send, about @param since when it became due */
  add(lane: Lane, bytes: number, since: number): void {
    lane.dueAt = Infinity
    if (lane.isDue) {
      this.bytes += bytes - lane.dueBytes
      lane.dueBytes = bytes
      return
    }
    lane.isDue = true
    lane.dueBytes = bytes
    this.count++
    this.bytes += bytes
    this.since = Math.min(this.since, since)
    lane.pace.due.push(lane)
    this.paces.add(lane.pace)
  }

  /** The lane sends, or has nothing to send. It is taken out of its pace's list by whoever walks it. */
  remove(lane: Lane): void {
    if (!lane.isDue) return
    lane.isDue = false
    this.count--
    this.bytes -= lane.dueBytes
    if (this.count === 0) this.since = Infinity
  }

  /** The lane belongs to another shard now, of which nothing may be due yet. */
  move(lane: Lane, pace: ShardPace): void {
    if (lane.isDue) {
      const { due } = lane.pace
      due.splice(due.indexOf(lane), 1)
      pace.due.push(lane)
      this.paces.add(pace)
    }
    lane.pace = pace
  }

  /** The lane is due at a moment, if not before. */
  addLater(lane: Lane, at: number): void {
    if (lane.isDue || at >= lane.dueAt) return
    lane.dueAt = at
    const heap = this.#waiting
    let i = heap.push({ lane, at }) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (heap[parent]!.at <= at) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = { lane, at }
  }

  /** When the next lane is due. */
  get nextAt(): number {
    const heap = this.#waiting
    while (heap.length > 0 && heap[0]!.lane.dueAt !== heap[0]!.at) this.#pop()
    return heap[0]?.at ?? Infinity
  }

  /** The next lane that is due by now. */
  takeDue(now: number): Lane | undefined {
    if (this.nextAt > now) return undefined
    return this.#pop().lane
  }

  #pop(): Waiting {
    const heap = this.#waiting
    const [first] = heap as [Waiting]
    const last = heap.pop()!
    if (heap.length === 0) return first
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && heap[child + 1]!.at < heap[child]!.at) child++
      if (heap[child]!.at >= last.at) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return first
  }
}
