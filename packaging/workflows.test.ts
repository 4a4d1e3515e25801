/** What actionlint does not see in `.github/workflows`. */
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, platforms } from '../scripts/platforms.mjs'

const folder = join(ROOT, '.github', 'workflows')
const text = (file: string) => readFileSync(join(folder, file), 'utf8')

describe.each(readdirSync(folder))('%s', file => {
  it('pins every action by commit, and says which version that is', () => {
    const uses = text(file)
      .split('\n')
      .filter(line => line.includes('uses:'))
    expect(uses.length).toBeGreaterThan(0)
    for (const line of uses)
      expect(line).toMatch(
        /uses: (\.\/\.github\/workflows\/\w+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/
      )
  })

  it('gives nothing a right to write, but the job that publishes a token for itself', () => {
    expect(text(file)).toMatch(/^permissions:/m)
    const rights = [...text(file).matchAll(/^ +([\w-]+): write\b/gm)].map(([, name]) => name)
    expect(rights).toEqual(file === 'release.yml' ? ['id-token'] : [])
  })

  it('runs only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    for (const [, name] of text(file).matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([name!])
    for (const [, path] of text(file).matchAll(/node (scripts\/[\w-]+\.mjs)/g))
      expect(readdirSync(join(ROOT, 'scripts'))).toContain(path!.split('/')[1])
  })
})

it('builds the JavaScript in each job that tests or packs it, since it is not in git', () => {
  const jobs = readdirSync(folder).flatMap(file =>
    text(file)
      .split(/^jobs:$/m)[1]!
      .split(/^ {2}(?=[\w-]+:$)/m)
  )
  const using = jobs.filter(job => /test-platforms|stage\.mjs|test:(js|packages)/.test(job))
  expect(using).toHaveLength(5)
  for (const job of using)
    expect(job).toMatch(/npm run build(:js)?\b[^]*(test-platforms|stage\.mjs|test:(js|packages))/)
})

it('names a binary by an absolute path, since tests start processes in other folders', () => {
  const named = readdirSync(folder).flatMap(file => [
    ...text(file).matchAll(/KINESIS_AGG_BINARY(?:: |=)"?(.*)/g)
  ])
  expect(named.length).toBeGreaterThan(0)
  for (const [, path] of named) expect(path).toMatch(/^\$\{\{ github\.workspace \}\}\//)
})

it('builds every platform, and tests each with every Node.js', () => {
  const binaries = text('binaries.yml')
  const built = [...binaries.matchAll(/- \{ platform: (\S+), target: (\S+), runner: \S+ \}/g)]
  expect(built.map(([, name, target]) => [name, target]).toSorted()).toEqual(
    platforms.map(({ name, target }) => [name, target]).toSorted()
  )
  const tested = /platform: \[(.*)\]/.exec(binaries)![1]!.split(', ')
  const musl = /cpu: \[(.*)\]/
    .exec(binaries)![1]!
    .split(', ')
    .map(cpu => `linux-${cpu}-musl`)
  expect([...tested, ...musl].toSorted()).toEqual(platforms.map(({ name }) => name).toSorted())
  expect([...binaries.matchAll(/node: \[(.*)\]/g)].map(([, list]) => list)).toEqual(
    Array(2).fill('20, 22, 24, 26')
  )
})
