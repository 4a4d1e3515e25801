/**
 * Bundles a handler without any option that is about this package: node bundle.mjs NAME HANDLER FOLDER, in a project.
 * Prints what the bundler has to say beyond its summary, and nothing else.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { bundlerTools } from './bundler-tools.mjs'

const require = createRequire(join(bundlerTools(), 'index.js'))
const load = async name => import(pathToFileURL(require.resolve(name)).href)

const esbuild = (format, more) => async (handler, folder) => {
  const { build } = await load('esbuild')
  const name = `index.${format === 'esm' ? 'mjs' : 'cjs'}`
  await build({
    entryPoints: [handler],
    bundle: true,
    platform: 'node',
    ...(format === 'esm' ? { format } : {}),
    outfile: join(folder, name),
    logLevel: 'warning',
    ...more
  })
}
/** What CDK's NodejsFunction passes. */
const CDK = { target: 'node20', external: ['@aws-sdk/*', '@smithy/*'] }

const webpack = (format, more) => async (handler, path) => {
  const { default: pack } = await load('webpack')
  const isModule = format === 'esm'
  const compiler = pack({
    target: 'node',
    mode: 'production',
    context: process.cwd(),
    entry: `./${handler}`,
    ...(isModule ? { experiments: { outputModule: true } } : {}),
    output: {
      path,
      filename: `index.${isModule ? 'mjs' : 'cjs'}`,
      library: { type: isModule ? 'module' : 'commonjs2' }
    },
    ...more
  })
  const stats = await new Promise((resolve, reject) =>
    compiler.run((error, result) => (error ? reject(error) : resolve(result)))
  )
  await new Promise(resolve => compiler.close(resolve))
  const { warnings, errors } = stats.toJson({ all: false, errors: true, warnings: true })
  for (const { message } of [...errors, ...warnings]) console.log(message)
  if (errors.length > 0) process.exitCode = 1
}

const onLog = (level, { message }) => {
  if (level !== 'debug' && level !== 'info') console.log(`${level}: ${message}`)
}

const rollup = format => async (handler, folder) => {
  const { rollup: roll } = await load('rollup')
  const { nodeResolve } = await load('@rollup/plugin-node-resolve')
  const { default: commonjs } = await load('@rollup/plugin-commonjs')
  const bundle = await roll({
    input: handler,
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
    onLog
  })
  const file = join(folder, `index.${format === 'es' ? 'mjs' : 'cjs'}`)
  await bundle.write({ format, file, inlineDynamicImports: true })
}

const rolldown = (format, platform) => async (handler, folder) => {
  const { rolldown: roll } = await load('rolldown')
  const bundle = await roll({ input: handler, ...(platform ? { platform } : {}), onLog })
  // A folder, for the SDK is taken apart into several files.
  await bundle.write({ format, dir: folder, entryFileNames: `index.${format === 'esm' ? 'mjs' : 'cjs'}` })
}

const vite = async (handler, outDir) => {
  const { build } = await load('vite')
  await build({
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      ssr: handler,
      outDir,
      emptyOutDir: true,
      rollupOptions: { output: { entryFileNames: 'index.mjs' } }
    }
  })
}

const tsdown = format => async (handler, outDir) => {
  const { build } = await load('tsdown')
  await build({
    entry: { index: handler },
    format,
    outDir,
    config: false,
    dts: false,
    logLevel: 'warn',
    // It leaves dependencies out, unless it is told not to, or they are of development alone.
    deps: { alwaysBundle: [/./], onlyBundle: false }
  })
}

const run = (program, args) => {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' }
  })
  if (status !== 0) process.exitCode = 1
  return status === 0 ? stderr : stdout + stderr
}

const bun = (format, target) => (handler, folder) => {
  const program = join(bundlerTools(), 'node_modules', '@oven', 'bun-linux-x64', 'bin', 'bun')
  const file = join(folder, `index.${format === 'esm' ? 'mjs' : 'cjs'}`)
  process.stdout.write(
    run(program, ['build', handler, `--target=${target}`, `--format=${format}`, `--outfile=${file}`])
  )
}

const ncc = (handler, folder) => {
  process.stdout.write(
    run(process.execPath, [
      require.resolve('@vercel/ncc/dist/ncc/cli.js'),
      'build',
      handler,
      '-q',
      '-o',
      folder
    ])
  )
}

/** @type {Record<string, (handler: string, folder: string) => unknown>} */
export const BUNDLERS = {
  'esbuild, CommonJS': esbuild('cjs'),
  'esbuild, ES module': esbuild('esm'),
  'esbuild, as CDK': esbuild('cjs', CDK),
  'esbuild, as CDK, ES module': esbuild('esm', CDK),
  'esbuild, as CDK, minified, source map': esbuild('cjs', { ...CDK, minify: true, sourcemap: true }),
  'esbuild, minified ES module': esbuild('esm', { minify: true }),
  // With conditions of one's own, esbuild does not know `module`: then it takes the files for Node.js.
  'esbuild, other conditions': esbuild('cjs', { conditions: ['custom'] }),
  'esbuild, other conditions, ES module': esbuild('esm', { conditions: ['custom'] }),
  'webpack, CommonJS': webpack('cjs'),
  'webpack, ES module': webpack('esm'),
  'webpack, development, source map': webpack('cjs', { mode: 'development', devtool: 'source-map' }),
  'webpack, development, eval': webpack('cjs', { mode: 'development' }),
  'rollup, CommonJS': rollup('cjs'),
  'rollup, ES module': rollup('es'),
  'rolldown, CommonJS': rolldown('cjs', 'node'),
  'rolldown, ES module': rolldown('esm', 'node'),
  'vite, ssr': vite,
  'tsdown, CommonJS': tsdown('cjs'),
  'tsdown, ES module': tsdown('esm'),
  'bun, CommonJS': bun('cjs', 'node'),
  'bun, ES module': bun('esm', 'node'),
  ncc
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name, handler, folder] = process.argv.slice(2)
  await BUNDLERS[name](handler, folder)
}
