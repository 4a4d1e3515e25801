/** Not loaded before it is needed: most functions have no use for it, and a cold start waits for it. */
export const nodeStream = (): typeof import('node:stream') => require('node:stream')

/** An argument of the wrong kind has no record with it; in a stream nobody else knows which one it was. */
export function withRecord(error: unknown, record: unknown): Error {
  if (!(error instanceof Error)) return new Error(String(error))
  return 'record' in error
    ? error
    : Object.defineProperty(error, 'record', { value: record, writable: true, configurable: true })
}
