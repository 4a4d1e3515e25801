import type { PutError } from './errors'
import type { RecordOwner } from './record-table'
import type { ProducerRecord } from './types'

/** What those need of a producer who put many records. */
export interface RecordTaker {
  /** Accepts a record. @returns the error of a record that is refused */
  accept(record: ProducerRecord, owner: RecordOwner, signal?: AbortSignal | undefined): PutError | undefined
  /** There is less room than half. */
  readonly isHalf: boolean
  drained(signal?: AbortSignal): Promise<void>
  /** Somebody waits for what was taken: linger is waived. @returns to be called when it is over */
  hurry(): () => void
  /** Takes back the records of some owners that are recallable. They fail with `ABORT_ERR` and the reason as cause. */
  recall(isRecalled: (owner: RecordOwner) => boolean, reason: unknown): void
}

const takers = new WeakMap<object, RecordTaker>()

/** `face`, a producer or a handle of one, is what users have of the taker. */
export function registerTaker(face: object, taker: RecordTaker): void {
  takers.set(face, taker)
}

/** @returns undefined if it is neither a producer nor a handle of one */
export function takerOf(face: unknown): RecordTaker | undefined {
  return typeof face === 'object' && face !== null ? takers.get(face) : undefined
}
