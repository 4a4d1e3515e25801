// Makes what npm publishes out of src-js: dist/, and the typings index.d.ts, which git keeps, so that a change of the
// public API shows in review.
import { readFileSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')
const HEADER = '// Generated from src-js by `npm run build:js`. Do not edit.'

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

/** What `pattern` matches stays a file of its own, so that every entry shares one instance of it. */
const shared = (pattern, path) => ({
  name: 'shared',
  resolveId(source, importer) {
    return importer !== undefined && pattern.test(source) ? { id: path, external: true } : null
  }
})
const sharedLoader = path => shared(/^\.\.?\/(native\/)?loader$/, path)
const sharedShardMap = path => shared(/\/shard-map$/, path)
const sharedCodec = path => shared(/^\.\/wasm-codec$/, path)
const sharedErrors = path => shared(/\/kinesis-agg-error$/, path)
const sharedTypes = path => shared(/^\.\.\/types$/, path)
const sharedMemory = path => shared(/\/resume-memory$/, path)
const sharedIndex = path => shared(/^\.\.\/index$/, path)
const sharedLambdaTypes = path => ({
  name: 'shared types of lambda/',
  resolveId(source, importer) {
    return source === './types' && /\/lambda\/[\w-]+\.ts$/.test(importer)
      ? { id: path, external: true }
      : null
  }
})
const sharedSdk = shared(/^\.\.\/sdk$/, './sdk.js')
const sharedProducer = shared(/^\.\.\/producer$/, './producer.js')

const define = { PACKAGE_VERSION: JSON.stringify(version) }

/**
 * Node.js has `require` for its modules, esbuild's ES modules have not: where it throws, Node.js 20.16 and later have
 * another way, which no bundler sees.
 */
const GUARD = `const builtin = (load, name) => {
  try {
    return load()
  } catch {
    return process.getBuiltinModule(name)
  }
}`
const guarded = {
  name: 'guarded',
  renderChunk(code) {
    const changed = code.replace(
      /(?<![.\w])require\("(node:[\w/]+)"\)/g,
      'builtin(() => require("$1"), "$1")'
    )
    return changed === code ? null : `${GUARD}\n${changed}`
  }
}

async function script(input, output, plugins) {
  const bundle = await rolldown({
    input: join(root, 'src-js', input),
    platform: 'node',
    external: /^(node:|@aws-sdk\/)/,
    moduleTypes: { '.wasm': 'base64' },
    plugins: [...plugins, guarded],
    tsconfig: join(root, 'tsconfig.json'),
    transform: { define: { ...define, OWN_MODULE: 'module' } }
  })
  await bundle.write({
    file: join(dist, output),
    format: 'cjs',
    postBanner: chunk => (chunk.name === 'main' ? `#!/usr/bin/env node\n${HEADER}` : HEADER),
    comments: false,
    exports: 'named',
    esModule: false
  })
  await bundle.close()
}

/** What is taken from another entry has to be there. */
function checkImports(file) {
  const load = createRequire(join(dist, file))
  for (const [, name] of readFileSync(join(dist, file), 'utf8').matchAll(/\b__index_js\.(\w+)/g)) {
    if (!(name in load('./index.js'))) throw new Error(`dist/index.js, which ${file} imports, has no ${name}`)
  }
}

/** ES modules have no `require`: what is loaded late in Node.js is imported here. */
const withoutRequire = source => ({
  name: 'without require',
  resolveId: id => (id.endsWith('/open-wasm') ? join(source, 'native', 'wasm-codec.ts') : null),
  transform(code) {
    const imports = new Set()
    const changed = code.replace(/(?<![.\w])require\('(node:(\w+))'\)/g, (_, name, local) => {
      imports.add(`import * as ${local}Module from '${name}'\n`)
      return `${local}Module`
    })
    return imports.size === 0 ? null : { code: [...imports].join('') + changed }
  }
})

/**
 * The same as ES modules, for bundlers only: they take them by the condition `module`, which Node.js does not know, and
 * leave out what is not used. What `import` and `require` give is one instance.
 */
async function forBundlers(inputs) {
  await rm(join(dist, 'bundle'), { recursive: true, force: true })
  const source = join(root, 'src-js')
  const bundle = await rolldown({
    input: Object.fromEntries(inputs.map(([name, file]) => [name, join(source, file)])),
    platform: 'node',
    external: /^(node:|@aws-sdk\/)/,
    moduleTypes: { '.wasm': 'base64' },
    plugins: [withoutRequire(source)],
    tsconfig: join(root, 'tsconfig.json'),
    transform: { define: { ...define, OWN_MODULE: 'undefined' } },
    preserveEntrySignatures: 'allow-extension'
  })
  await bundle.write({
    dir: join(dist, 'bundle'),
    format: 'esm',
    banner: HEADER,
    comments: false,
    preserveModules: true,
    preserveModulesRoot: source,
    entryFileNames: '[name].mjs'
  })
  await bundle.close()
}

async function typings(input, file, plugins = []) {
  const bundle = await rollup({
    input: join(root, 'src-js', input),
    external: /^(node:|@aws-sdk\/)/,
    plugins: [...plugins, dts({ tsconfig: join(root, 'tsconfig.json') })],
    onwarn: warning => {
      throw new Error(warning.message)
    }
  })
  await bundle.write({ file, format: 'es', banner: HEADER })
  await bundle.close()
}

async function text(output, lines) {
  await mkdir(dirname(join(dist, output)), { recursive: true })
  await writeFile(join(dist, output), [HEADER, ...lines, ''].join('\n'))
}

await script('native/loader.ts', 'binding.js', [sharedCodec('./wasm-codec.js')])
await script('native/wasm-codec.ts', 'wasm-codec.js', [])
await script('index.ts', 'index.js', [sharedLoader('./binding.js')])
await script('lib/common.ts', 'lib/common.js', [sharedLoader('../binding.js'), sharedIndex('../index.js')])
await script('sdk.ts', 'sdk.js', [sharedShardMap('./index.js')])
await script('testing.ts', 'testing.js', [sharedIndex('./index.js')])
await script('producer.ts', 'producer.js', [
  sharedLoader('./binding.js'),
  sharedShardMap('./index.js'),
  sharedErrors('./index.js'),
  sharedMemory('./index.js')
])
checkImports('producer.js')
await script('cli/main.ts', 'cli.js', [sharedIndex('./index.js'), sharedSdk, sharedProducer])
await chmod(join(dist, 'cli.js'), 0o755)
await typings('index.ts', join(root, 'index.d.ts'))
await typings('sdk.ts', join(dist, 'sdk.d.ts'), [sharedShardMap('../index.js')])
await typings('testing.ts', join(dist, 'testing.d.ts'), [sharedIndex('../index.js')])
await typings('producer.ts', join(dist, 'producer.d.ts'), [
  sharedShardMap('../index.js'),
  sharedErrors('../index.js'),
  sharedTypes('../index.js'),
  sharedLambdaTypes('../index.js')
])
await typings('lib/common.ts', join(dist, 'lib', 'common.d.ts'))

// One instance of the code, whichever way it is imported.
for (const [entry, types] of [
  ['index', '../index.js'],
  ['sdk', './sdk.js'],
  ['producer', './producer.js'],
  ['testing', './testing.js']
]) {
  const names = Object.keys(createRequire(import.meta.url)(join(dist, `${entry}.js`))).toSorted()
  await text(`${entry}.mjs`, [
    `export { ${names.join(', ')} } from './${entry}.js'`,
    `export { default } from './${entry}.js'`
  ])
  await text(`${entry}.d.mts`, [
    `export * from '${types}'`,
    `declare const all: typeof import('${types}')`,
    'export default all'
  ])
}

for (const [file, list] of [
  ['kpl-agg', ['aggregate', 'RecordAggregator']],
  ['kpl-deagg', ['deaggregate', 'deaggregateSync']]
]) {
  const index = `require('../index.js')`
  await text(
    `lib/${file}.js`,
    list.map(name => `exports.${name} = ${index}.${name}`)
  )
  await text(`lib/${file}.d.ts`, [`export { ${list.join(', ')} } from '../../index.js'`])
}

await forBundlers([
  ['index', 'index.ts'],
  ['sdk', 'sdk.ts'],
  ['testing', 'testing.ts'],
  ['producer', 'producer.ts'],
  ['common', 'lib/common.ts']
])

// A default import and a namespace are the same, as with CommonJS.
for (const name of ['index', 'sdk', 'producer', 'testing', 'common']) {
  await text(`bundle/${name}-default.mjs`, [
    `import * as all from './${name}.mjs'`,
    `export * from './${name}.mjs'`,
    'export default all'
  ])
}
await text('bundle/kpl-agg.mjs', [`export { aggregate, RecordAggregator } from './index.mjs'`])
await text('bundle/kpl-deagg.mjs', [`export { deaggregate, deaggregateSync } from './index.mjs'`])
