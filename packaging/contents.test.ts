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

/** Each has a file of its own for Node.js; those in `bundle` are the modules, as bundlers take them. */
const built = [
  'dist/binding.js',
  'dist/cli.js',
  'dist/index.d.mts',
  'dist/index.js',
  'dist/index.mjs',
  'dist/inspector.html',
  'dist/lib/common.d.ts',
  'dist/lib/common.js',
  'dist/lib/kpl-agg.d.ts',
  'dist/lib/kpl-agg.js',
  'dist/lib/kpl-deagg.d.ts',
  'dist/lib/kpl-deagg.js',
  'dist/producer.d.mts',
  'dist/producer.d.ts',
  'dist/producer.js',
  'dist/producer.mjs',
  'dist/sdk.d.mts',
  'dist/sdk.d.ts',
  'dist/sdk.js',
  'dist/sdk.mjs',
  'dist/testing.d.mts',
  'dist/testing.d.ts',
  'dist/testing.js',
  'dist/testing.mjs',
  'dist/wasm-codec.js'
]

it('there is a package for every platform, and the main one', () => {
  const names = inject('staged').map(({ name }) => name)
  expect(names).toEqual([...platforms.map(one => one.package), main])
  expect(names).toHaveLength(9)
})

describe(main, () => {
  it('holds just this', () => {
    expect(staged(main).files.filter(file => !file.startsWith('dist/bundle/'))).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'MIGRATION.md',
      'README.md',
      ...built,
      'index.d.ts',
      'index.js',
      'lib/common.js',
      'lib/kpl-agg.js',
      'lib/kpl-deagg.js',
      'package.json'
    ])
  })

  it('holds the same once more as ES modules, for bundlers', () => {
    const files = staged(main).files.filter(file => file.startsWith('dist/bundle/'))
    expect(files.filter(file => !file.endsWith('.mjs'))).toEqual([])
    expect(files).toEqual(
      expect.arrayContaining(
        ['index', 'producer', 'sdk', 'testing'].map(name => `dist/bundle/${name}-default.mjs`)
      )
    )
  })

  it('asks for all platforms, each at its own version, and for nothing else but the SDK, which may be missing', () => {
    const json = readJson(join(folderOf(main), 'package.json'))
    expect(json.optionalDependencies).toEqual(
      Object.fromEntries(platforms.map(one => [one.package, manifest.version]))
    )
    for (const key of ['dependencies', 'devDependencies', 'scripts', 'napi'])
      expect(json).not.toHaveProperty(key)
    // Whoever imports `kinesis-agg/sdk` has it.
    expect(json.peerDependencies).toEqual({ '@aws-sdk/client-kinesis': '^3.0.0' })
    expect(json.peerDependenciesMeta).toEqual({ '@aws-sdk/client-kinesis': { optional: true } })
  })

  it('names every file that it has an entry for', () => {
    const { files } = staged(main)
    const { exports: entries, imports } = readJson(join(folderOf(main), 'package.json'))
    const paths = JSON.stringify([entries, imports])
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

  it('with the main package, of which a third is the producer and a seventh the page, it takes less than 2 MB', () => {
    expect(staged(one.package).unpackedSize).toBeGreaterThan(bytes.length)
    expect(staged(main).unpackedSize + staged(one.package).unpackedSize).toBeLessThan(2_000_000)
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
    expect(Object.keys(analysis.entrypoints)).toEqual(
      expect.arrayContaining(['.', './lib/common', './producer', './sdk', './testing'])
    )
    expect(Object.values(problems ?? {}).flat()).toEqual([])
  })
})
