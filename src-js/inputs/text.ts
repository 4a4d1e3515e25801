/** Control characters, and those that change the direction of text: whoever shows data must not obey it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text that bytes are in UTF-8, if they are. */
export function textOf(data: Uint8Array): string | undefined {
  try {
    return utf8.decode(data)
  } catch {
    return undefined
  }
}

/** The same text, fit for one line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, character => ESCAPES[character] ?? escapeOf(character.codePointAt(0)!))
}

function escapeOf(code: number): string {
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

/** The name of a record in an input: its number, from 1, and its first byte. */
export function placeOf(number: number, offset: number, sequenceNumber?: string): string {
  const name = sequenceNumber === undefined ? '' : ` (sequence number ${printable(sequenceNumber)})`
  return `record ${number}${name} at byte ${offset}`
}
