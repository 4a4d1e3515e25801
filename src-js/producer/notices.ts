import type { Clock } from './clock'
import type { PutError } from './errors'
import type { FlushWaits } from './flush-waits'
import type { Teller } from './teller'
import type { ProducerEvents } from './types'

const WARN_EVERY_MS = 10_000
/** So many different warnings are remembered, and no more are given. */
const MAX_WARNINGS = 1000

/** What the core needs of the object that users hold. */
export interface ProducerFace {
  emit<E extends keyof ProducerEvents>(event: E, ...args: ProducerEvents[E]): void
  /** @returns whether anybody listens */
  emitFailed(error: PutError): boolean
}

export interface NoticeParts {
  face: ProducerFace
  teller: Teller
  waits: FlushWaits
  clock: Clock
}

/** What a producer tells those who listen, and whom it tells if nobody does. */
export class Notices {
  readonly #parts: NoticeParts
  readonly #warned = new Set<string>()
  #warnedAt = -Infinity

  constructor(parts: NoticeParts) {
    this.#parts = parts
  }

  emit<E extends keyof ProducerEvents>(event: E, ...args: ProducerEvents[E]): void {
    const { teller, face } = this.#parts
    teller.push(1, () => face.emit(event, ...args))
  }

  /** Once for each text. */
  warn(code: string, message: string): void {
    const key = `${code} ${message}`
    if (this.#warned.has(key) || this.#warned.size >= MAX_WARNINGS) return
    this.#warned.add(key)
    this.emit('warning', { code, message })
  }

  /** A written record failed. @param sequence `undefined`: it was refused */
  writeFailed(stream: object, sequence: number | undefined, error: PutError): void {
    const { face, waits, clock } = this.#parts
    const waited = waits.failed(stream, sequence, error)
    if (face.emitFailed(error) || waited) return
    waits.keepUntold(stream, error)
    const now = clock.now()
    if (now - this.#warnedAt < WARN_EVERY_MS) return
    this.#warnedAt = now
    process.emitWarning(
      `A record was not delivered, and nobody listens to 'failed': ${error.code}: ${error.message}`,
      { code: 'KINESIS_AGG_FAILED' }
    )
  }
}
