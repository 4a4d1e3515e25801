/**
 * What the package promises about its speed, said once.
 *
 * Against aws-kinesis-agg 4.2.8 and against the codec in handwritten.mjs: ratios of their time to ours. Against the floor
 * of floor.mjs: how many times its time ours may be. `null`: measured, nothing promised.
 * Columns are bytes of data of one user record: up to 100 B, 300 B, 1 KB, 10 KB.
 */

/** @typedef {'100B' | '300B' | '1KB' | '10KB'} Column */
/** @typedef {readonly [number | null, number | null, number | null, number | null]} Cells one for each column */
/**
 * @typedef {object} Line
 * @property {string} title
 * @property {number | null} peer
 * @property {number} handwritten
 * @property {Cells} floor
 */

/** @type {readonly Column[]} */
export const COLUMNS = ['100B', '300B', '1KB', '10KB']

/** @type {Readonly<Record<Column, string>>} */
export const COLUMN_TITLES = { '100B': '≤ 100 B', '300B': '300 B', '1KB': '1 KB', '10KB': '10 KB' }

/** Nothing is slower than the peer, and nothing slower than the hand-written JavaScript by more than can be measured. */
const NO_SLOWER = { peer: 1, handwritten: 0.95 }
const VERIFIED = /** @type {Cells} */ ([1.1, 1.1, 1.1, 1.1])
const UNVERIFIED = /** @type {Cells} */ ([1.25, 1.25, 1.25, 1.25])
/** Its floor has no MD5: of larger records the lanes take more time than all that the floor does. */
const EVENT = /** @type {Cells} */ ([1.3, 1.3, null, null])
const NONE = /** @type {Cells} */ ([null, null, null, null])

/** @satisfies {Record<string, Line>} */
export const LINES = {
  dropIn: { title: 'deaggregateSync, drop-in, no checksum', ...NO_SLOWER, floor: UNVERIFIED },
  dropInChecksum: { title: 'deaggregateSync, drop-in, checksum', ...NO_SLOWER, floor: VERIFIED },
  buffers: { title: 'deaggregateSync returning Buffers, no checksum', ...NO_SLOWER, floor: UNVERIFIED },
  buffersChecksum: { title: 'deaggregateSync returning Buffers, checksum', ...NO_SLOWER, floor: VERIFIED },
  event: { title: 'event of 100 aggregated records, Buffers, checksum', ...NO_SLOWER, floor: EVENT },
  aggregateRecords: {
    title: 'RecordAggregator.aggregateRecords, keys repeat',
    ...NO_SLOWER,
    floor: VERIFIED
  },
  aggregateRepeat: { title: 'aggregate, keys repeat', ...NO_SLOWER, floor: VERIFIED },
  aggregateNew: { title: 'aggregate, every key new', ...NO_SLOWER, floor: VERIFIED },
  push: { title: 'RecordAggregator.push one by one, keys repeat', ...NO_SLOWER, floor: VERIFIED },
  sharded: {
    title: 'ShardedAggregator.push, keys repeat; beside it our RecordAggregator',
    peer: null,
    handwritten: 0.67,
    floor: NONE
  },
  shardedNew: {
    title: 'ShardedAggregator.push, every key new; beside it our RecordAggregator',
    peer: null,
    handwritten: 0.67,
    floor: NONE
  },
  aggregate16: { title: 'aggregate, 16 MiB in one call', ...NO_SLOWER, floor: VERIFIED },
  plain: { title: 'plain records, drop-in, one call each', ...NO_SLOWER, floor: NONE },
  // The peer hands the base64 on as it is.
  plainBuffers: {
    title: 'plain records, Buffers, one call for all',
    peer: null,
    handwritten: 0.95,
    floor: NONE
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
