import type { KinesisEntry } from './kinesis-entry'
import type { PutAttempt } from './put-attempt'

/** A request in flight. */
export interface PutRequest {
  readonly entries: readonly KinesisEntry[]
  /** Of data and keys. */
  readonly bytes: number
  readonly sentAt: number
  readonly attempt: PutAttempt
}
