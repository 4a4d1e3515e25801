/** The format by hand and with `node:crypto`, so that expectations do not come from the code under test. */
import { createHash } from 'node:crypto'

export const MAGIC = Buffer.from('f3899ac2', 'hex')

export const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest()

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** A length-delimited field. */
export function field(number: number, content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

export interface WireRecord {
  key: number
  hashKey?: number | undefined
  data: string | Uint8Array
}

export interface Message {
  keys: string[]
  hashKeys?: string[]
  records: WireRecord[]
}

/** The protobuf bytes of a message, with the tables first. */
export function message({ keys, hashKeys = [], records }: Message): Buffer {
  return Buffer.concat([
    ...keys.map(key => field(1, key)),
    ...hashKeys.map(key => field(2, key)),
    ...records.map(({ key, hashKey, data }) =>
      field(
        3,
        Buffer.concat([
          Buffer.from([0x08]),
          varint(key),
          ...(hashKey === undefined ? [] : [Buffer.from([0x10]), varint(hashKey)]),
          field(3, data)
        ])
      )
    )
  ])
}

/** Magic, protobuf bytes, MD5. */
export const seal = (protobuf: Uint8Array): Buffer => Buffer.concat([MAGIC, protobuf, md5(protobuf)])

export const aggregated = (content: Message): Buffer => seal(message(content))

function numberIn(table: Map<string, number>, key: string): number {
  if (!table.has(key)) table.set(key, table.size)
  return table.get(key)!
}

/** An aggregated record as the format's own rules write it: tables in the order of first use. */
export function encodeByHand(
  records: { partitionKey: string; explicitHashKey?: string | undefined; data: Uint8Array }[]
): Buffer {
  const keys = new Map<string, number>()
  const hashKeys = new Map<string, number>()
  const wire = records.map(({ partitionKey, explicitHashKey, data }) => ({
    key: numberIn(keys, partitionKey),
    hashKey: explicitHashKey === undefined ? undefined : numberIn(hashKeys, explicitHashKey),
    data
  }))
  return aggregated({ keys: [...keys.keys()], hashKeys: [...hashKeys.keys()], records: wire })
}
