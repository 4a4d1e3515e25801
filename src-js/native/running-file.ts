import { isAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The file that this code runs from, wherever a bundler put it; `undefined` if it comes from no file.
 *
 * Only the call stack is right everywhere: `__filename` and `import.meta.url` are undefined, or those of the machine
 * that bundled, in one or the other bundler's output.
 */
export function runningFile(): string | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error
  try {
    Error.stackTraceLimit = 10
    // In place of what source maps would make of it.
    Error.prepareStackTrace = (_, sites) => sites.map(site => site.getFileName() ?? '')
    const files = new Error().stack as unknown as string[]
    const file = files.find(name => name.startsWith('file:') || isAbsolute(name))
    return file?.startsWith('file:') ? fileURLToPath(file) : file
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit })
  }
}
