const FIRST_MS = 100

/** A pause with full jitter, of at most 100 ms × 2ⁿ. */
export function backoff(n: number, maxMs = 5000): number {
  return Math.random() * Math.min(maxMs, FIRST_MS * 2 ** n)
}

/** Something between 80 and 120 % of it, so that many producers do not do the same at the same time. */
export function about(ms: number): number {
  return ms * (0.8 + Math.random() * 0.4)
}
