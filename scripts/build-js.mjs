// Makes what npm publishes out of src-js: index.js, index.mjs, the typings, and the files under their old names.
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const HEADER = '// Generated from src-js by `npm run build:js`. Do not edit.'

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

/** What `pattern` matches stays a file of its own, so that every entry shares one instance of it. */
const shared = (pattern, path) => ({
  name: 'shared',
  resolveId(source, importer) {
    return importer !== undefined && pattern.test(source) ? { id: path, external: true } : null
  }
})
const sharedLoader = path => shared(/^\.\.?\/binding$/, path)
const sharedIndex = path => shared(/^\.\.\/index$/, path)

async function script(input, output, plugins, banner = HEADER) {
  const bundle = await rolldown({
    input: join(root, 'src-js', input),
    platform: 'node',
    external: /^(node:|kinesis-agg-|@aws-sdk\/)/,
    plugins,
    tsconfig: join(root, 'tsconfig.json'),
    transform: { define: { PACKAGE_VERSION: JSON.stringify(version) } }
  })
  await bundle.write({
    file: join(root, output),
    format: 'cjs',
    banner,
    exports: 'named',
    esModule: false
  })
  await bundle.close()
}

async function typings(input, output) {
  const bundle = await rollup({
    input: join(root, 'src-js', input),
    external: /^(node:|@aws-sdk\/)/,
    plugins: [dts({ tsconfig: join(root, 'tsconfig.json') })],
    onwarn: warning => {
      throw new Error(warning.message)
    }
  })
  await bundle.write({ file: join(root, output), format: 'es', banner: HEADER })
  await bundle.close()
}

async function text(output, lines) {
  await mkdir(dirname(join(root, output)), { recursive: true })
  await writeFile(join(root, output), [HEADER, ...lines, ''].join('\n'))
}

await script('binding.ts', 'binding.js', [])
await script('index.ts', 'index.js', [sharedLoader('./binding.js')])
await script('compat/common.ts', 'lib/common.js', [sharedLoader('../binding.js'), sharedIndex('../index.js')])
await script('cli/main.ts', 'cli.js', [sharedIndex('./index.js')], `#!/usr/bin/env node\n${HEADER}`)
await chmod(join(root, 'cli.js'), 0o755)
await typings('index.ts', 'index.d.ts')
await typings('compat/common.ts', 'lib/common.d.ts')

// One instance of the code, whichever way it is imported.
const names = Object.keys(createRequire(import.meta.url)(join(root, 'index.js'))).toSorted()
await text('index.mjs', [
  `export { ${names.join(', ')} } from './index.js'`,
  `export { default } from './index.js'`
])
await text('index.d.mts', [
  `export * from './index.js'`,
  `declare const all: typeof import('./index.js')`,
  'export default all'
])

for (const [file, list] of [
  ['kpl-agg', ['aggregate', 'RecordAggregator']],
  ['kpl-deagg', ['deaggregate', 'deaggregateSync']]
]) {
  const index = `require('../index.js')`
  await text(
    `lib/${file}.js`,
    list.map(name => `exports.${name} = ${index}.${name}`)
  )
  await text(`lib/${file}.d.ts`, [`export { ${list.join(', ')} } from '../index.js'`])
}
await text('lib/RecordAggregator.js', [`module.exports = require('../index.js').RecordAggregator`])
await text('lib/RecordAggregator.d.ts', [
  `import { RecordAggregator } from '../index.js'`,
  'export = RecordAggregator'
])
