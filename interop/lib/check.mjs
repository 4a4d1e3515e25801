// Counts what was compared. Every case is compared whole, against what is expected of the peer: the truth, or
// the truth bent by a known fault of the peer's. Anything else ends the run.
import { isDeepStrictEqual } from 'node:util'

export class Check {
  cases = 0
  records = 0
  /** @type {Record<string, number>} how many cases differ from the truth, by the reason */
  differences = {}

  /** @param {string} direction who does what, for the table */
  constructor(direction) {
    this.direction = direction
  }

  /**
   * @param {unknown} actual
   * @param {unknown} expected
   * @param {{ records?: number, because?: string }} [about] `because`: the known fault, if `expected` is not the truth
   */
  compare(actual, expected, { records = 0, because } = {}) {
    if (!isDeepStrictEqual(actual, expected)) {
      throw new Error(`${this.direction}, case ${this.cases}: ${firstDifference(actual, expected)}`)
    }
    this.cases += 1
    this.records += records
    if (because !== undefined) this.differences[because] = (this.differences[because] ?? 0) + 1
  }

  /** A fault that was to be seen and was not means that what the page says of the peer is wrong. */
  expectDifferences(...reasons) {
    const missing = reasons.filter(reason => !(reason in this.differences))
    if (missing.length > 0) throw new Error(`${this.direction}: never seen: ${missing.join('; ')}`)
  }

  /** @returns what is recorded; `extra` goes beside it */
  result(extra = {}) {
    if (this.cases === 0) throw new Error(`${this.direction}: nothing was compared`)
    const { direction, cases, records, differences } = this
    return { direction, cases, records, differences, ...extra }
  }
}

function firstDifference(actual, expected) {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    const at = expected.findIndex((value, i) => !isDeepStrictEqual(actual[i], value))
    const where = at < 0 ? expected.length : at
    return `${actual.length} instead of ${expected.length}; at ${where} ${show(actual[where])} instead of ${show(expected[where])}`
  }
  return `${show(actual)} instead of ${show(expected)}`
}

const show = value => (JSON.stringify(value) ?? 'nothing').slice(0, 400)
