import { KinesisAggError } from '../errors'
import { type Libc, libcOf } from './libc'

/** The platforms that there is a package for, as Node.js and npm call them. */
const PLATFORMS = /^(linux|darwin|win32) (x64|arm64)\b/

const HELP = 'https://github.com/kinesis-agg/kinesis-agg/blob/main/docs/deploy.md'

/** Whether there is a package for this platform. */
export const hasPackage = (): boolean => PLATFORMS.test(`${process.platform} ${process.arch}`)

/** Codes of what Node.js refuses, which no installation would change: `--no-addons`, `--permission`. */
const FORBIDDEN = new Set(['ERR_DLOPEN_DISABLED', 'ERR_ACCESS_DENIED'])

/**
 * Neither a native binary nor WebAssembly, or no binary where one is asked for: what is missing, and what to do.
 *
 * @param causes why each attempt failed, in their order
 * @param override what KINESIS_AGG_BINARY says
 */
export function unsupportedPlatform(causes: unknown[], override: string | undefined): KinesisAggError {
  const libc = libcOf(process.execPath)
  const machine = [process.platform, process.arch, libc].filter(Boolean).join(' ')
  const forbidden = causes.find(cause => FORBIDDEN.has((cause as NodeJS.ErrnoException)?.code ?? ''))
  const cause = forbidden ?? causes[0]
  const what = override
    ? `KINESIS_AGG_BINARY=${override} does not load.`
    : forbidden !== undefined
      ? 'this process may not load one.'
      : hasPackage()
        ? missing(libc)
        : 'kinesis-agg has one for Linux, macOS and Windows, x64 and arm64.'
  const first = cause instanceof Error ? ` First cause: ${cause.message.split('\n', 1)[0]}` : ''
  const message = `No native binary for ${machine}: ${what}${first}`
  return Object.assign(new KinesisAggError('ERR_UNSUPPORTED_PLATFORM', message), { cause })
}

function missing(libc: Libc | undefined): string {
  const { platform, arch } = process
  const abi = platform === 'win32' ? '-msvc' : platform !== 'linux' ? '' : libc === 'musl' ? '-musl' : '-gnu'
  const flag = platform === 'linux' ? ` --libc=${libc ?? 'glibc'}` : ''
  return (
    `the package kinesis-agg-${platform}-${arch}${abi} is not installed or does not load. ` +
    `It is an optional dependency of kinesis-agg; ` +
    `install it with \`npm install --os=${platform} --cpu=${arch}${flag} kinesis-agg\`. ` +
    `If the code is bundled, see ${HELP}.`
  )
}
