import { invalidArgument } from '../errors'
import type { DeaggregateOptions, KinesisRecordInput } from '../types'
import { type Range, checkHashKeyRange } from './hash-key-range'

/** {@link DeaggregateOptions}, checked, with their defaults. The caller's object is not looked at again. */
export interface DeaggregateSettings {
  readonly verify: boolean
  readonly onInvalid: 'throw' | 'passthrough' | 'salvage'
  /** There is one if `onInvalid` is `'salvage'`. */
  readonly onInvalidRecord: DeaggregateOptions['onInvalidRecord']
  readonly range: Range | undefined
}

const DEFAULTS: DeaggregateSettings = {
  verify: true,
  onInvalid: 'throw',
  onInvalidRecord: undefined,
  range: undefined
}

/**
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: an end of `hashKeyRange` is none
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function checkOptions(options: unknown): DeaggregateSettings {
  if (options === undefined) return DEFAULTS
  if (options === null || typeof options !== 'object') throw invalidArgument('options', 'an object', options)
  const {
    computeChecksums = true,
    onInvalid = 'throw',
    onInvalidRecord,
    hashKeyRange
  } = options as { [Name in keyof DeaggregateOptions<KinesisRecordInput>]: unknown }
  if (typeof computeChecksums !== 'boolean') {
    throw invalidArgument('options.computeChecksums', 'a boolean', computeChecksums)
  }
  if (onInvalid !== 'throw' && onInvalid !== 'passthrough' && onInvalid !== 'salvage') {
    throw invalidArgument('options.onInvalid', "'throw', 'passthrough' or 'salvage'", onInvalid)
  }
  if (typeof onInvalidRecord !== 'function' && (onInvalidRecord !== undefined || onInvalid === 'salvage')) {
    throw invalidArgument(
      'options.onInvalidRecord',
      onInvalid === 'salvage' ? "a function, which onInvalid 'salvage' needs" : 'a function',
      onInvalidRecord
    )
  }
  return {
    verify: computeChecksums,
    onInvalid,
    onInvalidRecord: onInvalidRecord as DeaggregateOptions['onInvalidRecord'],
    range: hashKeyRange === undefined ? undefined : checkHashKeyRange(hashKeyRange)
  }
}
