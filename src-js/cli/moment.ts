import { UsageError } from './usage-error'

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * A time of the command line: `now`, an age as `10m`, or a date, local if it names no zone.
 *
 * @param now milliseconds
 * @throws UsageError
 */
export function readMoment(option: string, text: string, now: number): number {
  if (text === 'now') return now
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count !== undefined) return now - Number(count) * UNITS[unit!]!
  // A date without a time would be UTC, unlike one with a time.
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00`) : Date.parse(text)
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time)) {
    throw new UsageError(`${option} takes a time such as 10m or 2026-11-25T10:00Z, got '${text}'`)
  }
  return time
}
