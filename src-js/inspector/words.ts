/** Numbers and lists as the page writes them. */

/** `812 bytes`, `1.2 KB`, `48 KB`, `3.4 MB`; a KB is 1000 bytes. */
export function sizeOf(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  const [amount, unit] = bytes < 999_500 ? [bytes / 1e3, 'KB'] : [bytes / 1e6, 'MB']
  return `${amount < 9.95 ? amount.toFixed(1) : amount.toFixed(0)} ${unit}`
}

/** `1 user record`, `10,000 user records`. */
export function countOf(count: number, noun: string): string {
  return `${numberText(count)} ${noun}${count === 1 ? '' : 's'}`
}

/** `10,000` */
export function numberText(number: number): string {
  return number.toLocaleString('en-US')
}

/** `a`, `a and b`, `a, b and c`. */
export function listOf(items: readonly string[]): string {
  return items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`
}

/** Positions that are named one by one; of more only the number is told. */
const NAMED = 3

/** `record 17`, `records 3, 17 and 40`, `records 3, 17, 40 and 12 more`. */
export function positionsText(positions: readonly number[]): string {
  const named = positions.slice(0, NAMED).map(String)
  const more = positions.length - named.length
  return `record${positions.length === 1 ? '' : 's'} ${listOf(more > 0 ? [...named, `${more} more`] : named)}`
}
