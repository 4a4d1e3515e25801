import { withoutStack } from '../errors'
import { AbortSignals } from './abort-signals'
import { PutError } from './errors'
import { forEachUntouchable, frozenAttempts } from './pending-places'
import type { RecordOwner, RecordTable } from './record-table'
import type { LeavingRecord, Settlement } from './settlement'
import type { StreamPipeline } from './stream-pipeline'

/** A record that may be taken back. */
interface Withdrawable {
  readonly input: unknown
  readonly stream: StreamPipeline
  readonly bytes: number
}

/** Takes records back: those that wait, and of which no attempt may be stored. */
export class Withdrawals {
  readonly #table: RecordTable
  readonly #settlement: Settlement
  readonly #signals: AbortSignals
  readonly #records = new Map<number, Withdrawable>()
  /** Recalled, and in flight then, with the reason. */
  readonly #recalled = new Map<number, unknown>()

  /** @param withdrawn called when a signal took records back */
  constructor(table: RecordTable, settlement: Settlement, withdrawn: () => void) {
    this.#table = table
    this.#settlement = settlement
    this.#signals = new AbortSignals((slots, reason) => {
      this.#withdraw(slots, reason)
      withdrawn()
    })
  }

  /** The record may be taken back, by a recall and by the signal. */
  watch(slot: number, record: Withdrawable, signal: AbortSignal | undefined): void {
    if (signal !== undefined) this.#signals.add(signal, slot)
    this.#records.set(slot, record)
    this.#table.watchers.set(slot, () => {
      if (signal !== undefined) this.#signals.remove(signal, slot)
      this.#records.delete(slot)
      this.#recalled.delete(slot)
    })
  }

  /**
   * Takes back all records of some owners: also those that are in flight, if they come back and are certainly not stored.
   */
  recall(isRecalled: (owner: RecordOwner) => boolean, reason: unknown): void {
    const slots: number[] = []
    for (const slot of this.#records.keys()) {
      const owner = this.#table.settlers[slot]
      if (typeof owner === 'object' && isRecalled(owner)) slots.push(slot)
    }
    for (const slot of this.#withdraw(slots, reason)) this.#recalled.set(slot, reason)
  }

  /** Takes back what was recalled and has come back since. */
  retry(): void {
    if (this.#recalled.size === 0) return
    for (const reason of new Set(this.#recalled.values())) {
      const slots = [...this.#recalled.keys()].filter(slot => this.#recalled.get(slot) === reason)
      this.#withdraw(slots, reason)
    }
  }

  /** @returns those that stay */
  #withdraw(slots: readonly number[], cause: unknown): number[] {
    const streams = new Set(slots.map(slot => this.#records.get(slot)!.stream))
    const untouchable = new Set<number>()
    for (const stream of streams) forEachUntouchable(stream, slot => untouchable.add(slot))
    const stay: number[] = []
    const leaving: LeavingRecord[] = []
    for (const slot of slots) {
      if (!this.#table.isLive(slot)) continue
      if (untouchable.has(slot)) {
        stay.push(slot)
        continue
      }
      const { input, stream, bytes } = this.#records.get(slot)!
      const log = this.#table.logs.get(slot)
      const error = withoutStack(
        () =>
          new PutError('ABORT_ERR', input, {
            stream: stream.name,
            cause,
            context: this.#table.contexts[slot],
            attempts: this.#table.attempts[slot]! + frozenAttempts(stream, slot),
            lastAttempts: [...(log?.last ?? [])]
          })
      )
      leaving.push({ stream, slot, bytes, error })
    }
    this.#settlement.leave(leaving)
    return stay
  }
}
