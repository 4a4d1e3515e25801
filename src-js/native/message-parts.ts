import { Buffer } from 'node:buffer'

/** The protobuf message; index and text are checked. */
export interface WireMessage {
  partition_key_table: string[]
  explicit_hash_key_table: string[]
  records: WireRecord[]
}

/** A user record of a {@link WireMessage}. */
export interface WireRecord {
  partition_key_index: number
  explicit_hash_key_index?: number
  data: Uint8Array
  tags: WireTag[]
}

/** A tag of a {@link WireRecord}. */
export interface WireTag {
  key: string
  value?: string
}

/**
 * The parts of a message as Rust takes them: words, and then bytes whose lengths the words tell. `src/message.rs` has
 * the layout.
 */
export function toParts(message: WireMessage): Buffer {
  const words: number[] = []
  const bytes: Uint8Array[] = []
  const part = (data: Uint8Array): void => {
    words.push(data.length)
    bytes.push(data)
  }
  const index = (number: number): void => void words.push(number % 2 ** 32, Math.floor(number / 2 ** 32))
  const { partition_key_table: keys, explicit_hash_key_table: hashKeys, records } = message
  words.push(keys.length, hashKeys.length, records.length)
  for (const key of keys) part(Buffer.from(key))
  for (const key of hashKeys) part(Buffer.from(key))
  for (const record of records) {
    index(record.partition_key_index)
    words.push(record.explicit_hash_key_index === undefined ? 0 : 1)
    index(record.explicit_hash_key_index ?? 0)
    part(record.data)
    words.push(record.tags.length)
    for (const { key, value } of record.tags) {
      part(Buffer.from(key))
      words.push(value === undefined ? 0 : 1)
      part(Buffer.from(value ?? ''))
    }
  }
  const head = Buffer.allocUnsafe(4 + words.length * 4)
  head.writeUInt32LE(words.length)
  for (const [i, word] of words.entries()) head.writeUInt32LE(word, 4 + i * 4)
  return Buffer.concat([head, ...bytes])
}

/** The message of the parts that Rust gives. */
export function fromParts(parts: Buffer): WireMessage {
  let wordAt = 4
  let byteAt = 4 + parts.readUInt32LE() * 4
  const word = (): number => parts.readUInt32LE((wordAt += 4) - 4)
  const index = (): number => word() + word() * 2 ** 32
  const part = (): Buffer => parts.subarray(byteAt, (byteAt += word()))
  const text = (): string => part().toString()
  const tag = (): WireTag => {
    const key = text()
    const hasValue = word() === 1
    const value = text()
    return hasValue ? { key, value } : { key }
  }
  const record = (): WireRecord => {
    const key = { partition_key_index: index() }
    const hasHashKey = word() === 1
    const hashKey = index()
    const rest = { data: Buffer.from(part()), tags: Array.from({ length: word() }, tag) }
    return hasHashKey ? { ...key, explicit_hash_key_index: hashKey, ...rest } : { ...key, ...rest }
  }
  const counts = [word(), word(), word()] as const
  return {
    partition_key_table: Array.from({ length: counts[0] }, text),
    explicit_hash_key_table: Array.from({ length: counts[1] }, text),
    records: Array.from({ length: counts[2] }, record)
  }
}
