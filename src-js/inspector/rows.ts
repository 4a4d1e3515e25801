import type { DeaggregatedRecord } from '../index'
import { printable, textOf } from '../inputs/text'
import type { KinesisEntry } from './entry'
import { hashKeyIn } from './hash-keys'
import type { PastedShards } from './pasted-shards'
import type { Judged } from './sentence'

/** A user record in the table. */
export interface Row {
  readonly entry: KinesisEntry
  readonly record: DeaggregatedRecord
  /** It belongs to another shard, so that KCL drops it and all that are packed with it. */
  readonly isOutside: boolean
}

export function rowsOf(judged: readonly Judged[]): Row[] {
  return judged.flatMap(({ entry, outcome }) => {
    if (entry.kind === 'problem') return []
    const outside = new Set(outcome?.kind === 'dropped' ? outcome.outside : [])
    return entry.userRecords.map(record => ({
      entry,
      record,
      isOutside: outside.has(record.subSequenceNumber)
    }))
  })
}

/** Where a user record belongs, by its hash key. A plain record may have been put with a hash key that is not in it. */
export function shardOfRow({ record }: Row, shards: PastedShards | undefined): string | undefined {
  if (!record.aggregated) return undefined
  const hashKey = hashKeyIn(record)
  return hashKey === undefined ? undefined : shards?.openShardOf(hashKey)?.shardId
}

/** Those that have a text in a key or in their data, in capitals or not. */
export function search(rows: readonly Row[], text: string): readonly Row[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return rows
  return rows.filter(({ record }) =>
    [record.partitionKey, record.explicitHashKey ?? '', textOf(record.data) ?? ''].some(part =>
      part.toLowerCase().includes(wanted)
    )
  )
}

/** Bytes of data that are looked at for one line. */
const PREVIEW_BYTES = 400

/** The beginning of data on one line: as text, or in hexadecimal. */
export function previewOf({ data }: DeaggregatedRecord): string {
  const head = data.subarray(0, PREVIEW_BYTES)
  const isAll = head.length === data.length
  const text = isAll ? textOf(head) : textOf(head.subarray(0, wholeCharacters(head)))
  if (text !== undefined) return printable(text) + (isAll ? '' : '…')
  const bytes = head.subarray(0, PREVIEW_BYTES / 4)
  const hex = bytes.toString('hex').replace(/..(?!$)/g, '$& ')
  return `0x ${hex}${bytes.length === data.length ? '' : '…'}`
}

/** Where the last whole character of UTF-8 ends. */
function wholeCharacters(bytes: Uint8Array): number {
  let at = bytes.length - 1
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}
