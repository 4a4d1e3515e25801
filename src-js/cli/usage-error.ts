/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

/** @throws UsageError with the message of what `parse` throws */
export function orUsageError<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
