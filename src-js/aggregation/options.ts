import { invalidArgument } from '../errors'

const MIB = 1024 * 1024
const DEFAULT_MAX_SIZE = MIB
const MAX_SIZE_LIMIT = 10 * MIB

/**
 * {@link AggregateOptions}, checked; `strict` has no default here, since it depends on the form that is called.
 *
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function checkAggregateOptions(options: unknown): { maxSize: number; strict: boolean | undefined } {
  if (options === undefined) return { maxSize: DEFAULT_MAX_SIZE, strict: undefined }
  if (options === null || typeof options !== 'object') throw invalidArgument('options', 'an object', options)
  const { maxSize = DEFAULT_MAX_SIZE, strict } = options as { maxSize?: unknown; strict?: unknown }
  if (typeof maxSize !== 'number' || !Number.isInteger(maxSize) || maxSize < 1 || maxSize > MAX_SIZE_LIMIT) {
    throw invalidArgument('options.maxSize', `a whole number of bytes from 1 to ${MAX_SIZE_LIMIT}`, maxSize)
  }
  if (strict !== undefined && typeof strict !== 'boolean')
    throw invalidArgument('options.strict', 'a boolean', strict)
  return { maxSize, strict }
}
