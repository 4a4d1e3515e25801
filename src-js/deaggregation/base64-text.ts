import { Buffer } from 'node:buffer'

/**
 * The bytes of a base64 text: both alphabets, padding or none, white space anywhere.
 *
 * Node's decoder skips what it does not know, so that any text gives some bytes. A caller whose text was decoded
 * already would lose their data without a word.
 *
 * @returns `undefined` if the text is no base64
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return hasExpectedLength(text, bytes.length) || isBase64(text) ? bytes : undefined
}

const PADDING = 0x3d

/** V8 knows without a look that a text of one byte a character has none of these. */
const TWO_BYTES = /[\u0100-\uffff]/

/**
 * A cheap look that almost all base64 passes. One skipped character makes the bytes fewer than the characters tell,
 * unless their count is 1 more than a multiple of 4; and of a character of two bytes the decoder may take the low one
 * for a digit.
 */
function hasExpectedLength(text: string, bytes: number): boolean {
  let length = text.length
  if (text.charCodeAt(length - 1) === PADDING) length--
  if (text.charCodeAt(length - 1) === PADDING) length--
  return (length & 3) !== 1 && (length * 3) >>> 2 === bytes && !TWO_BYTES.test(text)
}

/** The close look, in searches that are linear whatever the text holds. */
function isBase64(text: string): boolean {
  const padding = text.indexOf('=')
  const digits = padding < 0 ? text : text.slice(0, padding)
  if (/[^A-Za-z0-9+/_\-\t-\r ]/.test(digits)) return false
  if (padding >= 0 && /[^=\t-\r ]/.test(text.slice(padding))) return false
  return digits.replace(/[\t-\r ]+/g, '').length % 4 !== 1
}
