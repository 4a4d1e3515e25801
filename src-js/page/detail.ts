import { printable } from '../inputs/text'
import { hashKeyIn } from '../inspector/hash-keys'
import type { PastedShards } from '../inspector/pasted-shards'
import { type Row, shardOfRow } from '../inspector/rows'
import { sizeOf } from '../inspector/words'
import { dataView } from './data-view'
import { byId, el, fill } from './dom'

/**
 * Shows one user record.
 *
 * @param onBytes the reader wants to see where it is in the Kinesis record
 */
export function showDetail(row: Row, shards: PastedShards | undefined, onBytes: (row: Row) => void): void {
  const { record, entry } = row
  const name = record.aggregated ? `User record ${record.subSequenceNumber}` : 'Plain record'
  const items: [string, string][] = [
    ['Partition key', printable(record.partitionKey) || '(none)'],
    ['Hash key', hashKeyText(row)],
    ['Shard of its hash key', shardText(row, shards)],
    ['Size of its data', sizeOf(record.data.length)],
    ['Sequence number', printable(record.sequenceNumber) || '(not in the input)'],
    ['In', entry.name]
  ]
  const list = el('dl', { class: 'facts' })
  for (const [term, text] of items) list.append(el('dt', {}, term), el('dd', {}, text))
  const heading = el('h3', { tabIndex: -1 }, name)
  const button = el('button', { onclick: () => onBytes(row) }, 'Show its bytes')
  fill(byId('detail'), heading, list, button, dataView(record.data))
}

/** Sets the focus where the user record is. */
export function focusDetail(): void {
  byId('detail').querySelector<HTMLElement>('h3')?.focus()
}

function hashKeyText({ record }: Row): string {
  const { aggregated, explicitHashKey } = record
  if (!aggregated) return 'MD5 of the partition key, unless the record was put with an explicit one'
  const hashKey = hashKeyIn(record)
  if (hashKey === undefined) return `${printable(explicitHashKey!)} (explicit; no number)`
  return explicitHashKey === undefined
    ? `${hashKey} (MD5 of the partition key)`
    : `${printable(explicitHashKey)} (explicit)`
}

function shardText(row: Row, shards: PastedShards | undefined): string {
  if (!row.record.aggregated) return row.entry.shardId ?? 'unknown'
  if (shards === undefined) return "unknown until you paste ListShards' answer"
  return shardOfRow(row, shards) ?? 'none'
}
