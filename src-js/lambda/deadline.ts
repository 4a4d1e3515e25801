import { invalidArgument } from '../errors'
import type { LambdaContext } from './types'

/** Before Lambda's own time-out, in milliseconds. */
const DEFAULT_RESERVE_MS = 500
/** The longest that Node's timers wait. */
const MAX_DELAY_MS = 2 ** 31 - 1
/** The longest that handlers which never wait keep timers, and with them an AbortSignal.timeout(), from running. */
const BREATHE_EVERY_MS = 10

/** When to stop: what `context`, `reserveMs` and `signal` of the options say. */
export class Deadline {
  readonly #context: LambdaContext | undefined
  readonly #reserveMs: number
  readonly #signal: AbortSignal | undefined
  #timer: NodeJS.Timeout | undefined
  #onPassed: (() => void) | undefined
  #lastBreath = performance.now()

  /** @throws TypeError `ERR_INVALID_ARG_TYPE` */
  constructor(context: unknown, reserveMs: unknown, signal: unknown) {
    if (context !== undefined && !isContext(context)) {
      throw invalidArgument('options.context', 'the context that Lambda hands a function', context)
    }
    if (
      reserveMs !== undefined &&
      !(typeof reserveMs === 'number' && reserveMs >= 0 && reserveMs < Infinity)
    ) {
      throw invalidArgument('options.reserveMs', 'milliseconds, from 0', reserveMs)
    }
    if (signal !== undefined && !isSignal(signal)) {
      throw invalidArgument('options.signal', 'an AbortSignal', signal)
    }
    this.#context = context
    this.#reserveMs = reserveMs ?? DEFAULT_RESERVE_MS
    this.#signal = signal
  }

  /** Calls `onPassed` once, unless {@link dispose} comes first: by a timer, so handlers that never wait put it off. */
  watch(onPassed: () => void): void {
    this.#onPassed = onPassed
    this.#signal?.addEventListener('abort', onPassed)
    if (this.#signal?.aborted === true) setImmediate(onPassed)
    if (this.#context !== undefined) this.#schedule(this.#context)
  }

  /** Reads the clock. */
  hasPassed(): boolean {
    if (this.#signal?.aborted === true) return true
    return this.#context !== undefined && this.#context.getRemainingTimeInMillis() <= this.#reserveMs
  }

  /** A turn for timers and I/O, if a signal (or `somebody` else) may need it and none was given for a while. */
  breathe(somebody: boolean): Promise<void> | undefined {
    if ((!somebody && this.#signal === undefined) || performance.now() - this.#lastBreath < BREATHE_EVERY_MS)
      return undefined
    return new Promise(resolve => {
      setImmediate(() => {
        this.#lastBreath = performance.now()
        resolve()
      })
    })
  }

  /** Resolves with `report`, or when most of the reserve is used up: the answer needs a moment too. */
  async whileTimeIsLeft(report: Promise<unknown>): Promise<void> {
    if (this.#context === undefined) {
      await report
      return
    }
    const left = this.#context.getRemainingTimeInMillis() - this.#reserveMs / 10
    let timer: NodeJS.Timeout | undefined
    const timeIsUp = new Promise(resolve => {
      timer = setTimeout(resolve, Math.min(Math.max(left, 1), MAX_DELAY_MS))
    })
    await Promise.race([report, timeIsUp])
    clearTimeout(timer)
  }

  dispose(): void {
    clearTimeout(this.#timer)
    if (this.#onPassed !== undefined) this.#signal?.removeEventListener('abort', this.#onPassed)
    this.#onPassed = undefined
  }

  #schedule(context: LambdaContext): void {
    const delay = context.getRemainingTimeInMillis() - this.#reserveMs
    this.#timer = setTimeout(
      () => {
        // Timers may be a little early.
        if (this.hasPassed()) this.#onPassed?.()
        else this.#schedule(context)
      },
      Math.min(Math.max(delay, 1), MAX_DELAY_MS)
    )
  }
}

function isContext(value: unknown): value is LambdaContext {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<LambdaContext>).getRemainingTimeInMillis === 'function'
  )
}

/** By what it can do: polyfills and other realms have classes of their own. */
function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false
  const { aborted, addEventListener } = value as Partial<AbortSignal>
  return typeof aborted === 'boolean' && typeof addEventListener === 'function'
}
