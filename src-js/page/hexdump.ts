import type { Buffer } from 'node:buffer'
import type { Cost } from '../inspector/costs'
import type { Part } from '../inspector/parts'
import { el, fill } from './dom'
import { KINDS } from './kinds'
import { VirtualList } from './virtual-list'

const ROW_HEIGHT = 22

/** Pixels below which a row has half of the bytes. */
const NARROW = 620

/** Bytes in hexadecimal and as ASCII, coloured by what they are. */
export class Hexdump {
  readonly element: HTMLElement
  readonly #list: VirtualList
  #bytes!: Buffer
  #parts: readonly Part[] = []
  #fault: number | undefined
  #columns = 16

  constructor(label: string) {
    const body = el('div', { class: 'body' })
    this.element = el('div', { class: 'hexdump', tabIndex: 0, role: 'region', 'aria-label': label }, body)
    this.#list = new VirtualList(this.element, body, ROW_HEIGHT, row => this.#render(row))
    new ResizeObserver(() => this.#fit()).observe(this.element)
  }

  /**
   * @param parts in order, without gaps; none for bytes of one colour
   * @param fault a byte to mark
   */
  show(bytes: Buffer, parts: readonly Part[] = [], fault?: number): void {
    this.#bytes = bytes
    this.#parts = parts
    this.#fault = fault
    this.#list.show(Math.ceil(bytes.length / this.#columns))
  }

  /** Scrolls to a byte. */
  reveal(at: number): void {
    this.#list.reveal(Math.floor(at / this.#columns))
  }

  #fit(): void {
    const columns = this.element.clientWidth < NARROW ? 8 : 16
    if (columns === this.#columns || this.#bytes === undefined) return
    this.#columns = columns
    this.element.classList.toggle('narrow', columns === 8)
    this.#list.show(Math.ceil(this.#bytes.length / columns))
  }

  #render(row: number): HTMLElement {
    const start = row * this.#columns
    const bytes = this.#bytes.subarray(start, start + this.#columns)
    const line = el('div', { class: 'line' }, el('span', { class: 'offset' }, String(start)))
    const hex = el('span', { class: 'hex' })
    let index = this.#partAt(start)
    let run: HTMLElement | undefined
    for (const [i, byte] of bytes.entries()) {
      const at = start + i
      while (index < this.#parts.length && this.#parts[index]!.end <= at) index++
      const part = this.#parts[index]
      const name = part === undefined ? '' : nameAt(part, at)
      if (run === undefined || run.title !== name || at === this.#fault || at - 1 === this.#fault) {
        const kind = part === undefined ? 'none' : kindAt(part, at)
        run = el('span', { class: `k-${kind}${at === this.#fault ? ' fault' : ''}`, title: name })
        hex.append(run)
      }
      run.append(`${byte.toString(16).padStart(2, '0')} `)
    }
    const ascii = Array.from(bytes, byte => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'))
    line.append(hex, el('span', { class: 'ascii' }, ascii.join('')))
    return line
  }

  /** The first part that ends behind a byte. */
  #partAt(at: number): number {
    let low = 0
    let high = this.#parts.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#parts[middle]!.end <= at) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** A user record's data is told apart from what is around it. */
export function kindAt({ kind, contentStart, contentEnd }: Part, at: number): Cost['kind'] {
  return kind === 'record' && at >= contentStart && at < contentEnd ? 'data' : kind
}

function nameAt(part: Part, at: number): string {
  const { name } = KINDS[kindAt(part, at)]
  const { kind, position } = part
  if (kind === 'record') return `user record ${position}: ${name.toLowerCase()}`
  return kind === 'key' || kind === 'hashKey' ? `${name.toLowerCase()}: number ${position}` : name
}

/** Bytes alone, for what has no other form. */
export function hexOf(bytes: Buffer, label: string): HTMLElement {
  const dump = new Hexdump(label)
  const box = el('div')
  fill(box, dump.element)
  dump.show(bytes)
  return box
}
