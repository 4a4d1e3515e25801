import { Buffer } from 'node:buffer'
import { type Found, MAX_BYTES, type RecordReader } from './found'

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const NEWLINE = 0x0a

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf]

const TOO_LONG = `a record is longer than ${MAX_BYTES / 2 ** 20} MiB`

/**
 * Finds the records in JSON that comes in chunks, without ever holding more than one of them: values one after
 * the other (NDJSON), values in an array, and the items of an event's `Records` or `records`, in any mixture.
 *
 * It knows brackets, strings and line breaks, no more; `JSON.parse` judges each record. Of what it cannot
 * follow it names the byte, and goes on at the next line that begins an object.
 */
export class JsonScanner implements RecordReader {
  /** Brackets that are open around the records. */
  readonly #around: number[] = []
  /** Brackets that are open within the present record; 0 between records. */
  #depth = 0
  #inString = false
  #escaped = false
  /** Bytes of the present record from earlier chunks. */
  #pieces: Buffer[] = []
  #piecesBytes = 0
  /** Offset of the present record in the input, and of the present string. */
  #start = 0
  #stringStart = 0
  /** The present value is no record: the rest of an event, or a record that is too long. */
  #skipping = false
  /** Nothing is understood before the next line that begins an object. */
  #lost = false
  #atLineStart = true
  /** Last byte of the record that is neither white space nor inside a string. */
  #last = 0
  /** How far `"Records": [` has come: 1 after the key, 2 after the colon. */
  #recordsKey = 0
  /** Offset of the present chunk in the input. */
  #offset = 0
  #found: Found[] = []

