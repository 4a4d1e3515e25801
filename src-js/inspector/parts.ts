import type { Buffer } from 'node:buffer'
import { isAggregatedBytes } from '../deaggregation/kinesis-record'
import { type Field, WireReader } from './wire-reader'

export const MAGIC_BYTES = 4
export const MD5_BYTES = 16

export type PartKind = 'magic' | 'key' | 'hashKey' | 'record' | 'unknown' | 'unread' | 'md5' | 'plain'

/** A stretch of a record's data; those of a record follow each other and leave nothing out. */
export interface Part {
  readonly kind: PartKind
  readonly start: number
  readonly end: number
  /** Of keys, hash keys and user records: which one, from 0. */
  readonly position: number
  /** Of keys, hash keys and user records: where the text or the data is; the rest is what the format adds. */
  readonly contentStart: number
  readonly contentEnd: number
}

const FIELDS: Record<number, 'key' | 'hashKey' | 'record'> = { 1: 'key', 2: 'hashKey', 3: 'record' }

/** Field of a user record that holds its data. */
const DATA = 3

/**
 * The parts of a record's data, in their order.
 *
 * It goes on as far as it can follow the bytes, and judges nothing: the codec does that.
 */
export function partsOf(bytes: Buffer): Part[] {
  if (!isAggregatedBytes(bytes)) return bytes.length === 0 ? [] : [part('plain', 0, bytes.length)]
  const end = bytes.length - MD5_BYTES
  const parts = [part('magic', 0, MAGIC_BYTES)]
  const next = { key: 0, hashKey: 0, record: 0 }
  const reader = new WireReader(bytes, MAGIC_BYTES, end)
  while (reader.at < end) {
    const start = reader.at
    const field = reader.field()
    if (field === undefined) {
      parts.push(part('unread', start, end))
      break
    }
    const kind = field.isDelimited ? FIELDS[field.number] : undefined
    if (kind === undefined) {
      parts.push(part('unknown', start, field.end))
      continue
    }
    const content = kind === 'record' ? dataIn(bytes, field) : field
    parts.push({
      kind,
      start,
      end: field.end,
      position: next[kind]++,
      contentStart: content.start,
      contentEnd: content.end
    })
  }
  parts.push(part('md5', end, bytes.length))
  return parts
}

function part(kind: PartKind, start: number, end: number): Part {
  return { kind, start, end, position: 0, contentStart: start, contentEnd: end }
}

/** Where a user record's data is; empty, at its end, if it has none. */
function dataIn(bytes: Buffer, record: Field): { start: number; end: number } {
  const reader = new WireReader(bytes, record.start, record.end)
  let found = { start: record.end, end: record.end }
  while (reader.at < record.end) {
    const field = reader.field()
    if (field === undefined) break
    // If a field occurs more than once, the last one counts.
    if (field.number === DATA && field.isDelimited) found = field
  }
  return found
}
