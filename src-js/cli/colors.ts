import { UsageError } from './usage-error'

/** Wraps text into the colors of a terminal, or leaves it as it is. */
export interface Colors {
  bold(text: string): string
  dim(text: string): string
  cyan(text: string): string
}

const same = (text: string): string => text
const NONE: Colors = { bold: same, dim: same, cyan: same }

const wrap =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\x1b[${on}m${text}\x1b[${off}m`
const ANSI: Colors = { bold: wrap(1, 22), dim: wrap(2, 22), cyan: wrap(36, 39) }

/**
 * @param choice of `--color`; it counts for more than `NO_COLOR` (see no-color.org)
 * @throws UsageError
 */
export function colorsFor(
  choice: string,
  isTerminal: boolean,
  { NO_COLOR, TERM }: NodeJS.ProcessEnv
): Colors {
  if (!['auto', 'always', 'never'].includes(choice))
    throw new UsageError(`--color takes auto, always or never, got '${choice}'`)
  const automatic = isTerminal && !NO_COLOR && TERM !== 'dumb'
  return choice === 'always' || (choice === 'auto' && automatic) ? ANSI : NONE
}
