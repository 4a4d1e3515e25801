/** Hash keys of which something is in flight or held under lanes that are no more. */
export class Fence {
  readonly #ranges: Iterable<{ lo: bigint; hi: bigint }>
  #merged: { lo: bigint; hi: bigint }[] | undefined

  /** @param ranges of the lanes that are no more; call {@link changed} when they change */
  constructor(ranges: Iterable<{ lo: bigint; hi: bigint }>) {
    this.#ranges = ranges
  }

  changed(): void {
    this.#merged = undefined
  }

  /** Whether a lane must wait, since a record of the same key may otherwise be stored before its predecessor. */
  blocks({ lo, hi }: { lo: bigint; hi: bigint }): boolean {
    const merged = (this.#merged ??= this.#merge())
    let from = 0
    let to = merged.length
    // The first range that ends at `lo` or behind it.
    while (from < to) {
      const middle = (from + to) >> 1
      if (merged[middle]!.hi < lo) from = middle + 1
      else to = middle
    }
    return from < merged.length && merged[from]!.lo <= hi
  }

  #merge(): { lo: bigint; hi: bigint }[] {
    const sorted = [...this.#ranges].toSorted((a, b) => (a.lo < b.lo ? -1 : 1))
    const merged: { lo: bigint; hi: bigint }[] = []
    for (const { lo, hi } of sorted) {
      const last = merged.at(-1)
      if (last === undefined || lo > last.hi) merged.push({ lo, hi })
      else if (hi > last.hi) last.hi = hi
    }
    return merged
  }
}
