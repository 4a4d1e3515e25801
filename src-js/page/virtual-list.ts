/** Browsers draw nothing behind some 17 million pixels; longer lists scroll faster. */
const MAX_PIXELS = 10_000_000

/** Rows that are there above and below those that can be seen. */
const SPARE_ROWS = 6

/** Rows of one height, of which only those exist that can be seen. */
export class VirtualList {
  #count = 0
  #frame = 0
  /** How much is scrolled in rows for one pixel more than its own. */
  #scale = 1

  /**
   * @param scroller has a height, and scrolls
   * @param body is in it, and gets the rows
   * @param rowHeight pixels
   * @param render the row with a number
   */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly body: HTMLElement,
    private readonly rowHeight: number,
    private readonly render: (row: number) => HTMLElement
  ) {
    scroller.addEventListener('scroll', () => this.#schedule(), { passive: true })
    new ResizeObserver(() => this.#schedule()).observe(scroller)
  }

  get count(): number {
    return this.#count
  }

  /** Rows that fit into what can be seen. */
  get page(): number {
    return Math.max(1, Math.floor(this.scroller.clientHeight / this.rowHeight) - 1)
  }

  /** Other rows, from the first one on. */
  show(count: number): void {
    this.#count = count
    const height = count * this.rowHeight
    this.#scale = Math.max(1, height / MAX_PIXELS)
    this.body.style.height = `${height / this.#scale}px`
    this.scroller.scrollTop = 0
    this.draw()
  }

  /** Brings a row into what can be seen. */
  reveal(row: number): void {
    const { scrollTop, clientHeight } = this.scroller
    const top = (row * this.rowHeight) / this.#scale
    const room = clientHeight - this.body.offsetTop - this.rowHeight
    if (top < scrollTop) this.scroller.scrollTop = top
    else if (top > scrollTop + room) this.scroller.scrollTop = top - room
    this.draw()
  }

  /** Makes what can be seen anew. */
  draw(): void {
    const { scrollTop, clientHeight } = this.scroller
    const top = scrollTop * this.#scale
    const first = Math.max(0, Math.floor(top / this.rowHeight) - SPARE_ROWS)
    const last = Math.min(this.#count, Math.ceil((top + clientHeight) / this.rowHeight) + SPARE_ROWS)
    const rows: HTMLElement[] = []
    for (let row = first; row < last; row++) {
      const element = this.render(row)
      element.style.top = `${row * this.rowHeight - top + scrollTop}px`
      rows.push(element)
    }
    this.body.replaceChildren(...rows)
  }

  #schedule(): void {
    if (this.#frame !== 0) return
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      this.draw()
    })
  }
}
