/** The examples of docs/testing.md are tests; they run as a reader would run them. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = join(__dirname, '..', '..')
const page = readFileSync(join(root, 'docs', 'testing.md'), 'utf8')
const files = [...page.matchAll(/^```js\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, name, code]) => ({
  name: name!,
  code: code!
}))
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-testing-'))
  mkdirSync(join(folder, 'node_modules', '@aws-sdk'), { recursive: true })
  symlinkSync(root, join(folder, 'node_modules', 'kinesis-agg'), 'junction')
  for (const name of [join('@aws-sdk', 'client-kinesis'), 'aws-sdk-client-mock']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction')
  }
  for (const { name, code } of files) writeFileSync(join(folder, name), code)
})
afterAll(() => rmSync(folder, { recursive: true }))

const tests: [string, number][] = [
  ['log-logins.test.mjs', 1],
  ['bad-days.test.mjs', 2],
  ['read-logins.test.mjs', 1],
  ['client-mock.test.mjs', 1],
  ['log-login.test.mjs', 4],
  ['producer-mock.test.mjs', 4]
]

it('has every example in a file', () => {
  const examples = ['log-logins.mjs', 'log-login.mjs', ...tests.map(([name]) => name)]
  expect(files.map(({ name }) => name).toSorted()).toEqual(examples.toSorted())
})

it.each(tests)('%s passes', (name, count) => {
  // The variable would make it report to this runner's own node:test, of which there is none.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--no-warnings', '--test', '--test-reporter=tap', join(folder, name)],
    { cwd: folder, env, encoding: 'utf8', timeout: 100_000 }
  )
  expect(stderr).toBe('')
  expect(stdout).toContain(`# pass ${count}\n`)
  expect(stdout).toContain('# fail 0\n')
  expect(status).toBe(0)
})
