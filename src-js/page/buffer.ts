/**
 * What the page's code uses of Node.js' Buffer, for browsers: the build puts it in the place of `node:buffer`. A test
 * compares the two.
 */

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
const encoder = new TextEncoder()

/** Characters that are made in one call. */
const CALL = 8192

/** `Uint8Array` without the functions of its constructor, which have other arguments here. */
const Bytes = Uint8Array as unknown as new (
  bytes: number | ArrayLike<number> | ArrayBuffer,
  offset?: number,
  length?: number
) => Uint8Array<ArrayBuffer>

type Encoding = 'utf8' | 'latin1' | 'base64' | 'hex'

export class Buffer extends Bytes {
  static isBuffer(value: unknown): value is Buffer {
    return value instanceof Buffer
  }

  static alloc(length: number): Buffer {
    return new Buffer(length)
  }

  static allocUnsafe(length: number): Buffer {
    return new Buffer(length)
  }

  static allocUnsafeSlow(length: number): Buffer {
    return new Buffer(length)
  }

  static byteLength(text: string): number {
    return encoder.encode(text).length
  }

  /** Memory is shared with an ArrayBuffer, and with nothing else. */
  static from(
    data: string | ArrayBuffer | ArrayLike<number>,
    encodingOrOffset?: Encoding | number,
    length?: number
  ): Buffer {
    if (typeof data === 'string') return fromText(data, encodingOrOffset as Encoding | undefined)
    return data instanceof ArrayBuffer
      ? new Buffer(data, encodingOrOffset as number | undefined, length)
      : new Buffer(data)
  }

  static concat(list: readonly Uint8Array[]): Buffer {
    const all = new Buffer(list.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const bytes of list) {
      all.set(bytes, at)
      at += bytes.length
    }
    return all
  }

  override subarray(start?: number, end?: number): Buffer {
    return super.subarray(start, end) as Buffer
  }

  override toString(encoding: Encoding = 'utf8', start = 0, end = this.length): string {
    const bytes = this.subarray(start, end)
    switch (encoding) {
      case 'utf8':
        return utf8.decode(bytes)
      case 'latin1':
        return latin1(bytes)
      case 'base64':
        return btoa(latin1(bytes))
      case 'hex':
        return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
    }
  }

  utf8Slice(start: number, end: number): string {
    return this.toString('utf8', start, end)
  }

  latin1Slice(start: number, end: number): string {
    return this.toString('latin1', start, end)
  }

  utf8Write(text: string, offset: number): number {
    return encoder.encodeInto(text, this.subarray(offset)).written
  }

  readUInt32LE(offset = 0): number {
    return new DataView(this.buffer, this.byteOffset).getUint32(offset, true)
  }

  writeUInt32LE(value: number, offset = 0): number {
    new DataView(this.buffer, this.byteOffset).setUint32(offset, value, true)
    return offset + 4
  }
}

function latin1(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CALL) {
    text += String.fromCharCode(...bytes.subarray(at, at + CALL))
  }
  return text
}

function fromText(text: string, encoding: Encoding = 'utf8'): Buffer {
  switch (encoding) {
    case 'utf8':
      return new Buffer(encoder.encode(text).buffer)
    case 'latin1':
      return Buffer.from(Uint8Array.from(text, character => character.charCodeAt(0)).buffer)
    case 'base64':
      return fromBase64(text)
    case 'hex':
      return fromHex(text)
  }
}

/** What each character code stands for; 255 for none. Both alphabets, as Node.js reads them. */
const DIGITS = new Uint8Array(256).fill(255)
for (const [i, character] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
].entries()) {
  DIGITS[character.charCodeAt(0)] = i
}
DIGITS['-'.charCodeAt(0)] = 62
DIGITS['_'.charCodeAt(0)] = 63

/** Ends at the padding, and skips what is no digit. */
function fromBase64(text: string): Buffer {
  const padding = text.indexOf('=')
  const end = padding < 0 ? text.length : padding
  const bytes = new Buffer(Math.ceil((end * 3) / 4))
  let length = 0
  let bits = 0
  let count = 0
  for (let i = 0; i < end; i++) {
    const digit = DIGITS[text.charCodeAt(i)] ?? 255
    if (digit === 255) continue
    bits = ((bits << 6) | digit) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[length++] = bits >> count
  }
  return bytes.subarray(0, length)
}

/** Ends where the digits do. */
function fromHex(text: string): Buffer {
  const digits = /^(?:[\da-f]{2})*/i.exec(text)![0]
  const bytes = new Buffer(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16)
  return bytes
}
