import type { Buffer } from 'node:buffer'

const VARINT = 0
const FIXED64 = 1
const DELIMITED = 2
const GROUP_START = 3
const GROUP_END = 4
const FIXED32 = 5

/** A field of a protobuf message: its number, and where its content is. */
export interface Field {
  readonly number: number
  /** It has a length before it: text, bytes, or a message. */
  readonly isDelimited: boolean
  readonly start: number
  readonly end: number
}

/** Steps from field to field of a protobuf message. */
export class WireReader {
  constructor(
    private readonly bytes: Buffer,
    /** Where the next field begins. */
    public at: number,
    private readonly end: number
  ) {}

  /** The next field; `undefined` if there is none that lies inside the message. */
  field(): Field | undefined {
    const tag = this.#varint()
    if (tag === undefined || tag < 8 || tag >= 2 ** 32) return undefined
    const number = Math.floor(tag / 8)
    const type = tag % 8
    let start = this.at
    let end: number | undefined
    if (type === DELIMITED) {
      const length = this.#varint()
      start = this.at
      end = length === undefined ? undefined : start + length
    } else {
      end = this.#endOf(type, number)
    }
    if (end === undefined || end > this.end) return undefined
    this.at = end
    return { number, isDelimited: type === DELIMITED, start, end }
  }

  #endOf(type: number, number: number): number | undefined {
    switch (type) {
      case VARINT:
        return this.#varint() === undefined ? undefined : this.at
      case FIXED64:
        return this.at + 8
      case FIXED32:
        return this.at + 4
      case GROUP_START:
        return this.#endOfGroup(number)
      default:
        return undefined
    }
  }

  /** Groups lie within each other; the innermost one ends first. */
  #endOfGroup(number: number): number | undefined {
    const open = [number]
    while (open.length > 0) {
      const tag = this.#varint()
      if (tag === undefined || tag < 8) return undefined
      const inner = Math.floor(tag / 8)
      const type = tag % 8
      if (type === GROUP_START) {
        open.push(inner)
      } else if (type === GROUP_END) {
        if (open.pop() !== inner) return undefined
      } else {
        const end = type === DELIMITED ? this.#endOfDelimited() : this.#endOf(type, inner)
        if (end === undefined || end > this.end) return undefined
        this.at = end
      }
    }
    return this.at
  }

  #endOfDelimited(): number | undefined {
    const length = this.#varint()
    return length === undefined ? undefined : this.at + length
  }

  /** Inexact above 2^53, which is outside of every message. */
  #varint(): number | undefined {
    let value = 0
    for (let i = 0; i < 10 && this.at < this.end; i++) {
      const byte = this.bytes[this.at++]!
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return value
    }
    return undefined
  }
}
