/** The example handler, bundled as docs/deploy.md tells, and run where there are no node_modules. */
import { copyFileSync, cpSync, existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build as esbuild } from 'esbuild'
import { rolldown } from 'rolldown'
import { beforeAll, describe, expect, it } from 'vitest'
import { aggregate } from '../index.js'
import { ROOT } from '../scripts/platforms.mjs'
import { copy, emptyFolder, project } from './support/folder'
import { host } from './support/host'
import { failure, node } from './support/run'
import { bundlers } from './support/tools'

const require = bundlers()

/** Of an ES module, for code that is not one. */
const BANNER = `import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const __dirname = import.meta.dirname`

/** Every platform's package: the binary gets copied instead. */
const BINARIES = /^kinesis-agg-/
const SDK = /^@aws-sdk\//

let user: string
beforeAll(async () => {
  user = await project('kinesis-agg')
  copy(user, 'examples/consumer.mjs')
})

const entry = () => join(user, 'consumer.mjs')
const copyBinary = (to: string) =>
  copyFileSync(join(user, 'node_modules', host.package, host.binary), join(to, host.binary))

const data = aggregate(
  ['a', 'b'].map(partitionKey => ({ partitionKey, data: JSON.stringify({ temperature: 3 }) }))
)[0]!.data.toString('base64')
const RUN = join(__dirname, 'support', 'run-bundle.mjs')
const OUTPUT = 'a: 3 °C\nb: 3 °C\n{"batchItemFailures":[]}\n'

const page = readFileSync(join(ROOT, 'docs', 'deploy.md'), 'utf8')

/** A message that docs/deploy.md tells of. */
function documented(message: string): string {
  expect(page).toContain(message)
  return message
}

/** Moves a bundle to a folder of its own, and calls its handler there. */
async function runs(built: string, file: string): Promise<void> {
  const task = emptyFolder()
  cpSync(built, task, { recursive: true })
  expect(existsSync(join(task, 'node_modules'))).toBe(false)
  expect(await node(task, RUN, join(task, file), data)).toBe(OUTPUT)
}

const forEsbuild = () => ({
  entryPoints: [entry()],
  bundle: true,
  platform: 'node' as const,
  logLevel: 'silent' as const
})

describe('esbuild', () => {
  it('CommonJS, --loader:.node=copy', async () => {
    const outdir = emptyFolder()
    await esbuild({ ...forEsbuild(), outdir, loader: { '.node': 'copy' } })
    expect(readdirSync(outdir)).toHaveLength(2)
    await runs(outdir, 'consumer.js')
  })

  it('ES module, --loader:.node=copy, with a banner', async () => {
    const outdir = emptyFolder()
    const js = BANNER
    await esbuild({
      ...forEsbuild(),
      outdir,
      format: 'esm',
      outExtension: { '.js': '.mjs' },
      loader: { '.node': 'copy' },
      banner: { js }
    })
    await runs(outdir, 'consumer.mjs')
  })

  it('--external:kinesis-agg-*, with the binary copied beside the bundle', async () => {
    const outdir = emptyFolder()
    await esbuild({ ...forEsbuild(), outdir, external: ['kinesis-agg-*'] })
    copyBinary(outdir)
    await runs(outdir, 'consumer.js')
  })

  it('minified', async () => {
    const outdir = emptyFolder()
    await esbuild({ ...forEsbuild(), outdir, minify: true, loader: { '.node': 'copy' } })
    await runs(outdir, 'consumer.js')
  })

  const asModule = { format: 'esm' as const, outExtension: { '.js': '.mjs' } }

  it.each([
    ['no loader', {}],
    ['external binaries', { external: ['*.node'] }]
  ])('%s: the message of docs/deploy.md', async (_, options) => {
    const message = documented('No loader is configured for ".node" files')
    await expect(esbuild({ ...forEsbuild(), ...options, outdir: emptyFolder() })).rejects.toThrow(message)
  })

  it.each([
    [
      'an ES module without the banner',
      { ...asModule, loader: { '.node': 'copy' as const } },
      'Dynamic require of "node:buffer" is not supported'
    ],
    ['external without node_modules', { external: ['kinesis-agg'] }, `Cannot find module 'kinesis-agg'`],
    ['external platforms and no binary', { external: ['kinesis-agg-*'] }, 'ERR_UNSUPPORTED_PLATFORM'],
    ['the loader `file`', { loader: { '.node': 'file' as const } }, 'ERR_UNSUPPORTED_PLATFORM']
  ])('%s: the message of docs/deploy.md', async (_, options, message) => {
    const outdir = emptyFolder()
    await esbuild({ ...forEsbuild(), ...options, outdir })
    const file = join(
      outdir,
      readdirSync(outdir).find(name => name.startsWith('consumer.'))!
    )
    expect(await failure(outdir, RUN, file, data)).toContain(documented(message))
  })
})

