/** Seconds that are counted at a time at most: records come nearly in the order of their time. */
const MAX_SECONDS = 600

/** The most of a second, and which one that is, in milliseconds; `undefined` if no record has a time. */
export interface Peak {
  bytes: number
  bytesAt: number | undefined
  records: number
  recordsAt: number | undefined
}

/** Finds the second with the most bytes and that with the most records. */
export class PeakSecond {
  readonly peak: Peak = { bytes: 0, bytesAt: undefined, records: 0, recordsAt: undefined }
  readonly #seconds = new Map<number, { bytes: number; records: number }>()

  /** @param arrival milliseconds */
  add(bytes: number, arrival: number): void {
    const at = Math.floor(arrival / 1000) * 1000
    let second = this.#seconds.get(at)
    if (second === undefined) {
      this.#seconds.set(at, (second = { bytes: 0, records: 0 }))
      if (this.#seconds.size > MAX_SECONDS) this.#seconds.delete(this.#seconds.keys().next().value!)
    }
    second.bytes += bytes
    second.records++
    const { peak } = this
    if (second.bytes > peak.bytes) Object.assign(peak, { bytes: second.bytes, bytesAt: at })
    if (second.records > peak.records) Object.assign(peak, { records: second.records, recordsAt: at })
  }
}
