/** What each tarball holds. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { describe, expect, inject, it } from 'vitest'
import { glibcVersions } from '../scripts/glibc.mjs'
import { GLIBC, ROOT, manifest, platforms, readJson } from '../scripts/platforms.mjs'
import { builtPlatforms } from '../scripts/stage.mjs'
import { host } from './support/host'
import { node } from './support/run'

const staged = (name: string) => inject('staged').find(one => one.name === name)!
const folderOf = (name: string) => join(inject('packages'), name)
const main = manifest.name

it('there is a package for every platform, and the main one', () => {
  const names = inject('staged').map(({ name }) => name)
  expect(names).toEqual([...platforms.map(one => one.package), main])
  expect(names).toHaveLength(9)
})

describe(main, () => {
  it('holds just this', () => {
    expect(staged(main).files).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'MIGRATION.md',
      'README.md',
      'binding.js',
      ...(manifest.files.includes('cli.js') ? ['cli.js'] : []),
      'index.d.mts',
      'index.d.ts',
      'index.js',
      'index.mjs',
      'lib/RecordAggregator.d.ts',
      'lib/RecordAggregator.js',
      'lib/common.d.ts',
      'lib/common.js',
      'lib/kpl-agg.d.ts',
      'lib/kpl-agg.js',
      'lib/kpl-deagg.d.ts',
      'lib/kpl-deagg.js',
      'package.json'
    ])
  })

  it('asks for all platforms, each at its own version, and for nothing else', () => {
    const json = readJson(join(folderOf(main), 'package.json'))
    expect(json.optionalDependencies).toEqual(
      Object.fromEntries(platforms.map(one => [one.package, manifest.version]))
    )
    for (const key of ['dependencies', 'peerDependencies', 'devDependencies', 'scripts', 'napi'])
      expect(json).not.toHaveProperty(key)
  })

  it('names every file that it has an entry for', () => {
    const { files } = staged(main)
    const paths = JSON.stringify(readJson(join(folderOf(main), 'package.json')).exports)
    for (const [, path] of paths.matchAll(/"\.\/([^"]+\.\w+)"(?!:)/g)) expect(files).toContain(path)
  })
})

describe.each(platforms)('$package', one => {
  it('holds just the binary and what has to come with it', () => {
    expect(staged(one.package).files).toEqual(
      ['LICENSE', 'README.md', 'THIRD-PARTY-LICENSES.md', one.binary, 'package.json'].toSorted()
    )
  })

  it('its package.json tells npm where it fits', () => {
    const { version } = manifest
    expect(readJson(join(folderOf(one.package), 'package.json'))).toMatchObject({
      name: one.package,
      version,
      main: one.binary,
      os: [one.os],
      cpu: [one.cpu],
      ...(one.libc === undefined ? {} : { libc: [one.libc] }),
      engines: { node: '>= 18' }
    })
  })
})

describe.each(builtPlatforms())('the binary for $name', one => {
  const bytes = readFileSync(join(one.folder, one.binary))

  it(`needs no glibc after ${GLIBC}`, () => {
    const versions = glibcVersions(bytes)
    if (one.libc !== 'glibc') return expect(versions).toEqual([])
    expect(versions.length).toBeGreaterThan(0)
    const [newest] = versions.slice(-1)
    expect(Number(newest!.split('.')[1])).toBeLessThanOrEqual(Number(GLIBC.split('.')[1]))
  })

  it('with the main package it takes less than 1 MB', () => {
    expect(staged(one.package).unpackedSize).toBeGreaterThan(bytes.length)
    expect(staged(main).unpackedSize + staged(one.package).unpackedSize).toBeLessThan(1_000_000)
  })

  it('tells nobody where it was built', () => {
    expect(bytes.includes(ROOT)).toBe(false)
    for (const folder of ['.cargo', '.rustup']) expect(bytes.includes(`${homedir()}/${folder}`)).toBe(false)
  })
})

describe('linters of packages', () => {
  it.each([main, host.package])('publint finds nothing in %s', async name => {
    const pkgDir = folderOf(name)
    const { messages, pkg } = await publint({ pkgDir, strict: true, pack: false })
    expect(messages.map(message => formatMessage(message, pkg!))).toEqual([])
  })

  it('attw finds nothing', async () => {
    const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')
    const args = [attw, staged(main).tarball, '--format', 'json']
    const { problems, analysis } = JSON.parse(await node(ROOT, ...args))
    expect(Object.keys(analysis.entrypoints)).toContain('./lib/common')
    expect(Object.values(problems ?? {}).flat()).toEqual([])
  })
})
