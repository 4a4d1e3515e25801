import { Buffer } from 'node:buffer'
import { deaggregateSync, isAggregated } from '../index'
import { type Found, MAX_BYTES, type RecordReader } from './found'

const NEWLINE = 0x0a

/** Shorter lines of one width are likely records, not one that a program broke into lines. */
const MIN_WRAPPED = 60

/**
 * Finds the records in base64 text: one a line, but for aggregated records that were broken into lines of one width.
 * Those are known by the magic at their beginning and by the checksum.
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
  /** Lines that are no part of a broken record, and the width of all but the last. */
  #plainLines = 0
  #lastWidth = 0
  #commonWidth: number | undefined

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
    if (this.#plainLines > 2 && this.#commonWidth !== undefined && this.#commonWidth >= MIN_WRAPPED) {
      const warning =
        `all lines but the last have ${this.#commonWidth} characters; each was read as a record of its own. ` +
        'If they are one record, join them first: tr -d "\\n"'
      this.#found.push({ offset: 0, warning })
    }
    return this.#found
  }

  /** Keeps in mind whether all lines but the last have one width. */
  #compareWidth(width: number): void {
    if (this.#plainLines === 1) this.#commonWidth = this.#lastWidth
    else if (this.#plainLines > 1 && this.#lastWidth !== this.#commonWidth) this.#commonWidth = undefined
    this.#plainLines++
    this.#lastWidth = width
  }

  #grow(bytes: Buffer): void {
    this.#lineBytes += bytes.length
    if (this.#lineBytes <= MAX_BYTES) this.#line.push(bytes)
    else this.#line = []
  }

  #endLine(): void {
    const text = Buffer.concat(this.#line).toString('latin1').trim()
    const tooLong = this.#lineBytes > MAX_BYTES
    this.#line = []
    this.#lineBytes = 0
    if (tooLong) {
      this.#problem(this.#lineStart, `a line is longer than ${MAX_BYTES / 2 ** 20} MiB`)
    } else if (!this.#isPart(text) && !isBase64(text)) {
      this.#problem(this.#lineStart, 'the line is not base64')
    } else if (text !== '') {
      this.#take(text)
    }
  }

  /** A line of a broken record may have any width. */
  #isPart(text: string): boolean {
    return DIGITS.test(text) && (this.#broken.length > 0 || beginsAggregated(text))
  }

  #take(text: string): void {
    if (this.#broken.length > 0 && !beginsAggregated(text)) {
      const width = this.#broken[0]!.length
      this.#broken.push(text)
      if (text.length !== width || this.#broken.length * width > MAX_BYTES) this.#endBroken()
      return
    }
    this.#endBroken()
    if (beginsAggregated(text) && !isWhole(text)) {
      this.#broken = [text]
      this.#brokenStart = this.#lineStart
    } else {
      this.#compareWidth(text.length)
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

const DIGITS = /^[\w+/-]*={0,2}$/

/** Base64 of either alphabet. */
export function isBase64(text: string): boolean {
  return DIGITS.test(text) && text.replace(/=+$/, '').length % 4 !== 1
}

/** Whether a text begins as the base64 of an aggregated record does. */
export function beginsAggregated(text: string): boolean {
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
