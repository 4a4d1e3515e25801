/** The records that were put with one signal. */
interface Group {
  slots: Set<number>
  aborted: () => void
}

/** One listener for all records of a signal, gone with the last of them. */
export class AbortSignals {
  readonly #groups = new Map<AbortSignal, Group>()
  readonly #aborted: (slots: readonly number[], reason: unknown) => void

  /** @param aborted called with the records that are still pending */
  constructor(aborted: (slots: readonly number[], reason: unknown) => void) {
    this.#aborted = aborted
  }

  add(signal: AbortSignal, slot: number): void {
    let group = this.#groups.get(signal)
    if (group === undefined) {
      const slots = new Set<number>()
      group = { slots, aborted: () => this.#aborted([...slots], signal.reason) }
      this.#groups.set(signal, group)
      signal.addEventListener('abort', group.aborted)
    }
    group.slots.add(slot)
  }

  remove(signal: AbortSignal, slot: number): void {
    const group = this.#groups.get(signal)
    if (group === undefined || !group.slots.delete(slot) || group.slots.size > 0) return
    this.#groups.delete(signal)
    signal.removeEventListener('abort', group.aborted)
  }
}
