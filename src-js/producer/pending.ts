/** Bytes that a record is counted for, besides its key and data. */
export const RECORD_BYTES = 64

/** How much is accepted and not settled, against the limits. */
export class Pending {
  records = 0
  bytes = 0
  readonly maxRecords: number
  readonly maxBytes: number
  readonly #drained: () => void
  readonly #waits = new Set<() => void>()
  #wasHalf = false

  /** @param drained called once below a quarter, after half was reached */
  constructor(maxRecords: number, maxBytes: number, drained: () => void) {
    this.maxRecords = maxRecords
    this.maxBytes = maxBytes
    this.#drained = drained
  }

  get isHalf(): boolean {
    return this.records >= this.maxRecords / 2 || this.bytes >= this.maxBytes / 2
  }

  /** Somebody waits for room, or should. */
  get isHurried(): boolean {
    return this.#waits.size > 0 || this.isHalf
  }

  /** Whether a record fits. With nothing pending, any does. */
  hasRoomFor(bytes: number): boolean {
    if (this.records === 0) return true
    return this.records < this.maxRecords && this.bytes + bytes <= this.maxBytes
  }

  /**
   * Whether one of several that share the limits, a stream or a lane, may have another record: at most half, while others
   * have records too.
   */
  allowsShare(records: number, bytes: number, more: number): boolean {
    return this.records === records || this.isWithinHalf(records, bytes + more)
  }

  /** Whether somebody who has so much may have another record, and leave half of the limits to others. */
  isWithinHalf(records: number, bytes: number): boolean {
    return records < this.maxRecords / 2 && bytes <= this.maxBytes / 2
  }

  /** @returns whether there is room for more: less than half */
  add(bytes: number): boolean {
    this.records++
    this.bytes += bytes
    if (!this.isHalf) return true
    this.#wasHalf = true
    return false
  }

  remove(records: number, bytes: number): void {
    this.records -= records
    this.bytes -= bytes
    if (!this.#wasHalf || this.records >= this.maxRecords / 4 || this.bytes >= this.maxBytes / 4) {
      if (this.records > 0) return
    }
    for (const wait of this.#waits) wait()
    this.#waits.clear()
    if (!this.#wasHalf) return
    this.#wasHalf = false
    this.#drained()
  }

  /** Fulfils when there is room again. */
  async drained(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (!this.isHalf) return
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waits.delete(done)
        reject(signal!.reason as Error)
      }
      const done = (): void => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      this.#waits.add(done)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }
}