  /** What is complete with this chunk. */
  push(chunk: Buffer): Found[] {
    this.#found = []
    let at = 0
    while (at < chunk.length) at = this.#inString ? this.#string(chunk, at) : this.#step(chunk, at)
    if (this.#depth > 0 || this.#inString) this.#keep(chunk)
    this.#offset += chunk.length
    return this.#found
  }

  /** What the end of the input tells. */
  end(): Found[] {
    const inside = this.#depth > 0 || this.#inString
    if (!inside && this.#around.length === 0) return []
    const problem = inside && !this.#skipping ? 'the input ends inside a record' : 'the input ends too early'
    return [{ offset: inside && !this.#skipping ? this.#start : this.#offset, problem }]
  }

  /** One byte outside of strings; returns where to go on. */
  #step(chunk: Buffer, at: number): number {
    const byte = chunk[at]!
    if (byte <= 0x20 || (this.#offset + at < 3 && BYTE_ORDER_MARK[at] === byte)) {
      if (byte === NEWLINE) this.#atLineStart = true
      return at + 1
    }
    const beginsLine = this.#atLineStart
    this.#atLineStart = false
    if (this.#depth > 0) return this.#inside(chunk, at, byte)
    if (this.#lost && !(beginsLine && byte === OPEN_OBJECT)) return at + 1
    this.#lost = false
    this.#between(at, byte)
    return at + 1
  }

  #between(at: number, byte: number): void {
    switch (byte) {
      case COMMA:
        break
      case QUOTE:
        this.#begin(at)
        this.#inString = true
        break
      case OPEN_OBJECT:
        this.#begin(at)
        this.#depth = 1
        break
      case OPEN_ARRAY:
        this.#around.push(byte)
        break
      case CLOSE_ARRAY:
        this.#around.pop()
        // Of an event whose records have ended, the rest is of no interest.
        if (this.#around.at(-1) === OPEN_OBJECT) {
          this.#around.pop()
          this.#begin(at)
          this.#depth = 1
          this.#last = byte
          this.#skipping = true
        }
        break
      default:
        this.#lose(this.#offset + at, `expected a record, found '${String.fromCharCode(byte)}'`)
    }
  }

  #begin(at: number): void {
    this.#start = this.#stringStart = this.#offset + at
    this.#pieces = []
    this.#piecesBytes = 0
    this.#last = 0
    this.#recordsKey = 0
    this.#skipping = false
  }

  #inside(chunk: Buffer, at: number, byte: number): number {
    switch (byte) {
      case QUOTE:
        this.#inString = true
        this.#stringStart = this.#offset + at
        return at + 1
      case OPEN_OBJECT:
        if (endsValue(this.#last)) {
          // Two values side by side: the record before lacks its end, and this is the next one.
          if (!this.#skipping)
            this.#report(this.#start, `a bracket or comma is missing before byte ${this.#offset + at}`)
          this.#begin(at)
          this.#depth = 1
          return at + 1
        }
        this.#depth++
        break
      case OPEN_ARRAY:
        if (this.#recordsKey === 2) {
          this.#around.push(OPEN_OBJECT, OPEN_ARRAY)
          this.#depth = 0
          return at + 1
        }
        this.#depth++
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        if (--this.#depth === 0) {
          this.#finish(chunk, at + 1)
          return at + 1
        }
    }
    this.#recordsKey = byte === COLON && this.#recordsKey === 1 ? 2 : 0
    this.#last = byte
    return at + 1
  }

  /** Bytes inside a string, many at a time. */
  #string(chunk: Buffer, at: number): number {
    if (this.#escaped) {
      this.#escaped = false
      return at + 1
    }
    const close = indexOrEnd(chunk, QUOTE, at)
    const stretch = chunk.subarray(at, close)
    const lineEnd = stretch.indexOf(NEWLINE)
    const escape = stretch.indexOf(BACKSLASH)
    if (lineEnd >= 0 && (escape < 0 || lineEnd < escape)) {
      this.#lose(this.#start, `a string is not closed before byte ${this.#offset + at + lineEnd}`)
      this.#atLineStart = true
      return at + lineEnd + 1
    }
    if (escape >= 0) {
      this.#escaped = true
      return at + escape + 1
    }
    if (close === chunk.length) return close
    this.#inString = false
    if (this.#depth === 0) {
      this.#finish(chunk, close + 1)
    } else {
      this.#recordsKey = this.#isRecordsKey(chunk, close) ? 1 : 0
      this.#last = QUOTE
    }
    return close + 1
  }

  /** Whether the string that ends here is the key of an event's records. */
  #isRecordsKey(chunk: Buffer, close: number): boolean {
    if (this.#depth !== 1 || this.#skipping || this.#last === COLON) return false
    const start = this.#stringStart - this.#offset
    if (close - start !== 8) return false
    const bytes = start >= 0 ? chunk : Buffer.concat([...this.#pieces, chunk.subarray(0, close + 1)])
    const end = start >= 0 ? close : bytes.length - 1
    const key = bytes.latin1Slice(end - 7, end)
    return key === 'Records' || key === 'records'
  }

  /** Keeps what of the present record is in this chunk. */
  #keep(chunk: Buffer): void {
    if (this.#skipping) return
    const piece = chunk.subarray(Math.max(this.#start - this.#offset, 0))
    this.#pieces.push(piece)
    this.#piecesBytes += piece.length
    if (this.#piecesBytes > MAX_BYTES) {
      this.#report(this.#start, TOO_LONG)
      this.#pieces = []
      this.#skipping = true
    }
  }

  /** The present record ends before `end`. */
  #finish(chunk: Buffer, end: number): void {
    const pieces = this.#pieces
    this.#pieces = []
    if (this.#skipping) return
    const last = chunk.subarray(Math.max(this.#start - this.#offset, 0), end)
    const bytes = pieces.length === 0 ? last : Buffer.concat([...pieces, last])
    try {
      this.#found.push({ offset: this.#start, value: JSON.parse(bytes.toString()) as unknown })
    } catch (error) {
      this.#report(this.#start, (error as Error).message)
    }
  }

  #lose(offset: number, problem: string): void {
    if (!this.#skipping) this.#report(offset, problem)
    this.#depth = 0
    this.#inString = false
    this.#pieces = []
    this.#lost = true
  }

  #report(offset: number, problem: string): void {
    this.#found.push({ offset, problem })
  }
}

function indexOrEnd(chunk: Buffer, byte: number, from: number): number {
  const at = chunk.indexOf(byte, from)
  return at < 0 ? chunk.length : at
}

/** Whether a value ended with this byte: then a comma, a colon or a closing bracket must follow. */
function endsValue(byte: number): boolean {
  return byte !== 0 && byte !== COMMA && byte !== COLON && byte !== OPEN_ARRAY && byte !== OPEN_OBJECT
}
