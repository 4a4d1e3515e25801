import { printable } from '../inputs/text'
import type { Entry } from '../inspector/entry'
import { type Judged, sentenceOfOne } from '../inspector/sentence'
import { byId } from './dom'
import { Grid } from './grid'

/** What stands in the first row, for all records together. */
const ALL = 'all'

type Item = Judged | typeof ALL

/** The records of an input, if there are several. */
export class RecordList {
  readonly #grid: Grid<Item>

  /** @param onChoose gets nothing for all records together */
  constructor(onChoose: (entry: Entry | undefined) => void) {
    this.#grid = new Grid<Item>(
      'record-grid',
      'Kinesis records of the input',
      [
        { title: 'Record', name: 'number', text: item => (item === ALL ? 'All' : String(item.entry.number)) },
        { title: 'At byte', name: 'offset', text: item => (item === ALL ? '' : String(item.entry.offset)) },
        {
          title: 'Sequence number',
          name: 'sequence',
          text: item => (item === ALL ? '' : sequenceOf(item.entry))
        },
        {
          title: 'What it is',
          name: 'what',
          text: item => (item === ALL ? 'all records together' : printable(sentenceOfOne(item)))
        }
      ],
      item => onChoose(item === ALL ? undefined : item.entry),
      item => item !== ALL && isBad(item)
    )
    byId('records').append(this.#grid.element)
  }

  show(judged: readonly Judged[], chosen: Entry | undefined): void {
    byId('records').hidden = judged.length < 2
    this.#grid.show([ALL, ...judged], judged.findIndex(({ entry }) => entry === chosen) + 1)
  }
}

function sequenceOf(entry: Entry): string {
  return entry.kind === 'record' ? printable(entry.sequenceNumber) : ''
}

/** Damaged, or lost to KCL. */
function isBad({ entry, outcome }: Judged): boolean {
  return (
    entry.kind === 'problem' ||
    entry.fault !== undefined ||
    outcome?.kind === 'dropped' ||
    outcome?.kind === 'cut'
  )
}
