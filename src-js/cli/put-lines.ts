import type { ProducerRecord } from '../producer'
import { isBase64 } from '../inputs/base64-lines'
import { memberText } from './json-text'
import { textOf } from '../inputs/text'

const NEWLINE = 0x0a

/** Cuts an input into lines, byte for byte, without their line breaks; the last one needs none. */
export async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
  let pieces: Buffer[] = []
  for await (const chunk of input) {
    let at = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      pieces.push(chunk.subarray(at, end))
      yield Buffer.concat(pieces)
      pieces = []
      at = end + 1
    }
    if (at < chunk.length) pieces.push(chunk.subarray(at))
  }
  if (pieces.length > 0) yield Buffer.concat(pieces)
}

/** With the flag "u" whole pairs are other characters. */
const HALF_PAIR = /[\ud800-\udfff]/u

/** Makes a user record of a line. @throws what is wrong with the line */
export type LineReader = (line: Buffer) => ProducerRecord

/** A line is `{ partitionKey, data | dataBase64, explicitHashKey? }`; what else it has counts for nothing. */
export function readObject(line: Buffer): ProducerRecord {
  const text = jsonTextOf(line)
  const value = parse(text)
  if (typeof value !== 'object' || value === null) throw new TypeError('the line is not a JSON object')
  const { partitionKey, data, dataBase64, explicitHashKey } = value as Record<string, unknown>
  if (typeof partitionKey !== 'string') {
    throw new TypeError(
      'partitionKey is missing; if the line is the data itself, give --key-path, --key or --no-key'
    )
  }
  if (explicitHashKey !== undefined && explicitHashKey !== null && typeof explicitHashKey !== 'string') {
    throw new TypeError('explicitHashKey must be a string of digits')
  }
  const bytes = dataBase64 === undefined ? bytesOf(data, text) : decode(dataBase64)
  return { partitionKey, data: bytes, ...(typeof explicitHashKey === 'string' && { explicitHashKey }) }
}

/** A line is data; all have one key, or none. */
export function readWithKey(partitionKey: string | undefined): LineReader {
  return data => ({ partitionKey, data })
}

/** A line is data, and JSON that has the key at a path such as `.user.id`. */
export function readWithPath(path: string): LineReader {
  const names = path.replace(/^\./, '').split('.')
  return data => {
    let value = parse(jsonTextOf(data))
    for (const name of names) value = (value as Record<string, unknown> | null | undefined)?.[name]
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') {
      throw new TypeError(`there is no text or number at ${path}`)
    }
    if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      throw new TypeError(`the number at ${path} is too large to be read exactly: write it as text`)
    }
    return { partitionKey: String(value), data }
  }
}

/** Bytes that are no UTF-8 would be read as other ones. */
function jsonTextOf(line: Buffer): string {
  const text = textOf(line)
  if (text === undefined)
    throw new TypeError('the line is not UTF-8; if it is the data itself, give --key or --no-key')
  return text
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new TypeError('the line is not JSON; if it is the data itself, give --key or --no-key')
  }
}

/** Text as it is; other values as they are written, compact: JavaScript would read numbers as other ones. */
function bytesOf(data: unknown, line: string): Buffer {
  if (data === undefined) throw new TypeError('data is missing, and dataBase64 too')
  if (typeof data !== 'string') return Buffer.from(memberText(line, 'data')!)
  if (HALF_PAIR.test(data))
    throw new TypeError('data has half of a surrogate pair, which is no UTF-8: give dataBase64')
  return Buffer.from(data)
}

function decode(text: unknown): Buffer {
  if (typeof text !== 'string' || !isBase64(text)) throw new TypeError('dataBase64 is not base64')
  return Buffer.from(text, 'base64')
}
