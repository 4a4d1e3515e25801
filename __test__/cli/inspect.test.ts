import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aggregated, base64, run } from '../support/cli'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-inspect-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const template = readFileSync(join(__dirname, '..', '..', 'dist', 'inspector.html'), 'utf8')
const given = (page: string): unknown =>
  JSON.parse(/<script type="application\/json" id="given">(.*?)<\/script>/s.exec(page)![1]!)

describe('inspect', () => {
  it('writes the page with the records of a file', async () => {
    const file = join(folder, 'record.b64')
    const out = join(folder, 'page.html')
    writeFileSync(file, base64)
    const { code, stdout, stderr } = await run(['inspect', file, '--out', out])
    expect([code, stdout.toString(), stderr]).toEqual([0, '', ''])
    expect(given(readFileSync(out, 'utf8'))).toEqual({ name: 'record.b64', text: base64 })
    expect(statSync(out).size).toBeLessThan(template.length + base64.length + 100)
  })

  it('reads standard input, and writes to standard output', async () => {
    for (const args of [['inspect'], ['inspect', '-']]) {
      const { code, stdout, stderr } = await run(args, aggregated)
      expect([code, stderr]).toEqual([0, ''])
      expect(given(stdout.toString())).toEqual({ name: 'standard input', base64 })
    }
  })

  it('helps', async () => {
    const { code, stdout } = await run(['inspect', '--help'])
    expect(code).toBe(0)
    expect(stdout.toString()).toMatch(/^kinesis-agg inspect \[FILE \| -\] \[--out PAGE\]\n/)
    for (const line of stdout.toString().split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  it.each<[string, string[], string | Buffer, RegExp]>([
    [
      'another option',
      ['--json'],
      base64,
      /^kinesis-agg: Unknown option '--json'.*\nTry 'kinesis-agg --help'\.\n$/s
    ],
    ['a file that is not there', [join('no', 'where')], '', /^kinesis-agg: ENOENT/],
    [
      'a page that cannot be written',
      ['--out', join('no', 'where', 'page.html')],
      base64,
      /^kinesis-agg: ENOENT/
    ],
    ['gzip', [], gzipSync('x'), /^kinesis-agg: the input is gzip: pipe it through "gunzip -c" first\n$/]
  ])('refuses with 2: %s', async (_, args, input, words) => {
    const { code, stdout, stderr } = await run(['inspect', ...args], input)
    expect([code, stdout.length]).toEqual([2, 0])
    expect(stderr).toMatch(words)
  })

  it('refuses with 2 what is longer than a page holds', async () => {
    const { code, stderr } = await run(['inspect'], Buffer.alloc(64 * 1024 * 1024 + 1, 'A'))
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^kinesis-agg: a page holds at most 64 MiB/)])
  })
})
