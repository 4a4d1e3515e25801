import { invalidArgument } from './errors'

const MIB = 1024 * 1024
const DEFAULT_MAX_SIZE = MIB
const GREATEST_MAX_SIZE = 10 * MIB

/** {@link AggregateOptions} with their defaults. @throws TypeError `ERR_INVALID_ARG_TYPE` */
export function checkAggregateOptions(options: unknown): { maxSize: number; strict: boolean } {
  if (options === undefined) return { maxSize: DEFAULT_MAX_SIZE, strict: false }
  if (options === null || typeof options !== 'object') throw invalidArgument('options', 'an object', options)
  const { maxSize = DEFAULT_MAX_SIZE, strict = false } = options as { maxSize?: unknown; strict?: unknown }
  if (
    typeof maxSize !== 'number' ||
    !Number.isInteger(maxSize) ||
    maxSize < 1 ||
    maxSize > GREATEST_MAX_SIZE
  ) {
    throw invalidArgument(
      'options.maxSize',
      `a whole number of bytes from 1 to ${GREATEST_MAX_SIZE}`,
      maxSize
    )
  }
  if (typeof strict !== 'boolean') throw invalidArgument('options.strict', 'a boolean', strict)
  return { maxSize, strict }
}
