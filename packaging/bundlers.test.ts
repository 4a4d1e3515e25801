/**
 * Handlers written for aws-kinesis-agg, bundled without any option about this package, and run where there is nothing
 * but the bundle. `npm run test:bundlers` does it with every handler, on every Node.js.
 */
import { cpSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { ROOT, manifest } from '../scripts/platforms.mjs'
import { BUNDLERS } from './support/bundle.mjs'
import { type Bundle, bundle, projectOf, run, runWithBinary, runWithLayer } from './support/bundles.mjs'
import { bundlerTools } from './support/bundler-tools.mjs'
import { emptyFolder } from './support/folder'
import { host } from './support/host'

const packages = inject('packages')
const node = process.execPath
const made: Bundle[] = []
let user: string
beforeAll(() => {
  user = projectOf(packages)
})
afterAll(() => {
  for (const folder of [user, ...made.map(one => one.folder)])
    rmSync(folder, { recursive: true, force: true })
})

function linkSdk(project: string): void {
  for (const scope of ['@aws-sdk', '@smithy'])
    symlinkSync(join(ROOT, 'node_modules', scope), join(project, 'node_modules', scope), 'junction')
}

function bundled(bundler: string, handler: string): Bundle {
  const one = bundle(user, bundler, handler)
  made.push(one)
  return one
}

/** esbuild and webpack with everything, the others with what is hardest. */
const HANDLERS: [RegExp, string[]][] = [
  [
    /^(esbuild|webpack), (CommonJS|ES module)$/,
    ['import.mjs', 'own-name.mjs', 'require.cjs', 'default-import.mjs', 'subpaths.mjs', 'mixed.mjs']
  ],
  [/./, ['mixed.mjs']]
]
const handlersOf = (bundler: string) => HANDLERS.find(([pattern]) => pattern.test(bundler))![1]

describe.each(Object.keys(BUNDLERS))('%s', bundler => {
  it.each(handlersOf(bundler))('%s: the bundler says nothing, and the bundle needs nothing', handler => {
    const one = bundled(bundler, handler)
    expect(one.said).toBe('')
    run(one, node, 'wasm')
  })

  it('takes the binary, beside the bundle or in a layer', () => {
    const one = made.at(-1)!
    runWithBinary(one, packages, node)
    runWithLayer(one, packages, node)
  })
})

/** These cannot bundle the SDK without options, or what they make of it does not run. */
const WITHOUT_SDK = /^esbuild.* ES module|^rollup/

describe('the producer, with the SDK', () => {
  let project: string
  beforeAll(() => {
    project = projectOf(packages)
    linkSdk(project)
  })
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  // CDK leaves the SDK to Lambda, and here is none.
  const bundlers = Object.keys(BUNDLERS).filter(name => !name.includes('CDK'))

  it.each(bundlers.filter(name => !WITHOUT_SDK.test(name)))('%s', bundler => {
    const one = bundle(project, bundler, 'producer.mjs')
    made.push(one)
    expect(one.said).toBe('')
    run(one, node, 'wasm')
    runWithBinary(one, packages, node)
  })

  it.each(bundlers.filter(name => WITHOUT_SDK.test(name)))('%s: fails by the SDK alone', bundler => {
    expect(() => {
      const one = bundle(project, bundler, 'sdk-alone.mjs')
      made.push(one)
      run(one, node, 'wasm')
    }).toThrow(/Dynamic require of|plugin-json to import JSON/)
  })
})

it('a bundle of a consumer has in it neither the producer nor what is for tests', () => {
  const { file } = bundled('esbuild, CommonJS', 'import.mjs')
  const inputs = [...readFileSync(file, 'utf8').matchAll(/^\/\/ (.*node_modules\/.*)$/gm)].map(
    ([, path]) => path
  )
  expect(inputs).toContainEqual(expect.stringContaining('/dist/bundle/deaggregation/'))
  expect(inputs.filter(path => /\/(producer|testing|cli)\b|@aws-sdk|@smithy/.test(path!))).toEqual([])
})

describe('size', () => {
  it('a bundle of the decoder is at most 135 KB, of which WebAssembly is 76, minified 105 KB', () => {
    expect(bundled('esbuild, as CDK', 'import.mjs').bytes).toBeLessThan(135 * 1024)
    expect(bundled('esbuild, minified ES module', 'import.mjs').bytes).toBeLessThan(105 * 1024)
  })

  it('the SDK, installed beside it, adds nothing', () => {
    const without = bundled('esbuild, CommonJS', 'import.mjs').bytes
    linkSdk(user)
    expect(bundled('esbuild, CommonJS', 'import.mjs').bytes).toBe(without)
  })
})

/** A handler, and the package as npm installs it. */
function installedProject(handler: string): string {
  const folder = emptyFolder()
  for (const name of [manifest.name, host.package])
    cpSync(join(packages, name), join(folder, 'node_modules', name), { recursive: true })
  cpSync(join(ROOT, 'packaging', 'handlers', handler), join(folder, 'index.mjs'))
  return folder
}

async function traced(folder: string): Promise<string[]> {
  const require = createRequire(join(bundlerTools(), 'index.js'))
  const { nodeFileTrace } = require('@vercel/nft') as {
    nodeFileTrace(files: string[], options: object): Promise<{ fileList: Set<string> }>
  }
  const { fileList } = await nodeFileTrace([join(folder, 'index.mjs')], { base: folder })
  return [...fileList]
}

describe('the file tracer of Vercel', () => {
  const binary = `node_modules/${host.package}/${host.binary}`

  it('takes the binary along, and that is all a handler needs', async () => {
    const folder = installedProject('own-name.mjs')
    const files = await traced(folder)
    expect(files).toContain(binary)
    const task = emptyFolder()
    for (const file of files) cpSync(join(folder, file), join(task, file))
    run({ folder: task, file: join(task, 'index.mjs') }, node, 'native')
  })

  it('takes it along with the producer too', async () => {
    expect(await traced(installedProject('producer.mjs'))).toContain(binary)
  })
})
