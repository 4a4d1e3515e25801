/**
 * What the package promises about its speed, said once: ratios of another codec's time to ours.
 *
 * `peer` is aws-kinesis-agg 4.2.8; `handwritten` is the codec in handwritten.mjs. `null`: measured, nothing promised.
 * Columns are bytes of data of one user record: up to 100 B, 300 B, 1 KB, 10 KB.
 */

/** @typedef {'100B' | '300B' | '1KB' | '10KB'} Column */
/** @typedef {readonly [number | null, number | null, number | null, number | null]} Cells one for each column */
/**
 * @typedef {object} Line
 * @property {string} title
 * @property {Cells} peer
 * @property {Cells} handwritten
 */

/** @type {readonly Column[]} */
export const COLUMNS = ['100B', '300B', '1KB', '10KB']

/** @type {Readonly<Record<Column, string>>} */
export const COLUMN_TITLES = { '100B': '≤ 100 B', '300B': '300 B', '1KB': '1 KB', '10KB': '10 KB' }

const NO_SLOWER = /** @type {Cells} */ ([1, 1, 1, 1])
const AT_MOST_HALF_AGAIN = /** @type {Cells} */ ([0.67, 0.67, 0.67, 0.67])
const TWICE_FROM_300 = /** @type {Cells} */ ([1, 2, 2, 2])

/** @satisfies {Record<string, Line>} */
export const LINES = {
  dropIn: {
    title: 'deaggregateSync, drop-in, no checksum',
    peer: [5, 4, 3, 1.5],
    handwritten: NO_SLOWER
  },
  dropInChecksum: {
    title: 'deaggregateSync, drop-in, checksum',
    peer: [3, 2, 1.5, 1.15],
    handwritten: NO_SLOWER
  },
  buffers: {
    title: 'deaggregateSync returning Buffers, no checksum',
    peer: [5, 4.5, 4, 3.5],
    handwritten: NO_SLOWER
  },
  event: {
    title: 'event of 100 aggregated records, Buffers, checksum',
    peer: [4, 4, 3.5, 3.5],
    handwritten: TWICE_FROM_300
  },
  aggregateRecords: {
    title: 'RecordAggregator.aggregateRecords, keys repeat',
    peer: [3.5, 2, 1.5, 1.15],
    handwritten: NO_SLOWER
  },
  aggregateRepeat: {
    title: 'aggregate, keys repeat',
    peer: [3.5, 2, 1.5, 1.15],
    handwritten: NO_SLOWER
  },
  aggregateNew: {
    title: 'aggregate, every key new',
    peer: [3, 2, 1.5, 1.15],
    handwritten: NO_SLOWER
  },
  push: {
    title: 'RecordAggregator.push one by one, keys repeat',
    peer: [3, 2, 1.5, 1.15],
    handwritten: NO_SLOWER
  },
  sharded: {
    title: 'ShardedAggregator.push, keys repeat; beside it our RecordAggregator',
    peer: [null, null, null, null],
    handwritten: AT_MOST_HALF_AGAIN
  },
  shardedNew: {
    title: 'ShardedAggregator.push, every key new; beside it our RecordAggregator',
    peer: [null, null, null, null],
    handwritten: AT_MOST_HALF_AGAIN
  },
  aggregate16: {
    title: 'aggregate, 16 MiB in one call',
    peer: [4, 3.5, 3, 2.5],
    handwritten: TWICE_FROM_300
  },
  plain: {
    title: 'plain records, drop-in, one call each',
    peer: [3, 3, 3, 3],
    handwritten: NO_SLOWER
  },
  plainBuffers: {
    title: 'plain records, Buffers, one call for all',
    peer: [null, null, null, null],
    handwritten: NO_SLOWER
  }
}

/** @typedef {keyof typeof LINES} LineId */

/** Verifying digests, against OpenSSL's MD5 of the same bytes, one stream at a time. */
export const MD5_TARGETS = { batch: 2.5, single: 1 }

/**
 * How many times the CPU time of `ShardedAggregator.push` the producer may take in a row, and how many times that of the
 * same and a promise for each record. `null`: measured, nothing promised.
 *
 * @param {'write' | 'put'} method
 * @param {{ size: number, shards: number }} row
 * @returns {{ push: number | null, promise: number | null }}
 */
export function producerTargets(method, { size, shards }) {
  if (size > 100) return { push: null, promise: null }
  if (method === 'write') return { push: shards <= 64 ? 1.2 : 1.6, promise: null }
  return { push: shards <= 4 ? 1.4 : null, promise: 1.3 }
}

/** The same for the geometric mean of the rows of `write` up to 64 shards. */
export const WRITE_MEAN_TARGET = 0.9

/** Milliseconds of CPU time of `require` in a fresh process. */
export const COLD_START_TARGET_MS = 5

/** A row may lose this part of its committed ratio before the guard fails. */
export const GUARD_LOSS = 0.25

/**
 * The same on another CPU model than that of the committed result. Ratios differ there without any change of the code: on
 * an Intel Xeon the row of 16 x 256 KB has 1.33 times, that of 900 x 1 KB as Buffers 0.76 times its ratio on an AMD EPYC.
 */
export const GUARD_LOSS_ELSEWHERE = 0.4
