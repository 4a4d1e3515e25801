import { printable, textOf } from '../inputs/text'

export { printable, textOf }

/** The beginning of data, as text if it is UTF-8, else in hexadecimal. */
export function preview(data: Buffer, columns: number): string {
  // A character may be cut off at the end of the bytes that are looked at.
  const head = data.subarray(0, columns * 4)
  const end = head.length === data.length ? head.length : lastBoundary(head)
  const text = textOf(head.subarray(0, end))
  if (text !== undefined) return fit(printable(text), columns, end < data.length)
  const hex = data
    .subarray(0, columns)
    .toString('hex')
    .replace(/..(?!$)/g, '$& ')
  return fit(`0x ${hex}`, columns, data.length > columns)
}

/** Where the last whole character of UTF-8 ends. */
function lastBoundary(bytes: Buffer): number {
  let at = bytes.length
  while (at > 0 && (bytes[at - 1]! & 0xc0) === 0x80) at--
  return at - 1
}

/** What of a text fits into so many columns of a terminal, with an ellipsis if it is not all. */
export function fit(text: string, columns: number, goesOn = false): string {
  if (!goesOn && text.length * 2 <= columns) return text
  let width = 0
  let end = 0
  let fits = 0
  for (const character of text) {
    width += widthOf(character)
    if (width > columns) break
    end += character.length
    if (width < columns) fits = end
  }
  return end === text.length && !goesOn ? text : `${text.slice(0, fits)}…`
}

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) width += widthOf(character)
  return width
}

/** East Asian wide characters and emoji take two columns, combining ones none. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const COMBINING = /\p{M}/u

function widthOf(character: string): number {
  if (character < '\u0300') return 1
  if (COMBINING.test(character)) return 0
  return WIDE.test(character) ? 2 : 1
}

/** A number and what it counts. @param name of one; more have an "s" */
export function counted(number: number, name: string): string {
  return `${number.toLocaleString('en')} ${name}${number === 1 ? '' : 's'}`
}
