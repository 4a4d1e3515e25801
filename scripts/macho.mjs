/**
 * What a binary for macOS asks for and offers: `node scripts/macho.mjs FILE...` prints it, and fails where Node.js on the
 * macOS that we promise could not load it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const CPUS = { 0x01000007: 'x64', 0x0100000c: 'arm64' }

/** The oldest macOS, which is Rust's own for each CPU. */
export const MACOS = { x64: '10.12', arm64: '11.0' }

const EXPORTS = ['_napi_register_module_v1']

const cString = bytes => bytes.toString('latin1').split('\0', 1)[0]
const version = number => `${number >>> 16}.${(number >>> 8) & 255}`

/** @returns {{ value: number, next: number }} a number in LEB128 */
function uleb(bytes, at) {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = bytes[at++]
    value += (byte & 127) * factor
    if (byte < 128) return { value, next: at }
  }
}

/** The names in the tree of exports, which is what dyld looks into. */
function exportsOf(trie, at = 0, prefix = '') {
  if (trie.length === 0) return []
  const { value: size, next } = uleb(trie, at)
  const names = size > 0 ? [prefix] : []
  let edge = next + size
  for (let left = trie[edge++]; left > 0; left--) {
    const label = cString(trie.subarray(edge))
    const child = uleb(trie, edge + label.length + 1)
    names.push(...exportsOf(trie, child.value, prefix + label))
    edge = child.next
  }
  return names
}

/** The code directory of a signature, and how many of its pages have the right hash. */
function signatureOf(file, offset, size) {
  const blob = file.subarray(offset, offset + size)
  for (let entry = 0; entry < blob.readUInt32BE(8); entry++) {
    const directory = blob.subarray(blob.readUInt32BE(16 + 8 * entry))
    if (directory.readUInt32BE(0) !== 0xfade0c02) continue
    const flags = directory.readUInt32BE(12)
    const hashes = directory.readUInt32BE(16)
    const pages = directory.readUInt32BE(28)
    const covered = directory.readUInt32BE(32)
    const length = directory[36]
    const page = 2 ** directory[39]
    let good = 0
    for (let index = 0; index < pages; index++) {
      const bytes = file.subarray(index * page, Math.min((index + 1) * page, covered))
      const hash = createHash('sha256').update(bytes).digest().subarray(0, length)
      const at = hashes + index * length
      if (hash.equals(directory.subarray(at, at + length))) good++
    }
    return { adHoc: (flags & 2) !== 0, pages, good, isWhole: covered === offset }
  }
  return undefined
}

/**
 * @typedef {object} MachO
 * @property {string | undefined} cpu
 * @property {number} bytes
 * @property {string} [id]
 * @property {string[]} libraries
 * @property {string[]} exports
 * @property {string | undefined} [macos] the oldest that it is for
 * @property {{ adHoc: boolean, pages: number, good: number, isWhole: boolean } | undefined} [signature]
 */

/**
 * @param {string} path
 * @returns {MachO}
 */
export function readMachO(path) {
  const file = readFileSync(path)
  if (file.readUInt32LE(0) !== 0xfeedfacf) throw new Error(`${path} is no 64-bit Mach-O file`)
  /** @type {MachO} */
  const found = { cpu: CPUS[file.readUInt32LE(4)], libraries: [], exports: [], bytes: file.length }
  let at = 32
  for (let left = file.readUInt32LE(16); left > 0; left--) {
    const size = file.readUInt32LE(at + 4)
    const field = index => file.readUInt32LE(at + 8 + 4 * index)
    const text = () => cString(file.subarray(at + field(0), at + size))
    const tree = index => exportsOf(file.subarray(field(index), field(index) + field(index + 1)))
    switch (file.readUInt32LE(at)) {
      case 0xc: // LC_LOAD_DYLIB
      case 0x80000018: // LC_LOAD_WEAK_DYLIB
      case 0x8000001f: // LC_REEXPORT_DYLIB
        found.libraries.push(text())
        break
      case 0xd: // LC_ID_DYLIB
        found.id = text()
        break
      case 0x1d: // LC_CODE_SIGNATURE
        found.signature = signatureOf(file, field(0), field(1))
        break
      case 0x24: // LC_VERSION_MIN_MACOSX
        found.macos = version(field(0))
        break
      case 0x32: // LC_BUILD_VERSION
        found.macos = version(field(1))
        break
      case 0x80000022: // LC_DYLD_INFO_ONLY
        found.exports = tree(8)
        break
      case 0x80000033: // LC_DYLD_EXPORTS_TRIE
        found.exports = tree(0)
        break
    }
    at += size
  }
  return found
}

/**
 * @param {MachO} found
 * @returns {string[]} what is wrong
 */
export function faultsOf({ cpu, exports, libraries, macos, signature }) {
  const faults = []
  if (exports.join() !== EXPORTS.join()) faults.push(`exports ${exports.join(', ') || 'nothing'}`)
  const foreign = libraries.filter(name => !name.startsWith('/usr/lib/'))
  if (foreign.length > 0) faults.push(`needs ${foreign.join(', ')}`)
  if (macos !== MACOS[cpu]) faults.push(`is for macOS ${macos}, not ${MACOS[cpu]}`)
  // Apple's own CPUs run nothing that is not signed.
  if (cpu === 'arm64' && signature === undefined) faults.push('is not signed')
  if (signature !== undefined && (signature.good !== signature.pages || !signature.isWhole))
    faults.push(`has a signature that is right for ${signature.good} of ${signature.pages} pages`)
  return faults
}

/** Prints what a file is; throws if it could not be loaded. */
export function inspect(path) {
  const found = readMachO(path)
  const { signature } = found
  const signed =
    signature === undefined
      ? 'not signed'
      : `signed${signature.adHoc ? ' ad hoc' : ''}, ${signature.good} of ${signature.pages} pages right`
  console.log(
    `${path}: ${found.bytes} bytes, ${found.cpu}, macOS ${found.macos} or later, exports ${found.exports.join(', ')}, needs ${found.libraries.join(', ')}, ${signed}`
  )
  const faults = faultsOf(found)
  if (faults.length > 0) throw new Error(`${path} ${faults.join('; ')}`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.argv.slice(2).forEach(inspect)
