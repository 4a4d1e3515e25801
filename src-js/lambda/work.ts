import { findAll } from '../deaggregation/deaggregate'
import type { DeaggregateSettings } from '../deaggregation/options'
import type { Found } from '../deaggregation/salvage'
import type { KinesisAggError } from '../errors'
import type { DeaggregatedRecord } from '../types'
import type { EnclosingRecord } from './events'
import type { Task } from './handler-pool'

/** A user record on its way to the handler, with what must be known of it afterwards: handlers may change records. */
export interface Item {
  readonly record: DeaggregatedRecord
  readonly subSequenceNumber: number
  readonly enclosing: EnclosingRecord
}

/** A user record that cannot be handed out: `onInvalid` is `'salvage'`. */
export interface InvalidItem {
  readonly error: KinesisAggError
  readonly subSequenceNumber: number
  readonly enclosing: EnclosingRecord
}

/** What one call of the handler gets: a user record, or a chunk of them. */
export interface Work extends Task {
  /** Its place among all work of the event. */
  readonly number: number
  /** Empty if the enclosing record cannot be decoded, and for a user record that is invalid. */
  readonly items: readonly Item[]
  /** The first one. */
  readonly enclosing: EnclosingRecord
  /** The user record that `onInvalidRecord` gets instead of the handler. */
  readonly invalid: InvalidItem | undefined
  /** Why the enclosing record cannot be decoded. */
  readonly undecodable: { readonly error: unknown } | undefined
  /** Set when it failed. */
  failure: { readonly error: unknown } | undefined
}

/** Divides the user records of an event into work, in order. */
export function* workOf(
  enclosing: readonly EnclosingRecord[],
  options: DeaggregateSettings,
  chunkSize: number,
  isHandled: (enclosing: EnclosingRecord, subSequenceNumber: number) => boolean
): Generator<Work, undefined> {
  let number = 0
  let chunk: Item[] = []
  for (const step of decodeInOrder(enclosing, options)) {
    if ('subSequenceNumber' in step) {
      if (isHandled(step.enclosing, step.subSequenceNumber)) continue
      if ('record' in step) chunk.push(step)
    }
    if ('record' in step && chunk.length < chunkSize) continue
    if (chunk.length > 0) {
      yield toWork(number++, chunk)
      chunk = []
    }
    if ('record' in step) continue
    const [invalid, undecodable] = 'undecodable' in step ? [undefined, step.undecodable] : [step, undefined]
    yield {
      number: number++,
      items: [],
      enclosing: step.enclosing,
      keys: [],
      isBarrier: true,
      invalid,
      undecodable,
      failure: undefined
    }
  }
  if (chunk.length > 0) yield toWork(number, chunk)
}

function toWork(number: number, items: readonly Item[]): Work {
  const keys =
    items.length === 1 ? [items[0]!.record.partitionKey] : items.map(item => item.record.partitionKey)
  return {
    number,
    items,
    enclosing: items[0]!.enclosing,
    keys: withoutRepeats(keys),
    isBarrier: false,
    invalid: undefined,
    undecodable: undefined,
    failure: undefined
  }
}

/** Records without a partition key have no order to keep. */
function withoutRepeats(keys: string[]): string[] {
  if (keys.length === 1) return keys[0] === '' ? [] : keys
  const distinct = new Set(keys)
  distinct.delete('')
  return [...distinct]
}

/** An enclosing record that cannot be decoded. */
interface Undecodable {
  readonly enclosing: EnclosingRecord
  readonly undecodable: { readonly error: unknown }
}

type Step = Item | InvalidItem | Undecodable

/**
 * The user records of all records, decoded together. If that fails, one Kinesis record at a time is decoded when its turn
 * comes, so that those before the damaged one are handled.
 */
function* decodeInOrder(
  enclosing: readonly EnclosingRecord[],
  options: DeaggregateSettings
): Generator<Step> {
  let together: Found | undefined
  try {
    together = findAll(
      enclosing.map(({ record }) => record),
      options
    )
  } catch {
    // The one that is to blame throws again in its turn.
  }
  if (together !== undefined) {
    yield* stepsOf(together, enclosing)
    return
  }
  for (const one of enclosing) {
    let found: Found
    try {
      found = findAll([one.record], options)
    } catch (error) {
      yield { enclosing: one, undecodable: { error } }
      continue
    }
    yield* stepsOf(found, [one])
  }
}

/** User records, and the invalid ones between them in their places. */
function* stepsOf({ userRecords, invalid }: Found, enclosing: readonly EnclosingRecord[]): Generator<Step> {
  let at = 0
  let nextInvalid = 0
  const enclosingOf = (source: unknown): EnclosingRecord => {
    while (enclosing[at]!.record !== source) at++
    return enclosing[at]!
  }
  for (let i = 0; i <= userRecords.length; i++) {
    for (; invalid[nextInvalid]?.before === i; nextInvalid++) {
      const { error: makeError, source } = invalid[nextInvalid]!
      const error = makeError()
      yield { error, subSequenceNumber: error.subSequenceNumber ?? 0, enclosing: enclosingOf(source) }
    }
    const record = userRecords[i]
    if (record === undefined) return
    yield { record, subSequenceNumber: record.subSequenceNumber, enclosing: enclosingOf(record.source) }
  }
}
