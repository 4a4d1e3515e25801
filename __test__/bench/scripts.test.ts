/** The scripts in bench/ run, and give what others read. What they measure is another matter. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const folder = mkdtempSync(join(tmpdir(), 'bench-'))
afterAll(() => rmSync(folder, { recursive: true }))

const SHORT = JSON.stringify({ rounds: 2, sampleMs: 1, leastIterations: 1, warmupMs: 1 })

describe('a row of the benchmark', () => {
  it.each([
    ['dropIn/50Bx10', ['floor', 'handwritten', 'peer']],
    ['dropInChecksum/50Bx10', ['floor', 'handwritten', 'openssl', 'peer']],
    ['buffers/200Bx3000', ['floor', 'handwritten', 'peer']],
    ['buffersChecksum/50Bx10', ['floor', 'handwritten', 'openssl', 'peer']],
    ['event/10KB', ['floor', 'handwritten', 'openssl', 'peer']],
    ['aggregateRecords/50Bx10', ['floor', 'handwritten', 'openssl', 'peer']],
    ['push/50Bx10', ['floor', 'handwritten', 'openssl', 'peer']],
    ['aggregate16/10KB', ['floor', 'handwritten', 'openssl', 'peer']],
    ['plain/100B', ['floor', 'handwritten', 'peer']]
  ])(
    '%s has a ratio to each of its contenders, whose results are right',
    async (id, against) => {
      const { stdout } = await run(process.execPath, ['bench/row.mjs', id, SHORT])
      const result = JSON.parse(stdout) as {
        wrong: string | null
        ratios: Record<string, { median: number }>
      }
      expect(result.wrong).toBe(null)
      expect(Object.keys(result.ratios).toSorted()).toEqual(against)
      expect(Object.values(result.ratios).every(({ median }) => median > 0)).toBe(true)
    },
    180_000
  )
})

describe('the report', () => {
  it('says how many times the floor ours takes', async () => {
    const json = join(folder, 'result.json')
    const { stdout } = await run(process.execPath, [
      'bench/bench.mjs',
      '--quick',
      '--only',
      '^buffers/50Bx10$',
      '--json',
      json
    ])
    const { rows } = JSON.parse(readFileSync(json, 'utf8')) as {
      rows: { ratios: { floor: { median: number } } }[]
    }
    expect(stdout).toContain(`${(1 / rows[0]!.ratios.floor.median).toFixed(2)} / 1.25`)
  }, 180_000)
})

describe('other languages', () => {
  it('a codec for Node.js is timed, and shown broken records', async () => {
    const json = join(folder, 'languages.json')
    const args = ['bench/languages/run.mjs', '--quick', '--only', '^(aws-)?kinesis-agg$', '--json', json]
    await run(process.execPath, args)
    const { programs } = JSON.parse(readFileSync(json, 'utf8')) as {
      programs: { name: string; broken: object; nanoseconds: Record<string, { median: number }> }[]
    }
    expect(programs.map(({ name }) => name)).toEqual(['kinesis-agg', 'aws-kinesis-agg'])
    expect(programs[0]!.broken).toEqual({ 'wrong MD5': 'error', 'index outside its table': 'error' })
    expect(programs[1]!.broken).toEqual({ 'wrong MD5': 'error', 'index outside its table': 'read' })
    for (const { nanoseconds } of programs) {
      expect(Object.values(nanoseconds).map(({ median }) => median > 0)).toEqual([true, true, true])
    }
  }, 180_000)
})

describe('the chart', () => {
  it('has events, plain handlers, producers, and what MD5 bounds as a sentence', async () => {
    const svg = join(folder, 'chart.svg')
    await run(process.execPath, ['bench/chart.mjs', '--out', svg])
    const text = readFileSync(svg, 'utf8')
    expect(text.match(/class="text bold" x/g)).toHaveLength(4)
    expect(text).toMatch(/one stream of MD5, whoever does it: from 300 B on [\d.]+ to [\d.]+ times faster/)
  })
})

describe('a whole function', () => {
  it('answers the same with each codec, bundled or not', async () => {
    const json = join(folder, 'handler.json')
    await run(process.execPath, ['bench/handler/run.mjs', '--quick', '--json', json])
    const { rows, userRecords } = JSON.parse(readFileSync(json, 'utf8')) as {
      userRecords: number
      rows: { name: string; bundled: boolean; ms: Record<string, number> }[]
    }
    expect(userRecords).toBeGreaterThan(10_000)
    expect(rows.map(({ name, bundled }) => `${name}, ${bundled}`)).toEqual(
      ['kinesis-agg', 'kinesis-agg as WebAssembly', 'aws-kinesis-agg'].flatMap(name => [
        `${name}, false`,
        `${name}, true`
      ])
    )
    for (const { ms } of rows) expect(Object.values(ms).map(one => one > 0)).toEqual([true, true, true, true])
  }, 180_000)
})
