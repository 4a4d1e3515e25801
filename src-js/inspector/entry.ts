import type { Buffer } from 'node:buffer'
import { decodeBase64 } from '../deaggregation/base64-text'
import { isAggregatedBytes, readKinesisRecord, textOf } from '../deaggregation/kinesis-record'
import { ALONE } from '../errors'
import { type DeaggregatedRecord, KinesisAggError, type KinesisRecordInput, deaggregateSync } from '../index'
import { shardIdOf } from '../inputs/record-place'
import { placeOf } from '../inputs/text'
import { type Checksum, checksumOf, type MalformedAt, malformedAt } from './damage'

/** Where a record stands in the input, as the command counts: numbers from 1, bytes from 0. */
export interface Place {
  readonly number: number
  readonly offset: number
}

/** What stands in the input in the place of a record. */
export interface Problem extends Place {
  readonly kind: 'problem'
  readonly code: string | undefined
  readonly message: string
  /** As the command names it. */
  readonly name: string
}

/** A user record of a damaged aggregate that cannot be read. */
export interface Unreadable {
  readonly position: number
  readonly message: string
}

/** Why an aggregate cannot be read as it should. */
export interface Fault {
  readonly code: string
  readonly message: string
  /** Where the message is broken, if that is known; a wrong checksum says nothing of it. */
  readonly malformed: MalformedAt | undefined
}

/** A Kinesis record of the input, taken apart as far as it can be. */
export interface KinesisEntry extends Place {
  readonly kind: 'record'
  readonly name: string
  /** The data of the record. */
  readonly bytes: Buffer
  readonly isAggregated: boolean
  readonly sequenceNumber: string
  /** Of the Kinesis record itself. */
  readonly partitionKey: string
  /** The shard that it was read from, if the input names it. */
  readonly shardId: string | undefined
  /** `undefined` for a plain record. */
  readonly checksum: Checksum | undefined
  readonly fault: Fault | undefined
  /** What could be read, also of a damaged record. */
  readonly userRecords: readonly DeaggregatedRecord[]
  readonly unreadable: readonly Unreadable[]
}

export type Entry = KinesisEntry | Problem

export function problemAt(place: Place, error: unknown): Problem {
  const { code, message, sequenceNumber } = error as Partial<KinesisAggError> & Error
  const { number, offset } = place
  return {
    kind: 'problem',
    number,
    offset,
    code: typeof code === 'string' ? code : undefined,
    message,
    name: placeOf(number, offset, sequenceNumber)
  }
}

/** Takes a Kinesis record apart. What is no Kinesis record is a problem. */
export function openRecord(place: Place, record: KinesisRecordInput): Entry {
  try {
    const { data, sequenceNumber, partitionKey } = readKinesisRecord(record, ALONE)
    // Text that is not base64 is refused with the same words as everywhere.
    const bytes = typeof data === 'string' ? (decodeBase64(data) ?? refuse(record)) : data
    const number = textOf(sequenceNumber)
    const isAggregated = isAggregatedBytes(bytes)
    return {
      kind: 'record',
      ...place,
      name: placeOf(place.number, place.offset, number || undefined),
      bytes,
      isAggregated,
      sequenceNumber: number,
      partitionKey: textOf(partitionKey),
      shardId: shardIdOf({ source: record }) || undefined,
      checksum: isAggregated ? checksumOf(bytes) : undefined,
      ...contentsOf(record, bytes)
    }
  } catch (error) {
    return problemAt(place, error)
  }
}

function refuse(record: KinesisRecordInput): never {
  deaggregateSync(record)
  throw new Error('the data is not base64')
}

type Contents = Pick<KinesisEntry, 'fault' | 'userRecords' | 'unreadable'>

/** A wrong checksum does not hide what the bytes say: that is often most of the truth. */
function contentsOf(record: KinesisRecordInput, bytes: Buffer): Contents {
  try {
    return { fault: undefined, userRecords: deaggregateSync(record), unreadable: [] }
  } catch (error) {
    if (!(error instanceof KinesisAggError)) throw error
    const { code, message } = error
    return { fault: { code, message, malformed: malformedAt(bytes) }, ...salvage(record) }
  }
}

function salvage(record: KinesisRecordInput): Omit<Contents, 'fault'> {
  const unreadable: Unreadable[] = []
  try {
    const userRecords = deaggregateSync(record, {
      computeChecksums: false,
      onInvalid: 'salvage',
      onInvalidRecord: ({ message, subSequenceNumber: position }) =>
        unreadable.push({ position: position!, message })
    })
    return { userRecords, unreadable }
  } catch {
    return { userRecords: [], unreadable: [] }
  }
}
