/** Which room of `src-js` may import which: the table in CONTRIBUTING.md, and what lint makes of it. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = join(__dirname, '..', '..')

/** Files that all rooms import. */
const SHARED = ['types', 'errors', 'kinesis-agg-error', 'bytes', 'hash-key']

const namesIn = (cell: string): string[] => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name!)

/** From the table: what each room imports. */
const rooms = new Map(
  [
    ...readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8').matchAll(/^\| `([\w-]+)\/` +\|.*\| (.*?) +\|$/gm)
  ].map(([, room, cell]) => [room!, namesIn(cell!)])
)

/** How a file imports a room or a file of `src-js`, seen from a room. */
const specifierOf = (name: string): string => (rooms.has(name) ? `../${name}/part` : `../${name}`)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-rooms-'))
  mkdirSync(join(folder, 'src-js'))
  for (const file of ['.oxlintrc.json', 'src-js/.oxlintrc.json'])
    copyFileSync(join(root, file), join(folder, file))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Writes files below `src-js`, each of which imports one thing, and returns those that lint refuses. */
function refused(imports: { file: string; specifier: string }[]): string[] {
  for (const { file, specifier } of imports) {
    mkdirSync(join(folder, 'src-js', file, '..'), { recursive: true })
    writeFileSync(join(folder, 'src-js', file), `export { part } from '${specifier}'\n`)
  }
  const oxlint = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8'
  })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] }
  expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(['eslint(no-restricted-imports)']))
  return diagnostics
    .map(({ filename }) => filename.replaceAll('\\', '/').replace(/^.*src-js\//, ''))
    .toSorted()
}

it('the table has every room', () => {
  const folders = readdirSync(join(root, 'src-js'), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
  expect([...rooms.keys()]).toEqual(expect.arrayContaining(folders))
})

it('lint refuses what the table does not name', () => {
  const all = [...rooms.keys(), ...SHARED, 'index', 'sdk']
  const imports = [...rooms].flatMap(([room, below]) =>
    all
      .filter(name => name !== room)
      .map(name => ({
        file: `${room}/imports-${name}.ts`,
        specifier: specifierOf(name),
        allowed: below.includes(name) || SHARED.includes(name)
      }))
  )
  expect(imports.length).toBeGreaterThan(150)
  expect(refused(imports)).toEqual(
    imports
      .filter(({ allowed }) => !allowed)
      .map(({ file }) => file)
      .toSorted()
  )
})

it('lint refuses the same of files beside the rooms, and of paths that go another way', () => {
  const imports = [
    { file: 'types.ts', specifier: './index' },
    { file: 'errors.ts', specifier: './native/loader' },
    { file: 'bytes.ts', specifier: '../package.json' },
    { file: 'hash-key.ts', specifier: './shards/part' },
    { file: 'index.ts', specifier: './lib/common' },
    { file: 'producer.ts', specifier: './compat/queue' },
    { file: 'sdk.ts', specifier: './index' },
    { file: 'testing.ts', specifier: './cli/main' },
    { file: 'producer/deep/file.ts', specifier: '../../native/loader' },
    { file: 'native/built.ts', specifier: '../../dist/index' }
  ]
  expect(refused(imports)).toEqual(expect.arrayContaining(imports.map(({ file }) => file)))
})
