/** The versions of glibc that a binary asks for, lowest first: `node scripts/glibc.mjs FILE...` fails over our floor. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { GLIBC } from './platforms.mjs'

const compare = (a, b) => a.localeCompare(b, 'en', { numeric: true })

/**
 * Each version stands as text in the table of dynamic strings.
 *
 * @param {Buffer} bytes
 * @returns {string[]}
 */
export function glibcVersions(bytes) {
  const found = bytes.toString('latin1').matchAll(/\0GLIBC_(\d+(?:\.\d+)+)(?=\0)/g)
  return [...new Set([...found].map(([, version]) => version))].toSorted(compare)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of process.argv.slice(2)) {
    const newest = glibcVersions(readFileSync(file)).at(-1)
    console.log(`${file}: ${newest === undefined ? 'no glibc' : `glibc ${newest}`}`)
    if (newest !== undefined && compare(newest, GLIBC) > 0) process.exitCode = 1
  }
}
