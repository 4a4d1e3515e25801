import { type Cost, costsOf } from '../inspector/costs'
import type { KinesisEntry } from '../inspector/entry'
import { type Part, partsOf } from '../inspector/parts'
import { countOf, numberText, sizeOf } from '../inspector/words'
import { byId, el, fill } from './dom'
import { Hexdump, kindAt } from './hexdump'
import { KINDS } from './kinds'

const SVG = 'http://www.w3.org/2000/svg'

/** Columns of the strip: no screen shows more. */
const COLUMNS = 1000

/** The bytes of one Kinesis record: a strip of all of them, what costs how much, and each byte. */
export class ByteMap {
  readonly #dump = new Hexdump('Bytes of the Kinesis record')
  #parts: Part[] = []

  constructor() {
    byId('dump').append(this.#dump.element)
  }

  show(entry: KinesisEntry): void {
    const { bytes, fault } = entry
    this.#parts = partsOf(bytes)
    const costs = costsOf(this.#parts)
    const faultAt = fault?.malformed?.at
    fill(byId('strip'), this.#strip(bytes.length, costs, faultAt))
    fill(byId('costs'), ...costs.map(cost => this.#costRow(cost, bytes.length)))
    fill(byId('damage'), ...damageOf(entry, at => this.#dump.reveal(at)))
    this.#dump.show(bytes, this.#parts, faultAt)
  }

  /** Scrolls to the bytes of a user record. */
  reveal(position: number): void {
    const part = this.#parts.find(({ kind, position: own }) => kind === 'record' && own === position)
    if (part === undefined) return
    this.#dump.reveal(part.start)
    this.#dump.element.focus()
  }

  #costRow(cost: Cost, total: number): HTMLElement {
    const { name, meaning } = KINDS[cost.kind]
    const go = el('button', { class: 'link', onclick: () => this.#goTo(cost.kind) }, name)
    return el(
      'tr',
      {},
      el('th', { class: `k-${cost.kind}` }, go),
      el('td', { class: 'number' }, COUNTED.has(cost.kind) ? numberText(cost.count) : ''),
      el('td', { class: 'number' }, numberText(cost.bytes)),
      el('td', { class: 'number' }, `${((cost.bytes / total) * 100).toFixed(1)} %`),
      el('td', { class: 'meaning' }, meaning)
    )
  }

  #goTo(kind: Cost['kind']): void {
    const part = this.#parts.find(one =>
      kind === 'data' ? one.contentEnd > one.contentStart && one.kind === 'record' : one.kind === kind
    )
    if (part === undefined) return
    this.#dump.reveal(kind === 'data' ? part.contentStart : part.start)
    this.#dump.element.focus()
  }

  /** Each column has the colour of the byte in its middle; neighbours of one colour are one rectangle. */
  #strip(total: number, costs: readonly Cost[], fault: number | undefined): Element {
    const svg = document.createElementNS(SVG, 'svg')
    svg.setAttribute('viewBox', `0 0 ${COLUMNS} 24`)
    svg.setAttribute('preserveAspectRatio', 'none')
    svg.setAttribute('role', 'img')
    const told = costs.map(({ kind, bytes }) => `${KINDS[kind].name} ${numberText(bytes)}`).join(', ')
    svg.setAttribute('aria-label', `${countOf(total, 'byte')}: ${told}`)
    const columns = Math.min(COLUMNS, total)
    let index = 0
    let from = 0
    let before = ''
    const end = (column: number): void => {
      if (column > from) svg.append(rectangle(before, from, column, columns))
      from = column
    }
    for (let column = 0; column < columns; column++) {
      const at = Math.floor(((column + 0.5) * total) / columns)
      while (this.#parts[index]!.end <= at) index++
      const part = this.#parts[index]!
      // Records side by side are told apart by their shade.
      const name = `k-${kindAt(part, at)}${part.position % 2 === 1 ? ' odd' : ''}`
      if (name !== before) end(column)
      before = name
    }
    end(columns)
    if (fault !== undefined) {
      const column = Math.min(columns - 1, Math.floor((fault * columns) / total))
      svg.append(rectangle('mark', column, column + 1, columns))
    }
    svg.addEventListener('click', event => {
      const { left, width } = svg.getBoundingClientRect()
      this.#dump.reveal(Math.floor(((event.clientX - left) / width) * total))
    })
    return svg
  }
}

/** Kinds of which there may be several. */
const COUNTED = new Set<Cost['kind']>(['key', 'hashKey', 'data', 'record', 'unknown'])

function rectangle(name: string, from: number, to: number, columns: number): SVGRectElement {
  const rect = document.createElementNS(SVG, 'rect')
  rect.setAttribute('class', name)
  rect.setAttribute('x', String((from / columns) * COLUMNS))
  rect.setAttribute('width', String(((to - from) / columns) * COLUMNS))
  rect.setAttribute('height', '24')
  return rect
}

/** Unreadable user records that are named one by one. */
const UNREADABLE = 20

/** What is wrong with the bytes, and where. */
function damageOf(
  { bytes, checksum, fault, unreadable }: KinesisEntry,
  reveal: (at: number) => void
): HTMLElement[] {
  const lines: HTMLElement[] = []
  if (checksum !== undefined) {
    const isGood = checksum.found === checksum.computed
    lines.push(
      el('dt', {}, 'Checksum in the record'),
      el('dd', { class: isGood ? 'good' : 'bad' }, checksum.found),
      el('dt', {}, 'Checksum computed'),
      el(
        'dd',
        { class: isGood ? 'good' : 'bad' },
        `${checksum.computed} ${isGood ? '(the same: good)' : '(another: bytes are damaged)'}`
      )
    )
  }
  const malformed = fault?.malformed
  if (malformed !== undefined) {
    const go = el('button', { class: 'link', onclick: () => reveal(malformed.at) }, `byte ${malformed.at}`)
    lines.push(
      el('dt', {}, 'Cannot be read at'),
      el(
        'dd',
        { class: 'bad' },
        go,
        ` of ${sizeOf(bytes.length)}: ERR_MALFORMED_RECORD: ${malformed.message}`
      )
    )
  }
  if (fault !== undefined && fault.message !== malformed?.message) {
    lines.push(el('dt', {}, 'Error'), el('dd', { class: 'bad' }, `${fault.code}: ${fault.message}`))
  }
  for (const { position, message } of unreadable.slice(0, UNREADABLE)) {
    lines.push(el('dt', {}, `User record ${position}`), el('dd', { class: 'bad' }, message))
  }
  return lines
}
