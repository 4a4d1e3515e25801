/** Loads the codecs that are compared. Ours is optional, so that the opponents can be measured without a build. */
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const OUR_ENTRY = require.resolve('kinesis-agg')
export const PEER_ENTRY = require.resolve('aws-kinesis-agg')
export const PEER_VERSION = /** @type {string} */ (require('aws-kinesis-agg/package.json').version)

/** @typedef {'peer' | 'handwritten' | 'floor' | 'ours' | 'openssl' | 'push' | 'promise' | 'bare'} Who */

/** @type {Readonly<Record<Who, string>>} */
export const NAMES = {
  peer: 'aws-kinesis-agg',
  handwritten: 'hand-written JavaScript',
  floor: 'the floor',
  ours: 'kinesis-agg',
  openssl: "OpenSSL's MD5",
  push: 'ShardedAggregator.push',
  promise: 'the same and a promise for each record',
  bare: 'PutRecords without aggregation'
}

export const peer = /** @type {any} */ (require('aws-kinesis-agg'))

/**
 * @param {string} entry
 * @returns {{ loaded: any, problem: string | null }}
 */
function load(entry) {
  try {
    return { loaded: require(entry), problem: null }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { loaded: undefined, problem: text.split('\n')[0].replaceAll(ROOT, './') }
  }
}

export const { loaded: ours, problem } = load(OUR_ENTRY)

/** The producer's entry; its rows are left out where it cannot be loaded. */
export const { loaded: producers, problem: producerProblem } = load('kinesis-agg/producer')

/**
 * OpenSSL's MD5 by the quickest way that this Node has.
 * @type {(bytes: Uint8Array) => Buffer}
 */
export const opensslMd5 =
  typeof crypto.hash === 'function'
    ? bytes => crypto.hash('md5', bytes, 'buffer')
    : bytes => crypto.createHash('md5').update(bytes).digest()
