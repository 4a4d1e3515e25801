import type { Found } from '../inputs/found'
import { StatusLine } from './status-line'
import { placeOf, printable } from '../inputs/text'

/** Milliseconds between two states of the progress line; also before the first, as most inputs are short. */
const PROGRESS_MS = 500

/** Standard error: problems, and a progress line on a terminal. */
export class Messages {
  /** Records that had something wrong with them. */
  problems = 0
  #read = 0
  #shownAt = Date.now()
  readonly #line: StatusLine

  /**
   * @param showsProgress standard error is a terminal, and the output does not go to it
   * @param total bytes of the input, if that is known
   */
  constructor(
    stream: NodeJS.WriteStream,
    private readonly showsProgress: boolean,
    private readonly total: number | undefined
  ) {
    this.#line = new StatusLine(stream, showsProgress)
  }

  /** Names a damaged record: its place in the input and what is wrong. */
  problem(found: Found, number: number, reason: string, sequenceNumber?: string): void {
    this.problems++
    const place = placeOf(number, found.offset, sequenceNumber)
    this.#line.say(`kinesis-agg: ${place}: ${printable(reason)}`)
  }

  /** Says what may not be as it was meant. */
  warn(text: string): void {
    this.#line.say(`kinesis-agg: warning: ${text}`)
  }

  /** To be called for each chunk of the input, with its bytes and the user records so far. */
  progress(bytes: number, userRecords: number): void {
    this.#read += bytes
    if (!this.showsProgress || Date.now() - this.#shownAt < PROGRESS_MS) return
    this.#shownAt = Date.now()
    const share = this.total
      ? ` of ${megabytes(this.total)} (${Math.floor((this.#read / this.total) * 100)} %)`
      : ''
    this.#line.show(`${megabytes(this.#read)}${share}, ${userRecords.toLocaleString('en')} user records`)
  }

  end(): void {
    this.#line.clear()
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
