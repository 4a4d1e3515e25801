import { createRequire } from 'node:module'

type Row = Record<string, unknown>
type Encoded = { partitionKey: string; data: Buffer; ExplicitHashKey?: string }

/** `aws-kinesis-agg` as its code is, which its typings do not tell. */
export interface Reference {
  deaggregateSync(record: object, verify: unknown, after: (err: Error | undefined, list: Row[]) => void): void
  deaggregate(
    record: object,
    verify: unknown,
    each: (err: Error | null, record: Row) => void,
    after: (err?: Error, record?: Row) => void
  ): void
  aggregate(
    records: object[],
    handler: (encoded: Encoded, done: (err?: unknown, data?: unknown) => void) => void,
    after: () => void,
    onError: (err: Error, data?: unknown) => void,
    queueSize?: number
  ): void
  RecordAggregator: new (onReady?: (err: Error | null, encoded?: Encoded) => void) => {
    totalBytes: number
    addUserRecord(record: object): void
    calculateUserRecordSize(record: object): number
    checkIfUserRecordFits(record: object): boolean
    aggregateRecords(
      records: object[],
      flush?: boolean,
      onReady?: (err: Error | null, e?: Encoded) => void
    ): void
    flushBufferedRecords(onReady?: (err: Error | null, encoded?: Encoded) => void): void
    build(): Encoded | undefined
    clearRecords(): void
    length(): number
  }
}

export interface ReferenceCommon {
  KplVersion: string
  debug: boolean
  magic: Buffer
  magicNumber: string
  randomPartitionKey(): string
  v3FormatToV2Format(record: object): Row
  v2FormatToV3Format(record: object): Row
  AggregatedRecord: { encode(message: object): { finish(): Buffer }; decode(bytes: Uint8Array): Row }
  loadBuilder(): ReferenceCommon['AggregatedRecord']
}

const require = createRequire(import.meta.url)

export const reference = require('aws-kinesis-agg') as Reference
export const referenceCommon = require('aws-kinesis-agg/lib/common') as ReferenceCommon
