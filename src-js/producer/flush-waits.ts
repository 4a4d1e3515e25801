import { IncompleteError, MAX_ERRORS, type PutError } from './errors'

/** Failures of written records: how many, and the first of them. */
interface Failures {
  failed: number
  errors: PutError[]
}

interface Wait extends Failures {
  /** Of one stream, or of all. */
  stream: object | undefined
  /** Records accepted from here on do not count. */
  before: number
  left: number
  delivered: number
  check(): void
}

/** The calls of `flush` and `close` that wait, each for the records that were accepted before it. */
export class FlushWaits {
  readonly #waits = new Set<Wait>()
  /** Failures that nobody was told of. */
  readonly #untold = new Map<object, Failures>()
  readonly #mayEnd: () => boolean

  /** @param mayEnd no failure is still to be told */
  constructor(mayEnd: () => boolean) {
    this.#mayEnd = mayEnd
  }

  get isEmpty(): boolean {
    return this.#waits.size === 0
  }

  /** Whether somebody waits for records of a stream. */
  hurry(stream: object): boolean {
    for (const wait of this.#waits) if (wait.stream === undefined || wait.stream === stream) return true
    return false
  }

  /**
   * Waits until each of `left` records is settled.
   *
   * @throws IncompleteError `ERR_FLUSH_INCOMPLETE`
   */
  async wait(stream: object | undefined, before: number, left: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    const { failed, errors } = this.#takeUntold(stream)
    const wait: Wait = { stream, before, left, delivered: 0, failed, errors, check: () => {} }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waits.delete(wait)
        // It did not tell them.
        if (wait.failed > 0) this.#keep(stream ?? this, wait)
        reject(signal!.reason as Error)
      }
      wait.check = () => {
        if (wait.left > 0 || !this.#mayEnd()) return
        this.#waits.delete(wait)
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      this.#waits.add(wait)
      signal?.addEventListener('abort', abort, { once: true })
      wait.check()
    })
    if (wait.failed > 0) {
      throw new IncompleteError('ERR_FLUSH_INCOMPLETE', wait.delivered, wait.failed, wait.errors)
    }
  }

  settled(stream: object, sequence: number, delivered: boolean): void {
    for (const wait of this.#waits) {
      if (sequence >= wait.before || (wait.stream !== undefined && wait.stream !== stream)) continue
      wait.left--
      if (delivered) wait.delivered++
    }
  }

  /**
   * A written record failed.
   *
   * @param sequence of a record that was accepted
   * @returns whether somebody waits for it
   */
  failed(stream: object, sequence: number | undefined, error: PutError): boolean {
    let waited = false
    for (const wait of this.#waits) {
      if (sequence === undefined || sequence >= wait.before) continue
      if (wait.stream !== undefined && wait.stream !== stream) continue
      add(wait, error)
      waited = true
    }
    return waited
  }

  /** A written record failed, and nobody listens. */
  keepUntold(stream: object, error: PutError): void {
    const untold = this.#untold.get(stream) ?? { failed: 0, errors: [] }
    this.#untold.set(stream, untold)
    add(untold, error)
  }

  /** Ends the waits that have nothing to wait for any more. */
  check(): void {
    for (const wait of Array.from(this.#waits)) wait.check()
  }

  #takeUntold(stream: object | undefined): Failures {
    const all: Failures = { failed: 0, errors: [] }
    for (const [of, { failed, errors }] of this.#untold) {
      if (stream !== undefined && of !== stream) continue
      all.failed += failed
      all.errors.push(...errors)
      this.#untold.delete(of)
    }
    all.errors.length = Math.min(MAX_ERRORS, all.errors.length)
    return all
  }

  #keep(stream: object, { failed, errors }: Failures): void {
    for (const error of errors) this.keepUntold(stream, error)
    this.#untold.get(stream)!.failed += failed - errors.length
  }
}

function add(failures: Failures, error: PutError): void {
  failures.failed++
  if (failures.errors.length < MAX_ERRORS) failures.errors.push(error)
}
