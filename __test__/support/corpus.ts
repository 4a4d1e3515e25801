/** What the fuzzers have found so far. */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const fuzz = join(__dirname, '..', '..', 'fuzz')

/** The corpus of a fuzz target: an input in each line, as base64. */
export const corpusOf = (target: string): Buffer[] =>
  readFileSync(join(fuzz, 'corpus', `${target}.txt`), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => Buffer.from(line.split(' ')[0]!, 'base64'))

/** Inputs that once failed, a file for each. */
export function regressionsOf(target: string): Buffer[] {
  const folder = join(fuzz, 'regressions', target)
  return existsSync(folder) ? readdirSync(folder).map(name => readFileSync(join(folder, name))) : []
}
