import { setTimeout as sleep } from 'node:timers/promises'

/** Time as a command sees it; tests pass in their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Returns early, without an error, when the signal comes. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => {})
}
