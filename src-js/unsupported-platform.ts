import { KinesisAggError } from './errors'
import { type Libc, libcOf } from './libc'

/** The platforms that there is a package for, as Node.js and npm call them. */
const PLATFORMS = /^(linux|darwin|win32) (x64|arm64)\b/

const HELP = 'https://github.com/kinesis-agg/kinesis-agg/blob/main/docs/deploy.md'

/**
 * No native binary for this machine: which one, and what to do about it.
 *
 * @param override what KINESIS_AGG_BINARY says
 */
export function unsupportedPlatform(cause: unknown, override: string | undefined): KinesisAggError {
  const libc = libcOf(process.execPath)
  const machine = [process.platform, process.arch, libc].filter(Boolean).join(' ')
  const first = cause instanceof Error ? ` First cause: ${cause.message.split('\n', 1)[0]}` : ''
  const message = override
    ? `No native binary for ${machine}: KINESIS_AGG_BINARY=${override} does not load.`
    : PLATFORMS.test(machine)
      ? missing(machine, libc)
      : `No native binary for ${machine}: kinesis-agg has one for Linux, macOS and Windows, x64 and arm64.`
  return Object.assign(new KinesisAggError('ERR_UNSUPPORTED_PLATFORM', message + first), { cause })
}

function missing(machine: string, libc: Libc | undefined): string {
  const { platform, arch } = process
  const abi = platform === 'win32' ? '-msvc' : platform !== 'linux' ? '' : libc === 'musl' ? '-musl' : '-gnu'
  const flag = platform === 'linux' ? ` --libc=${libc ?? 'glibc'}` : ''
  return (
    `No native binary for ${machine}: ` +
    `the package kinesis-agg-${platform}-${arch}${abi} is not installed or does not load. ` +
    `It is an optional dependency of kinesis-agg; ` +
    `install it with \`npm install --os=${platform} --cpu=${arch}${flag} kinesis-agg\`. ` +
    `If the code is bundled, see ${HELP}.`
  )
}
