import { native } from '../native/loader'

/** Ranges of hash keys for the native half. */
export type ShardTable = ReturnType<typeof native.shardTable>

/** @param starts the first hash keys of ranges that follow each other: 0, then ever higher ones */
export function shardTable(starts: readonly bigint[]): ShardTable {
  const bytes = new DataView(new ArrayBuffer(starts.length * 16))
  for (const [i, start] of starts.entries()) {
    bytes.setBigUint64(i * 16, start >> 64n)
    bytes.setBigUint64(i * 16 + 8, start & 0xffff_ffff_ffff_ffffn)
  }
  return native.shardTable(new Uint8Array(bytes.buffer))
}

/** The position of the range that a record belongs to; -1 if its explicit hash key is none. */
export function positionOf(
  table: ShardTable,
  partitionKey: string,
  explicitHashKey: string | undefined
): number {
  return explicitHashKey === undefined
    ? native.shardOfKey(table, partitionKey)
    : native.shardOfHashKey(table, explicitHashKey)
}
