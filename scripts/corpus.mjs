// The corpus of the fuzzers: a file for each target, fuzz/corpus/<target>.txt, with an input in each line: base64, and
// a name after it if it has one. Fuzzers read and write folders with a file for each input.
import { mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'fuzz', 'corpus')
const fileOf = target => join(folder, `${target}.txt`)

/** All inputs of a target, as base64, with their names. */
function readCorpus(target) {
  const lines = readFileSync(fileOf(target), 'utf8').trimEnd().split('\n')
  return new Map(lines.map(line => line.split(' ')))
}

/** Writes the inputs of a target into a new temporary folder, a file for each, and returns the folder. */
export function unpack(target) {
  const to = mkdtempSync(join(tmpdir(), `kinesis-agg-corpus-${target}-`))
  let number = 0
  for (const [base64, name] of readCorpus(target))
    writeFileSync(join(to, name ?? String(number++)), Buffer.from(base64, 'base64'))
  return to
}

/** Replaces the corpus of a target by the files in `from`. Inputs that were in it keep their names. */
export function pack(target, from) {
  const names = readCorpus(target)
  const inputs = readdirSync(from).map(name => readFileSync(join(from, name), 'base64'))
  const lines = inputs.map(base64 => [base64, names.get(base64)].filter(Boolean).join(' '))
  // In order of length, so that a diff is small and the simplest input comes first.
  lines.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  writeFileSync(fileOf(target), `${lines.join('\n')}\n`)
  return lines.length
}
