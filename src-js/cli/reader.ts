import { Base64Lines, isBase64 } from './base64-lines'
import { type Found, MOST_BYTES, type RecordReader } from './found'
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

/** `undefined` if more bytes must tell, or if there are none. */
function readerFor(head: Buffer, isAll: boolean): RecordReader | undefined {
  const isEnough = isAll || head.length >= HEAD_BYTES
  const text = head
    .toString('latin1', 0, HEAD_BYTES)
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
  if (text === '') return isEnough && head.length > 0 ? new Raw() : undefined
  if ('{["'.includes(text.charAt(0))) return new JsonScanner()
  const lineEnd = text.indexOf('\n')
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd)
  if (!/^[\w+/-]*={0,2}\s*$/.test(line)) return new Raw()
  if (lineEnd < 0 && !isEnough) return undefined
  const isWhole = lineEnd >= 0 || head.length < HEAD_BYTES
  return !isWhole || isBase64(line.trimEnd()) ? new Base64Lines() : new Raw()
}

/** The whole input is the data of one Kinesis record. */
class Raw implements RecordReader {
  #pieces: Buffer[] = []
  #bytes = 0

  push(chunk: Buffer): Found[] {
    this.#bytes += chunk.length
    if (this.#bytes <= MOST_BYTES) this.#pieces.push(chunk)
    else this.#pieces = []
    return []
  }

  end(): Found[] {
    if (this.#bytes <= MOST_BYTES) return [{ offset: 0, value: { data: Buffer.concat(this.#pieces) } }]
    const problem = `neither JSON nor base64, and too long (${this.#bytes} bytes) for the bytes of one record`
    return [{ offset: 0, problem }]
  }
}
