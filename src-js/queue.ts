import type { EncodedRecord } from './types'

type Done = (err?: unknown, data?: unknown) => void

/**
 * Hands records to a handler on later ticks, in order, at most `limit` at a time; calls `after` once every one
 * is done. A handler is done when it calls back, when the promise that it returned is settled, or when it
 * throws; whatever comes after that is not heard.
 */
export function runQueue(
  records: EncodedRecord[],
  handler: (record: EncodedRecord, done: Done) => unknown,
  onError: (error: unknown, data?: unknown) => void,
  after: () => void,
  limit: number
): void {
  let next = 0
  let unfinished = records.length

  const startNext = (): void => {
    if (next < records.length) setImmediate(run, records[next++]!)
  }

  const run = (record: EncodedRecord): void => {
    let isDone = false
    const done: Done = (error, data) => {
      if (isDone) return
      isDone = true
      startNext()
      unfinished--
      try {
        if (error !== undefined && error !== null && error !== false) onError(error, data)
      } finally {
        if (unfinished === 0) after()
      }
    }
    let returned: unknown
    try {
      returned = handler(record, done)
    } catch (error) {
      done(error)
      return
    }
    if (isThenable(returned)) {
      // Out of the promise's own chain, so that an exception of a callback is an uncaught one and is seen.
      returned.then(
        () => setImmediate(done),
        (error: unknown) => setImmediate(done, error ?? new Error('The handler rejected'))
      )
    }
  }

  for (let i = 0; i < limit; i++) startNext()
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  )
}
