import { fit } from './text'

/** Clears the line that the cursor is in, and goes to its beginning. */
const CLEAR = '\r\x1b[K'

/** Of a terminal that does not tell its size. */
const USUAL_COLUMNS = 80

/** One line at the end of a terminal, written over again and again. Messages go above it. */
export class StatusLine {
  #isShown = false
  #isHeld = false

  /** @param stream whose columns are asked for again and again */
  constructor(
    private readonly stream: { write(text: string): unknown; columns?: number },
    private readonly isTerminal: boolean
  ) {}

  /** Shows a text instead of the present one. */
  show(text: string): void {
    if (!this.isTerminal || this.#isHeld) return
    this.clear()
    // The last column stays free: some terminals begin a new line there.
    this.stream.write(fit(text, (this.stream.columns || USUAL_COLUMNS) - 1))
    this.#isShown = true
  }

  /** Takes the text away. */
  clear(): void {
    if (this.#isShown) this.stream.write(CLEAR)
    this.#isShown = false
  }

  /** Takes the text away, and shows none until {@link release}: something else is written to the terminal. */
  hold(): void {
    this.clear()
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
  }

  /** Writes a line that stays. */
  say(line: string): void {
    this.clear()
    this.stream.write(`${line}\n`)
  }
}
