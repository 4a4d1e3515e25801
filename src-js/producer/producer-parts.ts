import type { Clock, RunningTime } from './clock'
import type { ConnectionGate } from './connection-gate'
import type { InboxPool } from './inbox'
import type { Pending } from './pending'
import type { RecordTable } from './record-table'
import type { SdkCalls } from './sdk-calls'
import type { Settlement } from './settlement'
import type { SlabPool } from './slab'
import type { StreamPipeline } from './stream-pipeline'
import type { ProducerEvents } from './types'

/** What all streams of a producer share. */
export interface ProducerParts {
  readonly clock: Clock
  readonly running: RunningTime
  readonly table: RecordTable
  readonly slabs: SlabPool
  readonly inboxes: InboxPool
  readonly calls: SdkCalls
  readonly gate: ConnectionGate
  readonly pending: Pending
  readonly settlement: Settlement
  readonly maxInFlight: number
  readonly requestTimeoutMs: number
  readonly permanentErrorGraceMs: number
  /** Somebody waits for the stream's records, or there is too little room to wait for more. */
  isHurried(stream: StreamPipeline): boolean
  emit<E extends keyof ProducerEvents>(event: E, ...args: ProducerEvents[E]): void
  /** Once for each text. */
  warn(code: string, message: string): void
  /** Something may be sent, or happens later than before. */
  wake(): void
}
