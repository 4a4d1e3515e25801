import { Buffer } from 'node:buffer'
import { MAX_BYTES } from '../inputs/found'
import { printable } from '../inputs/text'
import type { Entry, KinesisEntry } from '../inspector/entry'
import { explain } from '../inspector/explain'
import { outcomeOf } from '../inspector/kcl'
import { PastedShards } from '../inspector/pasted-shards'
import { type Inspection, readInput } from '../inspector/read-input'
import { type Judged, sentenceOf, sentenceOfOne } from '../inspector/sentence'
import { sizeOf } from '../inspector/words'
import { ByteMap } from './byte-map'
import { byId, el, fill } from './dom'
import { RecordList } from './record-list'
import { UserTable } from './user-table'

/** Characters that a field shows; longer inputs are only named. */
const FIELD_LENGTH = 200_000

/** An input: what a reader pasted or dropped, what the page came with, or what stands in its address. */
export interface Source {
  readonly name: string
  readonly bytes: Buffer
}

/** The page: an input, the shards, and what is chosen. */
export class App {
  #inspection!: Inspection
  #judged: readonly Judged[] = []
  #shards: PastedShards | undefined
  /** All records, or one of them. */
  #chosen: Entry | undefined
  readonly #records = new RecordList(entry => this.#choose(entry))
  readonly #table = new UserTable(row => this.#showBytes(row.entry, row.record.subSequenceNumber))
  readonly #bytes = new ByteMap()

  constructor() {
    byId<HTMLSelectElement>('read-from').addEventListener('change', () => this.#judge())
    byId('copy').addEventListener('click', () => void this.#copy())
  }

  /** Another input. */
  open({ name, bytes }: Source): void {
    byId('source').textContent = name === '' ? '' : `${printable(name)}, ${sizeOf(bytes.length)}`
    this.#inspection =
      bytes.length > MAX_BYTES
        ? {
            entries: [],
            warnings: [],
            refusal: `the page reads at most ${sizeOf(MAX_BYTES)}; use "kinesis-agg decode"`
          }
        : readInput(bytes)
    const { entries, warnings } = this.#inspection
    fill(byId('warnings'), ...warnings.map(text => el('li', {}, printable(text))))
    this.#chosen = entries.length === 1 ? entries[0] : undefined
    this.#judge()
  }

  /** What of an input a field shows. */
  static fieldText(bytes: Buffer): string {
    const text = bytes.length <= FIELD_LENGTH ? bytes.toString() : ''
    return text.includes('\ufffd') || text.includes('\0') ? '' : text
  }

  /** Another answer of ListShards; empty text takes it away. */
  setShards(text: string): void {
    const problem = byId('shards-problem')
    problem.textContent = ''
    this.#shards = undefined
    if (text.trim() !== '') {
      try {
        this.#shards = PastedShards.parse(text)
      } catch (error) {
        problem.textContent = `This is not ListShards' answer: ${printable((error as Error).message)}`
      }
    }
    const options = (this.#shards?.all ?? []).map(({ shardId, isClosed }) => {
      const option = el('option', {}, `${printable(shardId)}${isClosed ? ' (closed)' : ''}`)
      option.value = shardId
      return option
    })
    const none = el('option', {}, 'not known')
    none.value = ''
    fill(byId('read-from'), none, ...options)
    if (this.#inspection !== undefined) this.#judge()
  }

  /** Asks again what KCL makes of each record. */
  #judge(): void {
    const readFrom = byId<HTMLSelectElement>('read-from').value || undefined
    const { entries } = this.#inspection
    this.#judged = entries.map(entry => ({
      entry,
      outcome: entry.kind === 'record' ? outcomeOf(entry, this.#shards, readFrom) : undefined
    }))
    const asksShard =
      this.#shards !== undefined &&
      entries.some(entry => entry.kind === 'record' && entry.isAggregated && entry.shardId === undefined)
    byId('read-from-row').hidden = !asksShard
    this.#records.show(this.#judged, this.#chosen)
    this.#show()
  }

  #choose(entry: Entry | undefined): void {
    this.#chosen = entry
    this.#show()
  }

  #show(): void {
    const chosen = this.#chosen
    const one = this.#judged.find(({ entry }) => entry === chosen)
    byId('sentence').textContent = printable(sentenceOf(this.#inspection, this.#judged))
    byId('copied').textContent = ''
    fill(byId('why'), ...this.#why(one).map(text => el('p', {}, printable(text))))
    this.#table.show(one === undefined ? this.#judged : [one], this.#shards, this.#judged.length > 1)
    byId('bytes').hidden = chosen?.kind !== 'record' || chosen.bytes.length === 0
    if (chosen?.kind === 'record' && chosen.bytes.length > 0) this.#bytes.show(chosen)
  }

  /** Of several records, the explanation is that of the first one that is lost, damaged or packed. */
  #why(chosen: Judged | undefined): string[] {
    const [first] = this.#judged.toSorted((a, b) => interestOf(b) - interestOf(a))
    const one = chosen ?? first
    if (one === undefined || one.entry.kind === 'problem') return []
    const own = this.#judged.length > 1 ? [`Record ${one.entry.number}: ${sentenceOfOne(one)}`] : []
    return [...own, ...explain(one.entry, one.outcome!, this.#shards)]
  }

  #showBytes(entry: KinesisEntry, position: number): void {
    if (this.#chosen !== entry) {
      this.#chosen = entry
      this.#records.show(this.#judged, entry)
      this.#show()
    }
    this.#bytes.reveal(position)
  }

  async #copy(): Promise<void> {
    const sentence = byId('sentence')
    try {
      await navigator.clipboard.writeText(sentence.textContent)
      byId('copied').textContent = 'Copied.'
    } catch {
      getSelection()?.selectAllChildren(sentence)
      byId('copied').textContent = 'Selected; copy it with Ctrl-C.'
    }
  }
}

/** How much there is to explain. */
function interestOf({ entry, outcome }: Judged): number {
  if (entry.kind === 'problem') return 0
  if (outcome?.kind === 'dropped' || outcome?.kind === 'cut') return 4
  return entry.fault === undefined ? (entry.isAggregated ? 2 : 1) : 3
}
