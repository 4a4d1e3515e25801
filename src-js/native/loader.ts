import { dirname, join, resolve } from 'node:path'
import { invalidArgument } from '../errors'
import { exists } from './exists'
import { hasMusl, libcOf } from './libc'
import { openCodec } from './open-wasm'
import { runningFile } from './running-file'
import { hasPackage, unsupportedPlatform } from './unsupported-platform'

/** What the native half exports; typings of `napi build`. */
export type Binding = typeof import('./native')

/** The version in package.json, put in by the build. */
declare const PACKAGE_VERSION: string

/**
 * `module` in the files for Node.js, and nothing in those for bundlers: put in by the build. A bundler's own
 * `module` has no `require`, or no `filename`.
 */
declare const OWN_MODULE: NodeJS.Module | undefined

/** The module that Node.js loaded from a file of an installed package; `undefined` in a bundle. */
const installed = (module =>
  typeof module?.require === 'function' && typeof module.filename === 'string' ? module : undefined)(
  OWN_MODULE
)

/**
 * The names of the binaries that fit, best first. A machine with musl may have packages for both C libraries, and with
 * gcompat the wrong one loads there: then only the right one is tried.
 */
function candidates(): string[] {
  const { platform, arch } = process
  if (platform === 'win32') return [`win32-${arch}-msvc`]
  if (platform !== 'linux') return [`${platform}-${arch}`]
  const libc = hasMusl() ? libcOf(process.execPath) : undefined
  if (libc !== undefined) return [`linux-${arch}-${libc === 'musl' ? 'musl' : 'gnu'}`]
  return [`linux-${arch}-gnu`, `linux-${arch}-musl`]
}

/** What `require` does with a `.node` file, without a `require` of a name that bundlers cannot know. */
function open(path: string): Partial<Binding> {
  const module = { exports: {} }
  process.dlopen(module, path)
  return module.exports
}

/**
 * Whether it is ours, and of this version: any addon loads, and packages may have been put together by hand, or left
 * behind in a layer or a bundle by an earlier version.
 */
function attempt(from: string, get: () => Partial<Binding>, causes: unknown[]): Binding | undefined {
  try {
    const binding = get()
    const { VERSION } = binding
    if (VERSION === PACKAGE_VERSION) return binding as Binding
    const found = typeof VERSION === 'string' ? `is of version ${VERSION}` : 'is no binary of kinesis-agg'
    throw new Error(`${from} ${found}; this is version ${PACKAGE_VERSION}`)
  } catch (error) {
    causes.push(error)
    return undefined
  }
}

/** Beside the running file: one that was just built, or copied there with a bundle. */
function openBeside(file: string, name: string, causes: unknown[]): Binding | undefined {
  const path = join(dirname(file), `kinesis-agg.${name}.node`)
  return exists(path) ? attempt(path, () => open(path), causes) : undefined
}

/**
 * The package of a platform, where npm and pnpm install it. Vercel's file tracer understands a template with
 * `__dirname`, and nothing else that is here.
 */
function openInstalled(name: string, causes: unknown[]): Binding | undefined {
  if (installed === undefined) return undefined
  const path = `${__dirname}/../../kinesis-agg-${name}/kinesis-agg.${name}.node`
  return exists(path) ? attempt(`kinesis-agg-${name}`, () => open(path), causes) : undefined
}

/** The package of a platform, wherever Node.js finds it: in a folder of NODE_PATH too, as in a layer of Lambda. */
function openPackage(file: string, name: string, causes: unknown[]): Binding | undefined {
  // Late, for few need it; and no import by name, of which webpack warns.
  const get = (require('node:module') as typeof import('node:module')).createRequire(file)
  return attempt(`kinesis-agg-${name}`, () => get(`kinesis-agg-${name}`) as Binding, causes)
}

/** Whatever goes wrong is a cause: permissions may forbid anything. */
function findNative(causes: unknown[]): Binding | undefined {
  try {
    const file = installed?.filename ?? runningFile()
    if (file === undefined) return undefined
    for (const name of candidates()) {
      const binding =
        openBeside(file, name, causes) ?? openInstalled(name, causes) ?? openPackage(file, name, causes)
      if (binding !== undefined) return binding
    }
  } catch (error) {
    causes.push(error)
  }
  return undefined
}

/** An environment variable; Deno asks for a permission. */
function environment(name: string): string | undefined {
  try {
    return process.env[name] || undefined
  } catch {
    return undefined
  }
}

/** Not by an import: that would cost everybody, and only who gets a warning needs it. */
const isMainThread = (module: NodeJS.Module): boolean =>
  (module.require('node:worker_threads') as typeof import('node:worker_threads')).isMainThread

/** Said once, where a binary was to be expected. Whoever bundles knows what he left out, and who forces a codec too. */
function warn(causes: unknown[]): void {
  if (installed === undefined || !hasPackage() || !isMainThread(installed)) return
  const [cause] = causes
  const reason = cause instanceof Error ? `: ${cause.message.split('\n', 1)[0]}` : ''
  process.emitWarning(
    `kinesis-agg works with WebAssembly, which is slower, because there is no native binary${reason}`,
    { code: 'KINESIS_AGG_WASM' }
  )
}

function load(): { native: Binding; codec: 'native' | 'wasm' } {
  const causes: unknown[] = []
  const override = environment('KINESIS_AGG_BINARY')
  const forced = environment('KINESIS_AGG_CODEC')
  if (forced !== undefined && forced !== 'native' && forced !== 'wasm')
    throw invalidArgument('KINESIS_AGG_CODEC', "'native' or 'wasm'", forced)
  if (forced !== 'wasm') {
    const binding =
      override === undefined ? findNative(causes) : attempt(override, () => open(resolve(override)), causes)
    if (binding !== undefined) return { native: binding, codec: 'native' }
    if (override !== undefined || forced === 'native') throw unsupportedPlatform(causes, override)
  }
  const wasm = attempt('WebAssembly', openCodec, causes)
  if (wasm === undefined) throw unsupportedPlatform(causes, override)
  if (forced === undefined) warn(causes)
  return { native: wasm, codec: 'wasm' }
}

const loaded = load()

export const native: Binding = loaded.native

/**
 * What does the work: the native binary of this platform, or the same code as WebAssembly, where there is no binary
 * or none can be loaded.
 */
export const codec: 'native' | 'wasm' = loaded.codec
