import { type Clock, Timer } from './clock'
import type { Progress } from './sdk-calls'

/** How one try to put a request ended. */
export type AttemptEnd =
  | { kind: 'answer'; answer: unknown }
  /** `left`: it may have reached Kinesis. */
  | { kind: 'error'; error: unknown; left: boolean }
  | { kind: 'timeout'; left: boolean }

/** What a time-out is to those who are told of errors. */
export function timeoutError(afterMs: number): Error {
  return Object.assign(new Error(`No answer within ${Math.round(afterMs)} ms`), { name: 'TimeoutError' })
}

/**
 * One try to put a request. It ends by the answer, by the client's error or by our own time, whatever `send` does, and
 * ends once.
 */
export class PutAttempt {
  readonly #progress: Progress = { begun: false, left: false, givenUp: false }
  readonly #controller = new AbortController()
  readonly #timer: Timer
  readonly #clock: Clock
  readonly #ended: (end: AttemptEnd) => void
  #over = false

  /** @param ended called once, never before {@link start} returns */
  constructor(clock: Clock, ended: (end: AttemptEnd) => void) {
    this.#clock = clock
    this.#ended = ended
    // Answers may wait in the sockets, after a frozen process or a blocked loop: a later turn has read them.
    this.#timer = new Timer(clock, () => this.#clock.nextTurn(() => this.#giveUp({ timedOut: true })))
  }

  /** Whether it may have reached Kinesis: certainly not, if the SDK began with it and did not hand it on. */
  get mayHaveLeft(): boolean {
    return !this.#progress.begun || this.#progress.left
  }

  start(send: (progress: Progress, signal: AbortSignal) => Promise<unknown>, timeoutMs: number): void {
    this.#timer.set(this.#clock.now() + timeoutMs)
    send(this.#progress, this.#controller.signal).then(
      answer => this.#end({ kind: 'answer', answer }),
      (error: unknown) => this.#end({ kind: 'error', error, left: this.mayHaveLeft })
    )
  }

  /** Ends it without telling; what has not left will not leave. */
  cancel(): void {
    this.#giveUp({ timedOut: false })
  }

  #giveUp({ timedOut }: { timedOut: boolean }): void {
    if (this.#over) return
    const left = this.mayHaveLeft
    this.#progress.givenUp = true
    if (timedOut) this.#end({ kind: 'timeout', left })
    this.#over = true
    this.#timer.clear()
    this.#controller.abort()
  }

  #end(end: AttemptEnd): void {
    if (this.#over) return
    this.#over = true
    this.#timer.clear()
    this.#ended(end)
  }
}