const forWebpack = (path: string) => ({
  mode: 'production',
  target: 'node',
  context: user,
  entry: entry(),
  output: { path, filename: 'index.js', library: { type: 'commonjs2' } }
})

describe('webpack', () => {
  const webpack = require('webpack')
  async function pack(config: object): Promise<{ errors: string[]; warnings: string[] }> {
    const compiler = webpack(config)
    const stats = await new Promise<{ toJson: (what: object) => Record<string, { message: string }[]> }>(
      (resolve, reject) =>
        compiler.run((error: Error | null, result: never) => (error ? reject(error) : resolve(result)))
    )
    await new Promise(resolve => compiler.close(resolve))
    const messages = stats.toJson({ all: false, errors: true, warnings: true })
    const texts = (name: string) => messages[name]!.map(({ message }) => message)
    return { errors: texts('errors'), warnings: texts('warnings') }
  }

  it('externals, with the binary copied beside the bundle', async () => {
    const path = emptyFolder()
    const config = { ...forWebpack(path), externalsType: 'commonjs', externals: [BINARIES, SDK] }
    expect(await pack(config)).toEqual({ errors: [], warnings: [] })
    copyBinary(path)
    await runs(path, 'index.js')
  })

  it('node-loader', async () => {
    const path = emptyFolder()
    const rules = [{ test: /\.node$/, loader: require.resolve('node-loader') }]
    const { errors, warnings } = await pack({
      ...forWebpack(path),
      node: { __dirname: false },
      module: { rules }
    })
    expect(errors).toEqual([])
    // Of packages that are not installed.
    for (const text of warnings) expect(text).toMatch(/^Module not found: .*'(kinesis-agg-|@aws-sdk\/)/)
    await runs(path, 'index.js')
  })

  it('the mistake of docs/deploy.md has the message that stands there', async () => {
    const { errors } = await pack(forWebpack(emptyFolder()))
    const message = documented('You may need an appropriate loader to handle this file type')
    expect(errors).toEqual([expect.stringContaining(message)])
  })
})

const external = [BINARIES, SDK, /^node:/]

async function roll(folder: string, file: string, output: object): Promise<void> {
  const { rollup } = require('rollup')
  const { nodeResolve } = require('@rollup/plugin-node-resolve')
  const commonjs = require('@rollup/plugin-commonjs')
  const bundle = await rollup({ input: entry(), external, plugins: [nodeResolve(), commonjs()] })
  await bundle.write({ file: join(folder, file), ...output })
  await bundle.close()
}

describe.each(['cjs', 'es'] as const)('%s', format => {
  const file = format === 'cjs' ? 'index.cjs' : 'index.mjs'

  it('rollup, with the binary copied beside the bundle', async () => {
    const folder = emptyFolder()
    await roll(folder, file, { format, ...(format === 'es' ? { banner: BANNER } : {}) })
    copyBinary(folder)
    await runs(folder, file)
  })

  it('rolldown, with the binary copied beside the bundle', async () => {
    const folder = emptyFolder()
    const bundle = await rolldown({ input: entry(), platform: 'node', external })
    await bundle.write({ file: join(folder, file), format })
    await bundle.close()
    copyBinary(folder)
    await runs(folder, file)
  })
})

it('rollup, an ES module without the banner: the message of docs/deploy.md', async () => {
  const folder = emptyFolder()
  await roll(folder, 'index.mjs', { format: 'es' })
  copyBinary(folder)
  const text = await failure(folder, RUN, join(folder, 'index.mjs'), data)
  expect(text).toContain('ERR_UNSUPPORTED_PLATFORM')
  expect(text).toContain(`First cause: ${documented('require is not defined')}`)
})
