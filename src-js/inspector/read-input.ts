import type { Buffer } from 'node:buffer'
import type { KinesisRecordInput } from '../index'
import type { Found } from '../inputs/found'
import { toKinesisRecords } from '../inputs/kinesis-records'
import { PayloadReader } from '../inputs/payload-reader'
import { AnyReader, UnreadableInput } from '../inputs/reader'
import { type Entry, openRecord, problemAt } from './entry'

/** What an input holds. */
export interface Inspection {
  readonly entries: readonly Entry[]
  /** What may not be as it was meant. */
  readonly warnings: readonly string[]
  /** Why nothing of it can be read, if so. */
  readonly refusal: string | undefined
}

/** Finds out what an input is, and takes its records apart, as `kinesis-agg decode` does. */
export function readInput(input: Buffer): Inspection {
  const entries: Entry[] = []
  const warnings: string[] = []
  let number = 0
  try {
    const reader = new PayloadReader(new AnyReader())
    for (const found of [...reader.push(input), ...reader.end()]) {
      if ('warning' in found) warnings.push(found.warning)
      else for (const entry of entriesOf(found, ++number)) entries.push(entry)
    }
  } catch (error) {
    if (!(error instanceof UnreadableInput)) throw error
    return { entries: [], warnings: [], refusal: error.message }
  }
  return { entries, warnings, refusal: undefined }
}

function entriesOf(found: Exclude<Found, { warning: string }>, number: number): Entry[] {
  const place = { number, offset: found.offset }
  if ('problem' in found) return [problemAt(place, new Error(found.problem))]
  let records: KinesisRecordInput | KinesisRecordInput[]
  try {
    records = toKinesisRecords(found.value)
  } catch (error) {
    return [problemAt(place, error)]
  }
  return (Array.isArray(records) ? records : [records]).map(record => openRecord(place, record))
}
