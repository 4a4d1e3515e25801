// Not the global one, which jsdom takes away.
import { setImmediate } from 'node:timers'
import type { EncodedRecord } from '../types'

type Done = (err?: unknown, data?: unknown) => void

/** Calls back when it is done, or returns a promise. */
export type Handler = (record: EncodedRecord, done: Done) => unknown

/**
 * Hands records to a handler on later ticks, in order, at most `limit` at a time; calls `after` once every one
 * is done.
 *
 * A handler that declares a callback is done when it calls that, whenever it does; its promise counts only if it
 * rejects before. An exception of `onError` or `after` gets out to where the handler called back.
 */
export function runQueue(
  records: EncodedRecord[],
  handler: Handler,
  onError: (error: unknown, data?: unknown) => void,
  after: () => void,
  limit: number
): void {
  const takesCallback = handler.length > 1
  let next = 0
  let unfinished = records.length

  const startNext = (): void => {
    if (next < records.length) setImmediate(run, records[next++]!)
  }

  const run = (record: EncodedRecord): void => {
    let isDone = false
    let hasCalledBack = false
    const finish: Done = (error, data) => {
      isDone = true
      if (error) onError(error, data)
      startNext()
      unfinished--
      if (unfinished === 0) after()
    }
    const done: Done = (error, data) => {
      const isSecond = hasCalledBack
      hasCalledBack = true
      // A handler that does not declare its callback may call it after its promise is fulfilled.
      if (!isDone) finish(error, data)
      else if (error) onError(error, data)
      // As there: it is a fault of the handler, which would be hard to find if it did nothing.
      if (isSecond) throw new Error('Callback was already called.')
    }
    const finishOnce: Done = error => {
      if (!isDone) finish(error)
    }
    let returned: unknown
    try {
      returned = handler(record, done)
    } catch (error) {
      if (isDone) throw error
      finish(error || new Error('The handler threw'))
      return
    }
    if (isThenable(returned)) {
      returned.then(
        takesCallback ? undefined : () => setImmediate(finishOnce),
        // Out of the promise's own chain, so that an exception of a callback is an uncaught one and is seen.
        (error: unknown) => {
          if (isDone) throw error
          setImmediate(finishOnce, error || new Error('The handler rejected'))
        }
      )
    }
  }

  for (let i = 0; i < limit && next < records.length; i++) startNext()
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}
