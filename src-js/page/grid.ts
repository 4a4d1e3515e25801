import { el } from './dom'
import { VirtualList } from './virtual-list'

export interface Column<T> {
  readonly title: string
  /** Also the class of its cells. */
  readonly name: string
  readonly text: (item: T) => string
}

const ROW_HEIGHT = 28

/** A table of any length: arrow keys, Home, End and the page keys move through it, Enter opens a row. */
export class Grid<T> {
  readonly element: HTMLElement
  readonly #list: VirtualList
  readonly #id: string
  #items: readonly T[] = []
  #selected = 0

  /**
   * @param id of the element
   * @param onSelect a row was chosen; `isOpened` if the reader wants to go there
   * @param isMarked something is wrong with it
   */
  constructor(
    id: string,
    label: string,
    private readonly columns: readonly Column<T>[],
    private readonly onSelect: (item: T, isOpened: boolean) => void,
    private readonly isMarked: (item: T) => boolean
  ) {
    this.#id = id
    const titles = columns.map(({ title, name }) =>
      el('div', { role: 'columnheader', class: `cell ${name}` }, title)
    )
    const head = el('div', { role: 'row', class: 'row head', 'aria-rowindex': 1 }, ...titles)
    const body = el('div', { role: 'rowgroup', class: 'body' })
    this.element = el(
      'div',
      {
        id,
        role: 'grid',
        class: 'grid',
        tabIndex: 0,
        'aria-label': label,
        'aria-colcount': columns.length
      },
      head,
      body
    )
    this.#list = new VirtualList(this.element, body, ROW_HEIGHT, row => this.#render(row))
    this.element.addEventListener('keydown', event => this.#onKey(event))
    body.addEventListener('click', event => {
      const row = (event.target as Element).closest<HTMLElement>('[aria-rowindex]')
      if (row !== null) this.#select(Number(row.getAttribute('aria-rowindex')) - 2, false)
    })
  }

  /** Other rows. */
  show(items: readonly T[], selected = 0): void {
    this.#items = items
    this.#selected = selected
    this.element.setAttribute('aria-rowcount', String(items.length + 1))
    this.#list.show(items.length)
    this.#mark()
    if (selected > 0) this.#list.reveal(selected)
  }

  /** Draws the rows again, as what their columns say has changed. */
  refresh(): void {
    this.#list.draw()
  }

  #mark(): void {
    if (this.#items.length === 0) this.element.removeAttribute('aria-activedescendant')
    else this.element.setAttribute('aria-activedescendant', `${this.#id}-${this.#selected}`)
  }

  #render(row: number): HTMLElement {
    const item = this.#items[row]!
    const cells = this.columns.map(({ name, text }) =>
      el('div', { role: 'gridcell', class: `cell ${name}` }, text(item))
    )
    const properties = {
      role: 'row',
      class: this.isMarked(item) ? 'row marked' : 'row',
      id: `${this.#id}-${row}`,
      'aria-rowindex': row + 2,
      'aria-selected': row === this.#selected
    }
    return el('div', properties, ...cells)
  }

  #select(row: number, isOpened: boolean): void {
    const item = this.#items[row]
    if (item === undefined) return
    this.#selected = row
    this.#list.reveal(row)
    this.#mark()
    this.onSelect(item, isOpened)
  }

  #onKey(event: KeyboardEvent): void {
    const last = this.#items.length - 1
    const steps: Record<string, number> = {
      ArrowDown: this.#selected + 1,
      ArrowUp: this.#selected - 1,
      PageDown: this.#selected + this.#list.page,
      PageUp: this.#selected - this.#list.page,
      Home: 0,
      End: last,
      Enter: this.#selected
    }
    const next = steps[event.key]
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    this.#select(Math.min(Math.max(next, 0), last), event.key === 'Enter')
  }
}
