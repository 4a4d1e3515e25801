import { deaggregateSync, isAggregated } from '../index'
import { type Found, MOST_BYTES, type RecordReader } from './found'

const NEWLINE = 0x0a

/** Where `openssl` and `base64` break lines. */
const WRAPPED = new Set([64, 76])

/**
 * Finds the records in base64 text: one a line, but for aggregated records that `base64` or `openssl` broke
 * into lines of 76 or 64 characters.
 */
export class Base64Lines implements RecordReader {
  #line: Buffer[] = []
  #lineBytes = 0
  #lineStart = 0
  #offset = 0
  /** Lines of a broken record so far. */
  #broken: string[] = []
  #brokenStart = 0
  #found: Found[] = []

  push(chunk: Buffer): Found[] {
    this.#found = []
    let at = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      this.#grow(chunk.subarray(at, end))
      this.#endLine()
      at = end + 1
      this.#lineStart = this.#offset + at
    }
    this.#grow(chunk.subarray(at))
    this.#offset += chunk.length
    return this.#found
  }

  end(): Found[] {
    this.#found = []
    this.#endLine()
    this.#endBroken()
    return this.#found
  }

  #grow(bytes: Buffer): void {
    this.#lineBytes += bytes.length
    if (this.#lineBytes <= MOST_BYTES) this.#line.push(bytes)
    else this.#line = []
  }

  #endLine(): void {
    const text = Buffer.concat(this.#line).toString('latin1').trim()
    const tooLong = this.#lineBytes > MOST_BYTES
    this.#line = []
    this.#lineBytes = 0
    if (tooLong) {
      this.#problem(this.#lineStart, `a line is longer than ${MOST_BYTES / 2 ** 20} MiB`)
    } else if (!isBase64(text)) {
      this.#problem(this.#lineStart, 'the line is not base64')
    } else if (text !== '') {
      this.#take(text)
    }
  }

  #take(text: string): void {
    if (this.#broken.length > 0 && !beginsAggregated(text)) {
      const width = this.#broken[0]!.length
      this.#broken.push(text)
      if (text.length !== width || this.#broken.length * width > MOST_BYTES) this.#endBroken()
      return
    }
    this.#endBroken()
    if (WRAPPED.has(text.length) && beginsAggregated(text) && !isWhole(text)) {
      this.#broken = [text]
      this.#brokenStart = this.#lineStart
    } else {
      this.#found.push({ offset: this.#lineStart, value: text })
    }
  }

  #endBroken(): void {
    if (this.#broken.length === 0) return
    this.#found.push({ offset: this.#brokenStart, value: this.#broken.join('') })
    this.#broken = []
  }

  #problem(offset: number, problem: string): void {
    this.#endBroken()
    this.#found.push({ offset, problem })
  }
}

/** Base64 of either alphabet. */
export function isBase64(text: string): boolean {
  return /^[\w+/-]*={0,2}$/.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}

function beginsAggregated(text: string): boolean {
  return isAggregated({ data: text })
}

function isWhole(text: string): boolean {
  try {
    deaggregateSync({ data: text })
    return true
  } catch {
    return false
  }
}
