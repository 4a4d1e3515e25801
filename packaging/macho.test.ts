import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { faultsOf, readMachO } from '../scripts/macho.mjs'

const PAGE = 4096
const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-macho-'))
afterAll(() => rmSync(folder, { recursive: true }))

const words = (...numbers: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length)
  numbers.forEach((number, index) => bytes.writeUInt32LE(number, 4 * index))
  return bytes
}

const command = (kind: number, body: Buffer): Buffer => Buffer.concat([words(kind, 8 + body.length), body])
const library = (kind: number, name: string): Buffer =>
  command(kind, Buffer.concat([words(24, 0, 0, 0), Buffer.from(name.padEnd(64, '\0'))]))

const edge = (label: string, to: number): Buffer => Buffer.from(`${label}\0${String.fromCharCode(to)}`)

/** A tree of two names with a common beginning. */
function trieOf(common: string, ends: [string, string]): Buffer {
  const leaf = Buffer.from([2, 0, 0, 0])
  const root = Buffer.concat([Buffer.from([0, 1]), edge(common, 4 + common.length)])
  const inner = 4 + ends[0].length + ends[1].length + 2
  const first = root.length + inner
  const branches = Buffer.concat([
    Buffer.from([0, 2]),
    edge(ends[0], first),
    edge(ends[1], first + leaf.length)
  ])
  return Buffer.concat([root, branches, leaf, leaf])
}

/** The signature of what stands before it: a blob with one code directory. */
function signatureOf(file: Buffer): Buffer {
  const pages = Math.ceil(file.length / PAGE)
  const directory = Buffer.alloc(44 + 32 * pages)
  directory.writeUInt32BE(0xfade0c02, 0)
  directory.writeUInt32BE(2, 12)
  directory.writeUInt32BE(44, 16)
  directory.writeUInt32BE(pages, 28)
  directory.writeUInt32BE(file.length, 32)
  directory[36] = 32
  directory[39] = 12
  for (let page = 0; page < pages; page++)
    createHash('sha256')
      .update(file.subarray(page * PAGE, (page + 1) * PAGE))
      .digest()
      .copy(directory, 44 + 32 * page)
  const head = Buffer.alloc(20)
  head.writeUInt32BE(0xfade0cc0, 0)
  head.writeUInt32BE(20 + directory.length, 4)
  head.writeUInt32BE(1, 8)
  head.writeUInt32BE(20, 16)
  return Buffer.concat([head, directory])
}

/** A file for arm64 with two exports, one library, and a signature over two pages. */
function machO(): Buffer {
  const trie = trieOf('_napi_register_module', ['_v1', '_v2'])
  const signedBytes = PAGE + 100
  const commands = (signature: number): Buffer =>
    Buffer.concat([
      library(0xd, '@rpath/one.node'),
      library(0xc, '/usr/lib/libSystem.B.dylib'),
      command(0x32, words(1, 11 << 16, 11 << 16, 0)),
      command(0x80000033, words(PAGE, trie.length)),
      command(0x1d, words(signedBytes, signature))
    ])
  const size = signatureOf(Buffer.alloc(signedBytes)).length
  const file = Buffer.alloc(signedBytes)
  Buffer.concat([words(0xfeedfacf, 0x0100000c, 0, 6, 5, commands(size).length, 0, 0), commands(size)]).copy(
    file
  )
  trie.copy(file, PAGE)
  return Buffer.concat([file, signatureOf(file)])
}

const read = (file: Buffer): ReturnType<typeof readMachO> => {
  const path = join(folder, 'one.node')
  writeFileSync(path, file)
  return readMachO(path)
}

const good = {
  cpu: 'arm64',
  bytes: 1,
  exports: ['_napi_register_module_v1'],
  libraries: ['/usr/lib/libSystem.B.dylib'],
  macos: '11.0',
  signature: { adHoc: true, pages: 2, good: 2, isWhole: true }
}

test('a Mach-O file is read', () => {
  expect(read(machO())).toEqual({
    ...good,
    bytes: machO().length,
    exports: ['_napi_register_module_v1', '_napi_register_module_v2'],
    id: '@rpath/one.node'
  })
})

test('a changed byte shows in the signature', () => {
  const file = machO()
  file[PAGE + 90]! ^= 1
  expect(read(file).signature).toEqual({ adHoc: true, pages: 2, good: 1, isWhole: true })
})

test('what Node.js could not load, or what is seen from outside, is a fault', () => {
  expect(faultsOf(good)).toEqual([])
  expect(faultsOf({ ...good, cpu: 'x64', macos: '10.12', signature: undefined })).toEqual([])
  const faults = (difference: object): string[] => faultsOf({ ...good, ...difference })
  expect(faults({ exports: [...good.exports, '_other'] })).toEqual([
    'exports _napi_register_module_v1, _other'
  ])
  expect(faults({ exports: [] })).toEqual(['exports nothing'])
  expect(faults({ libraries: ['/opt/homebrew/lib/libz.dylib'] })).toEqual([
    'needs /opt/homebrew/lib/libz.dylib'
  ])
  expect(faults({ macos: '15.0' })).toEqual(['is for macOS 15.0, not 11.0'])
  expect(faults({ macos: undefined })).toEqual(['is for macOS undefined, not 11.0'])
  expect(faults({ signature: undefined })).toEqual(['is not signed'])
  expect(faults({ signature: { ...good.signature, good: 1 } })).toEqual([
    'has a signature that is right for 1 of 2 pages'
  ])
  expect(faults({ signature: { ...good.signature, isWhole: false } })).toHaveLength(1)
})

test('another file is none', () => {
  expect(() => read(Buffer.alloc(64))).toThrow('is no 64-bit Mach-O file')
})
