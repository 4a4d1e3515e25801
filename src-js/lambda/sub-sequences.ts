/** No Kinesis record has room for more user records; what says so is not remembered. */
const MAX_SUB_SEQUENCE_NUMBER = 2 ** 24

/** A set of sub-sequence numbers, a bit each: an aggregated record may have 100,000. */
export class SubSequences {
  #bits = new Uint8Array(4)
  #size = 0

  get size(): number {
    return this.#size
  }

  has(number: number): boolean {
    if (number > MAX_SUB_SEQUENCE_NUMBER) return false
    return ((this.#bits[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0
  }

  add(number: number): void {
    if (number > MAX_SUB_SEQUENCE_NUMBER) return
    const at = number >>> 3
    if (at >= this.#bits.length) this.#grow(at + 1)
    const bit = 1 << (number & 7)
    if ((this.#bits[at]! & bit) !== 0) return
    this.#bits[at]! |= bit
    this.#size++
  }

  delete(number: number): void {
    if (!this.has(number)) return
    this.#bits[number >>> 3]! &= ~(1 << (number & 7))
    this.#size--
  }

  union(other: SubSequences): SubSequences {
    const all = new SubSequences()
    all.#grow(Math.max(this.#bits.length, other.#bits.length))
    for (let number = 0; number < all.#bits.length * 8; number++) {
      if (this.has(number) || other.has(number)) all.add(number)
    }
    return all
  }

  #grow(bytes: number): void {
    const grown = new Uint8Array(Math.max(bytes, this.#bits.length * 2))
    grown.set(this.#bits)
    this.#bits = grown
  }
}
