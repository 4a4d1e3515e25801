import { Buffer } from 'node:buffer'
import { type Found, MAX_BYTES, type RecordReader } from './found'

/** Finds aggregated records in hexadecimal text: each begins with the magic, on one line or broken into several. */
export class HexText implements RecordReader {
  #text = ''
  #start = 0
  #offset = 0
  #rest = ''

  push(chunk: Buffer): Found[] {
    const lines = (this.#rest + chunk.toString('latin1')).split('\n')
    this.#rest = lines.pop()!
    return lines.flatMap(line => this.#take(line, 1))
  }

  end(): Found[] {
    return [...this.#take(this.#rest, 0), ...this.#endRecord()]
  }

  #take(line: string, breakBytes: number): Found[] {
    const digits = line.replace(/^(?:0x|\\x)/i, '').replace(/\s/g, '')
    const found = /^f3899ac2/i.test(digits) ? this.#endRecord() : []
    if (this.#text === '') this.#start = this.#offset
    if (this.#text.length <= MAX_BYTES) this.#text += digits
    this.#offset += line.length + breakBytes
    return found
  }

  #endRecord(): Found[] {
    const text = this.#text
    this.#text = ''
    if (text === '') return []
    const offset = this.#start
    if (text.length > MAX_BYTES) return [{ offset, problem: 'too long for the data of one record' }]
    if (!/^(?:[\da-f]{2})*$/i.test(text)) return [{ offset, problem: 'the text is not hexadecimal' }]
    return [{ offset, value: { data: Buffer.from(text, 'hex') } }]
  }
}
