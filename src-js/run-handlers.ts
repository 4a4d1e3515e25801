import type { UserRecord } from './types'

/** The enclosing record of a user record. Kept apart from them, since a handler may change what it gets. */
export interface Enclosed {
  record: unknown
  /** `''` if it has none. */
  sequenceNumber: string
}

/** What stopped the handlers, and at which enclosing record. */
export interface Failure extends Enclosed {
  error: unknown
}

/**
 * Runs `handler` over user records: starts them in order, at most `limit` at a time, those of one partition key
 * one after the other. After a failure no more are started, and those that run are waited for.
 *
 * @param records an exception of theirs is a failure at what `current` tells then
 * @param current the enclosing record of what `records` gave last
 * @returns the failure of the earliest record: all before it were handled
 */
export async function runHandlers(
  records: Iterable<UserRecord>,
  current: Readonly<Enclosed>,
  handler: (record: UserRecord) => unknown,
  limit: number
): Promise<Failure | undefined> {
  const running = new Map<string, Promise<unknown>>()
  const failures: Failure[] = []
  let started = 0
  const run = async (record: UserRecord, at: number, enclosed: Enclosed): Promise<void> => {
    try {
      await handler(record)
    } catch (error) {
      failures[at] = { ...enclosed, error }
    }
  }
  try {
    for (const record of records) {
      const { partitionKey } = record
      while (failures.length === 0 && (running.size >= limit || running.has(partitionKey))) {
        await Promise.race(running.values())
      }
      if (failures.length > 0) break
      const ended = run(record, started++, { ...current }).then(() => running.delete(partitionKey))
      running.set(partitionKey, ended)
    }
  } catch (error) {
    failures[started] = { ...current, error }
  }
  await Promise.all(running.values())
  // They stand at the number of their user record; most places are empty.
  return failures.find(failure => failure !== undefined)
}
