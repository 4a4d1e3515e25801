import { AsyncLocalStorage } from 'node:async_hooks'
import { IncompleteError, MAX_ERRORS, type PutError } from './errors'

const RESERVE_MS = 500

/** The records of one invocation of a Lambda function. */
export class Invocation {
  readonly left = new Set<number>()
  delivered = 0
  failed = 0
  readonly errors: PutError[] = []
  #check = (): void => {}

  /** @param error of a written record alone: whoever puts one knows of it */
  settled(slot: number, error: PutError | undefined): void {
    this.left.delete(slot)
    if (error === undefined) this.delivered++
    else this.fail(error)
    this.#check()
  }

  fail(error: PutError): void {
    this.failed++
    if (this.errors.length < MAX_ERRORS) this.errors.push(error)
  }

  /** @returns whether all records were settled in time */
  async wait(ms: number): Promise<boolean> {
    if (this.left.size === 0) return true
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), Math.min(Math.max(0, ms), 2 ** 31 - 1))
      this.#check = () => {
        if (this.left.size > 0) return
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}

interface Context {
  getRemainingTimeInMillis?(): number
}

/** Knows which invocation of a Lambda function put a record: one instance may run many at a time. */
export class Invocations {
  readonly #storage = new AsyncLocalStorage<Invocation>()
  #isUsed = false

  get current(): Invocation | undefined {
    return this.#isUsed ? this.#storage.getStore() : undefined
  }

  /**
   * @param hurry somebody waits: linger is waived. Returns what is to be called when it is over
   * @param unfinished the errors of records that are still pending
   */
  wrap<H extends (event: any, context: any, ...rest: any[]) => any>(
    handler: H,
    reserveMs: number | undefined,
    hurry: () => () => void,
    unfinished: (slots: readonly number[]) => PutError[]
  ): H {
    this.#isUsed = true
    const wrapped = (event: unknown, context: Context | undefined, ...rest: unknown[]): Promise<unknown> => {
      const invocation = new Invocation()
      return this.#storage.run(invocation, async () => {
        let result: unknown
        try {
          result = await handler(event, context, ...rest)
        } finally {
          const remaining = context?.getRemainingTimeInMillis?.() ?? Infinity
          const calm = hurry()
          const inTime = await invocation.wait(remaining - (reserveMs ?? RESERVE_MS))
          calm()
          // It fails anyway, if the handler threw.
          if (!inTime) for (const error of unfinished([...invocation.left])) invocation.fail(error)
        }
        if (invocation.failed > 0) {
          throw new IncompleteError(
            'ERR_FLUSH_INCOMPLETE',
            invocation.delivered,
            invocation.failed,
            invocation.errors
          )
        }
        return result
      })
    }
    return wrapped as unknown as H
  }
}
