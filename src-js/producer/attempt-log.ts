import type { Attempt } from './types'

/** What is kept of a record's or a Kinesis record's attempts. */
export interface AttemptLog {
  /** The last ones, at most 10. */
  readonly last: readonly Attempt[]
  /** The last error. */
  readonly cause: unknown
  /** The map under which the record was put again because its aggregate lay outside of its shard. */
  readonly outsideOf?: number | undefined
}

const MAX_LAST = 10

/** The attempts of both, the later ones last. */
export function joinLogs(
  before: AttemptLog | undefined,
  after: AttemptLog | undefined
): AttemptLog | undefined {
  if (before === undefined || after === undefined) return after ?? before
  return {
    last: [...before.last, ...after.last].slice(-MAX_LAST),
    cause: after.cause ?? before.cause,
    outsideOf: after.outsideOf ?? before.outsideOf
  }
}
