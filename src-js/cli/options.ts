import { type ParseArgsConfig, parseArgs } from 'node:util'
import { suggest } from './suggest'
import { UsageError, orUsageError } from './usage-error'

/**
 * `parseArgs` of Node.js, with a suggestion for an option that there is not.
 *
 * @throws UsageError
 */
export function readOptions<const C extends ParseArgsConfig>(config: C): ReturnType<typeof parseArgs<C>> {
  return orUsageError(() => {
    try {
      return parseArgs(config)
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const [, given] = /^Unknown option '([^']*)'/.exec(message) ?? []
      if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || given === undefined) throw error
      const names = Object.keys(config.options ?? {}).map(name => `--${name}`)
      throw new UsageError(`Unknown option '${given}'${suggest(given, names)}`)
    }
  })
}
