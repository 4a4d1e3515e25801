import { Buffer } from 'node:buffer'
import { HEADER_WORDS, STATUS_MALFORMED } from '../native/layout'
import { native } from '../native/loader'
import { MD5_BYTES } from './parts'

/** The MD5 in an aggregated record, and the one that its message has; both in hexadecimal. */
export interface Checksum {
  readonly found: string
  readonly computed: string
}

export function checksumOf(bytes: Buffer): Checksum {
  const sealed = Buffer.from(bytes)
  native.seal([sealed])
  return { found: digestIn(bytes), computed: digestIn(sealed) }
}

function digestIn(record: Buffer): string {
  return record.subarray(-MD5_BYTES).toString('hex')
}

/** Where and why the message of an aggregated record cannot be read. */
export interface MalformedAt {
  /** Number of the codec's reason; see `Reason` in `src/error.rs`. */
  readonly reason: number
  /** Byte of the record's data, from 0. */
  readonly at: number
  /** What the codec says. */
  readonly message: string
}

/** `undefined` if the message can be read, whatever its checksum. */
export function malformedAt(bytes: Buffer): MalformedAt | undefined {
  let index = new Uint32Array(HEADER_WORDS)
  const needed = native.decode(bytes, bytes.length, false, index)
  if (needed > index.length) {
    index = new Uint32Array(needed)
    native.decode(bytes, bytes.length, false, index)
  }
  const [status, reason, at] = index as unknown as [number, number, number]
  if (status !== STATUS_MALFORMED) return undefined
  return { reason, at, message: native.malformedText(reason, at) }
}
