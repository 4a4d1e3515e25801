import { expect } from 'vitest'
import { KinesisAggError, type DeaggregatedRecord } from 'kinesis-agg'
import type { ExpectedRecord } from './vectors'

/** Of user records, what went into the aggregate, in the form of the fixture. */
export function seen(
  records: readonly Pick<DeaggregatedRecord, 'partitionKey' | 'explicitHashKey' | 'data'>[]
): ExpectedRecord[] {
  return records.map(({ partitionKey, explicitHashKey, data }) => ({
    partitionKey,
    explicitHashKey: explicitHashKey ?? null,
    data: data.toString('base64')
  }))
}

/** An error with what this package puts on one. */
export type Thrown = Error & { code?: unknown; record?: unknown; sequenceNumber?: unknown }

/** Calls `run`, which must throw; returns what it threw. */
export function thrownBy(run: () => unknown): Thrown {
  try {
    run()
  } catch (error) {
    return error as Thrown
  }
  throw new Error('nothing was thrown')
}

/** Checks errors of the package that are about a record. */
export function expectAll(
  errors: Thrown[],
  expected: { code: string; message: string | RegExp; record: unknown }
): void {
  for (const error of errors) {
    expect(error).toBeInstanceOf(KinesisAggError)
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('KinesisAggError')
    expect(error.code).toBe(expected.code)
    expect(error.message).toMatch(expected.message)
    expect(error.record).toBe(expected.record)
  }
}
