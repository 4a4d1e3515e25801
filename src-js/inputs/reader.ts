import { Buffer } from 'node:buffer'
import { Base64Lines, beginsAggregated, isBase64 } from './base64-lines'
import { HexText } from './hex-text'
import { type Found, MAX_BYTES, type RecordReader } from './found'
import { JsonScanner } from './json-scanner'

/** Bytes within which the first line must end for its form to be judged. */
const HEAD_BYTES = 4096

/** Finds out by the first bytes what an input is, and reads it as that. */
export class AnyReader implements RecordReader {
  #reader: RecordReader | undefined
  #head = Buffer.alloc(0)

  push(chunk: Buffer): Found[] {
    if (this.#reader !== undefined) return this.#reader.push(chunk)
    this.#head = Buffer.concat([this.#head, chunk])
    this.#reader = readerFor(this.#head, false)
    return this.#reader === undefined ? [] : this.#reader.push(this.#head)
  }

  end(): Found[] {
    if (this.#reader !== undefined) return this.#reader.end()
    const reader = readerFor(this.#head, true)
    return reader === undefined ? [] : [...reader.push(this.#head), ...reader.end()]
  }
}

/** Inputs that are no records yet, by their first bytes, and what to do. */
const FOREIGN: [string, string][] = [
  ['\x1f\x8b', 'the input is gzip: pipe it through "gunzip -c" first'],
  ['\xff\xfe', 'the input is UTF-16: pipe it through "iconv -f UTF-16 -t UTF-8" first'],
  ['\xfe\xff', 'the input is UTF-16: pipe it through "iconv -f UTF-16 -t UTF-8" first']
]

/** An input that cannot be read, as a whole. */
export class UnreadableInput extends Error {}

/** @throws UnreadableInput */
function refuseForeign(head: string): void {
  const [, hint] = FOREIGN.find(([start]) => head.startsWith(start)) ?? []
  if (hint !== undefined) throw new UnreadableInput(hint)
  // UTF-16 without a byte order mark: every other byte of JSON or base64 is 0.
  if (/^(?:[\w{["+/-]\0){2}/.test(head) || /^(?:\0[\w{["+/-]){2}/.test(head))
    throw new UnreadableInput('the input is UTF-16: pipe it through "iconv -f UTF-16LE -t UTF-8" first')
}

/** The magic in hexadecimal, as `xxd -p` and many logs write it. */
const HEX = /^(?:0x|\\x)?f3899ac2[\da-f\s]*$/i

/** `undefined` if more bytes must tell, or if there are none. */
function readerFor(head: Buffer, isAll: boolean): RecordReader | undefined {
  const isEnough = isAll || head.length >= HEAD_BYTES
  const text = head
    .toString('latin1', 0, HEAD_BYTES)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  refuseForeign(head.toString('latin1', 0, 8))
  if (text === '') return isEnough && head.length > 0 ? new Raw() : undefined
  if ('{["'.includes(text.charAt(0))) return new JsonScanner()
  const lineEnd = text.indexOf('\n')
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd)
  if (HEX.test(line)) return lineEnd < 0 && !isEnough ? undefined : new HexText()
  if (!/^[\w+/-]*={0,2}\s*$/.test(line)) return new Raw()
  if (lineEnd < 0 && !isEnough) return undefined
  const isWhole = lineEnd >= 0 || head.length < HEAD_BYTES
  const isText = !isWhole || isBase64(line.trimEnd()) || beginsAggregated(line.trimEnd())
  return isText ? new Base64Lines() : new Raw()
}

/** The whole input is the data of one Kinesis record. */
class Raw implements RecordReader {
  #pieces: Buffer[] = []
  #bytes = 0

  push(chunk: Buffer): Found[] {
    this.#bytes += chunk.length
    if (this.#bytes <= MAX_BYTES) this.#pieces.push(chunk)
    else this.#pieces = []
    return []
  }

  end(): Found[] {
    if (this.#bytes <= MAX_BYTES) return [{ offset: 0, value: { data: Buffer.concat(this.#pieces) } }]
    const problem = `neither JSON nor base64, and too long (${this.#bytes} bytes) for the bytes of one record`
    return [{ offset: 0, problem }]
  }
}
