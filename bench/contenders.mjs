/** Loads the codecs that are compared. Ours is optional, so that the opponents can be measured without a build. */
import crypto from 'node:crypto'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
export const OUR_ENTRY = fileURLToPath(new URL('../index.js', import.meta.url))
export const PEER_ENTRY = require.resolve('aws-kinesis-agg')
export const PEER_VERSION = /** @type {string} */ (require('aws-kinesis-agg/package.json').version)

/** @typedef {'peer' | 'handwritten' | 'ours' | 'openssl'} Who */

/** @type {Readonly<Record<Who, string>>} */
export const NAMES = {
  peer: 'aws-kinesis-agg',
  handwritten: 'hand-written JavaScript',
  ours: 'kinesis-agg',
  openssl: "OpenSSL's MD5"
}

export const peer = /** @type {any} */ (require('aws-kinesis-agg'))

/** @returns {{ ours: any, problem: string | null }} */
function loadOurs() {
  try {
    return { ours: require(OUR_ENTRY), problem: null }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    return { ours: undefined, problem: text.split('\n')[0].replaceAll(ROOT, './') }
  }
}

export const { ours, problem } = loadOurs()

/**
 * OpenSSL's MD5 by the quickest way that this Node has.
 * @type {(bytes: Uint8Array) => Buffer}
 */
export const opensslMd5 =
  typeof crypto.hash === 'function'
    ? bytes => crypto.hash('md5', bytes, 'buffer')
    : bytes => crypto.createHash('md5').update(bytes).digest()
