import { type UserRecord, aggregate, deaggregate, deaggregateSync } from 'aws-kinesis-agg'

const three = (_record: unknown, _computeChecksums: unknown, _callback: unknown): void => {}
type Each = (error: Error, userRecord?: UserRecord) => void
const four = (_record: object, _computeChecksums: boolean, each: Each, _after: () => void): void =>
  each(new Error('four'))
const five = (_records: unknown, _handler: unknown, _after: unknown, _onError: unknown): void => {}
// The errors; the casts below them are what MIGRATION.md says.
export const sync: typeof deaggregateSync = three
export const each: typeof deaggregate = four
export const all: typeof aggregate = five
export const casts = [three as typeof deaggregateSync, four as typeof deaggregate, five as typeof aggregate]
