import { KinesisAggError, invalidArgument } from './errors'

/** The highest hash key. */
export const MAX_HASH_KEY = (1n << 128n) - 1n

/**
 * The text of an explicit hash key that a caller gave; `undefined`, `null` and `''` mean none.
 *
 * Text is not checked here: see {@link checkHashKey}. A number must be one that JavaScript holds exactly; beyond
 * 2^53 - 1 it is no longer the number that was written.
 *
 * @param name of the argument, for the error
 * @param record for the error
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`: an integer beyond 2^53 - 1
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function hashKeyText(hashKey: unknown, name: string, record: unknown): string | undefined {
  if (hashKey === undefined || hashKey === null || hashKey === '') return undefined
  if (typeof hashKey === 'string') return hashKey
  if (typeof hashKey === 'bigint' || Number.isSafeInteger(hashKey)) return String(hashKey as bigint | number)
  if (!Number.isInteger(hashKey)) {
    throw invalidArgument(name, 'a decimal string, an integer or a bigint', hashKey)
  }
  const message =
    `Explicit hash key ${hashKey as number} is beyond 2^53 - 1, so that a number does not hold it exactly:` +
    ' pass a decimal string or a bigint'
  throw new KinesisAggError('ERR_INVALID_HASH_KEY', message, { record })
}

const MAX_TEXT = String(MAX_HASH_KEY)
const ZERO = 0x30
const NINE = 0x39

/** Whether a text is a decimal number in [0, 2^128). Fewer digits than the highest one has make no number too high. */
export function isHashKey(text: string): boolean {
  const { length } = text
  if (length === 0 || length > MAX_TEXT.length) return false
  // A loop takes half of the time of a regular expression, and aggregates have one in each record.
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < ZERO || code > NINE) return false
  }
  if (text.charCodeAt(0) === ZERO) return length === 1
  return length < MAX_TEXT.length || text <= MAX_TEXT
}

/** The error for an explicit hash key that {@link isHashKey} refuses. */
export function invalidHashKey(
  text: string,
  about: { record?: unknown; sequenceNumber?: string; subSequenceNumber?: number }
): KinesisAggError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  const message = `Explicit hash key '${shown}' is no decimal number in [0, 2^128)`
  return new KinesisAggError('ERR_INVALID_HASH_KEY', message, about)
}

/** @throws KinesisAggError `ERR_INVALID_HASH_KEY` */
export function checkHashKey(text: string, record: unknown): void {
  if (!isHashKey(text)) throw invalidHashKey(text, { record })
}

/** @throws KinesisAggError `ERR_INVALID_HASH_KEY` */
export function parseHashKey(text: string): bigint {
  checkHashKey(text, undefined)
  return BigInt(text)
}
