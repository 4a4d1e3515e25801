import { jsonLine } from '../inputs/json-row'
import { printable } from '../inputs/text'
import { hashKeyIn } from '../inspector/hash-keys'
import type { PastedShards } from '../inspector/pasted-shards'
import type { Judged } from '../inspector/sentence'
import { type Row, previewOf, rowsOf, search, shardOfRow } from '../inspector/rows'
import { countOf, numberText } from '../inspector/words'
import { focusDetail, showDetail } from './detail'
import { byId, fill } from './dom'
import { type Column, Grid } from './grid'

/** Milliseconds after the last key within which a search begins. */
const TYPING_MS = 150

/** The user records, a search in them, and the one that is chosen. */
export class UserTable {
  readonly #grid: Grid<Row>
  #rows: readonly Row[] = []
  #found: readonly Row[] = []
  #shards: PastedShards | undefined
  #typing: ReturnType<typeof setTimeout> | undefined

  /** @param onBytes the reader wants to see where a user record is */
  constructor(private readonly onBytes: (row: Row) => void) {
    const columns: Column<Row>[] = [
      { title: 'In', name: 'number', text: ({ entry }) => String(entry.number) },
      {
        title: 'Position',
        name: 'position',
        text: ({ record }) => (record.aggregated ? String(record.subSequenceNumber) : '–')
      },
      { title: 'Partition key', name: 'key', text: ({ record }) => printable(record.partitionKey) },
      {
        title: 'Hash key',
        name: 'hash',
        text: ({ record }) =>
          record.aggregated ? String(hashKeyIn(record) ?? printable(record.explicitHashKey!)) : '–'
      },
      { title: 'Shard', name: 'shard', text: row => this.#shardText(row) },
      { title: 'Size', name: 'size', text: ({ record }) => numberText(record.data.length) },
      { title: 'Data', name: 'what', text: ({ record }) => previewOf(record) }
    ]
    const onSelect = (row: Row, isOpened: boolean): void => {
      this.#showDetail(row)
      if (isOpened) focusDetail()
    }
    this.#grid = new Grid<Row>('user-grid', 'User records', columns, onSelect, row => row.isOutside)
    byId('user-table').append(this.#grid.element)
    byId<HTMLInputElement>('search').addEventListener('input', () => {
      clearTimeout(this.#typing)
      this.#typing = setTimeout(() => this.#search(), TYPING_MS)
    })
    byId('save').addEventListener('click', () => save(this.#found.map(({ record }) => jsonLine(record))))
  }

  /** @param isMany the input has several records, so that each row names its own */
  show(judged: readonly Judged[], shards: PastedShards | undefined, isMany: boolean): void {
    this.#rows = rowsOf(judged)
    this.#shards = shards
    this.#grid.element.classList.toggle('many', isMany)
    this.#grid.element.classList.toggle('no-shards', shards === undefined)
    byId('users').hidden = this.#rows.length === 0
    this.#search()
  }

  #search(): void {
    this.#found = search(this.#rows, byId<HTMLInputElement>('search').value)
    const { length } = this.#found
    byId('found').textContent =
      length === this.#rows.length
        ? countOf(length, 'user record')
        : `${numberText(length)} of ${countOf(this.#rows.length, 'user record')}`
    byId<HTMLButtonElement>('save').disabled = length === 0
    // The one that explains most.
    const first = Math.max(
      0,
      this.#found.findIndex(({ isOutside }) => isOutside)
    )
    this.#grid.show(this.#found, first)
    if (length === 0) fill(byId('detail'))
    else this.#showDetail(this.#found[first]!)
  }

  /** Ids are long, and differ at their end. */
  #shardText(row: Row): string {
    const shardId = shardOfRow(row, this.#shards)
    if (shardId === undefined) return '–'
    return printable(shardId).replace(/^shardId-0*(?=\d)/, '…') + (row.isOutside ? ' (other)' : '')
  }

  #showDetail(row: Row): void {
    showDetail(row, this.#shards, this.onBytes)
  }
}

/** Milliseconds after which a browser has surely begun to save. */
const SAVED_MS = 60_000

function save(lines: string[]): void {
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'user-records.ndjson'
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), SAVED_MS)
}
