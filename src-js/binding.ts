import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { KinesisAggError } from './errors'

/** What the native half exports; typings of `napi build`. */
export type Binding = typeof import('./native')

/**
 * The package that holds the binary for this platform and one of its C libraries. Each name is written out,
 * so that bundlers see it.
 */
function requirePackage(name: string): Binding | undefined {
  switch (name) {
    case 'linux-x64-gnu':
      return require('kinesis-agg-linux-x64-gnu')
    case 'linux-x64-musl':
      return require('kinesis-agg-linux-x64-musl')
    case 'linux-arm64-gnu':
      return require('kinesis-agg-linux-arm64-gnu')
    case 'linux-arm64-musl':
      return require('kinesis-agg-linux-arm64-musl')
    case 'darwin-x64':
      return require('kinesis-agg-darwin-x64')
    case 'darwin-arm64':
      return require('kinesis-agg-darwin-arm64')
    case 'win32-x64-msvc':
      return require('kinesis-agg-win32-x64-msvc')
    case 'win32-arm64-msvc':
      return require('kinesis-agg-win32-arm64-msvc')
    default:
      return undefined
  }
}

/** On Linux glibc is tried before musl: npm installs only the right one, and a wrong one does not load. */
const candidates =
  process.platform === 'linux'
    ? [`linux-${process.arch}-gnu`, `linux-${process.arch}-musl`]
    : [process.platform === 'win32' ? `win32-${process.arch}-msvc` : `${process.platform}-${process.arch}`]

function load(): Binding {
  const override = process.env['KINESIS_AGG_BINARY']
  if (override !== undefined && override !== '') return require(override)
  let cause: unknown
  for (const name of candidates) {
    try {
      // A binary beside this file is one that was just built.
      const local = join(__dirname, `kinesis-agg.${name}.node`)
      const binding = existsSync(local) ? (require(local) as Binding) : requirePackage(name)
      if (binding !== undefined) return binding
    } catch (error) {
      cause ??= error
    }
  }
  throw unsupported(cause)
}

function unsupported(cause: unknown): KinesisAggError {
  const { platform, arch } = process
  const libc = platform === 'linux' ? libcName() : undefined
  const suffix =
    libc === 'musl' ? '-musl' : platform === 'linux' ? '-gnu' : platform === 'win32' ? '-msvc' : ''
  const npm = `npm install --os=${platform} --cpu=${arch}${libc === undefined ? '' : ` --libc=${libc}`} kinesis-agg`
  const message =
    `No native binary for ${platform} ${arch}${libc === undefined ? '' : ` ${libc}`}: ` +
    `the package kinesis-agg-${platform}-${arch}${suffix} is not installed or does not load. ` +
    `It is an optional dependency of kinesis-agg; install it with \`${npm}\`.` +
    (cause instanceof Error ? ` First cause: ${cause.message}` : '')
  return Object.assign(new KinesisAggError('ERR_UNSUPPORTED_PLATFORM', message), { cause })
}

function libcName(): 'glibc' | 'musl' {
  const report = process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined
  return report?.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

export const native: Binding = load()
