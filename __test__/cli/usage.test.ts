import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { base64, cli, large, run } from '../support/cli'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('usage', () => {
  it('helps', async () => {
    for (const args of [['--help'], ['-h'], ['decode', '--help']]) {
      const { code, stdout, stderr } = await run(args)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout.toString()).toMatch(/^kinesis-agg: .*\n\nUsage\n {2}kinesis-agg decode/)
      for (const line of stdout.toString().split('\n')) expect(line.length).toBeLessThanOrEqual(110)
    }
  })

  it.each<[string[], string]>([
    [[], 'a command is missing: decode, encode, fetch-failed, inspect, tail, put or stat'],
    [['look'], "there is no command 'look'"],
    [['tial'], "there is no command 'tial'; did you mean 'tail'?"],
    [['inspect', 'a', 'b'], "one file at a time, got also 'b'"],
    [['tail'], 'tail takes one stream, by name or ARN'],
    [['tail', 's', '--since', 'soon'], "--since takes a time such as 10m or 2026-11-25T10:00Z, got 'soon'"],
    [['tail', 's', '--limit', '0'], "--limit takes a number of records, got '0'"],
    [['put', 's', '--key', 'a', '--no-key'], '--key, --key-path and --no-key exclude each other'],
    [['decode', '--verbose'], "Unknown option '--verbose'"],
    [['decode', '--gunzib'], "Unknown option '--gunzib'; did you mean '--gunzip'?"],
    [['tail', 's', '--sinc', '10m'], "Unknown option '--sinc'; did you mean '--since'?"],
    [['stat', 's', '--sinc', '10m'], "Unknown option '--sinc'; did you mean '--since'?"],
    [['tail', 's', '--raw', '--key', 'k'], '--raw and --key exclude each other'],
    [['tail', 's', '--shard', '1', '--shard-of', 'k'], '--shard and --shard-of exclude each other'],
    [
      ['put', 's', '--rate-limit', '0'],
      "--rate-limit takes a share of the shards' limits such as 0.5, got '0'"
    ],
    [['put', 's', '--no-keys'], "Unknown option '--no-keys'; did you mean '--no-key'?"],
    [['decode', '--color', 'red'], "--color takes auto, always or never, got 'red'"],
    [['decode', '--json', '--wide'], '--json and --wide exclude each other'],
    [['decode', 'a', 'b', 'c'], "one file at a time, got also 'b', 'c'"],
    [['decode', '--json', '--data'], '--json and --data exclude each other'],
    [['encode', '--json'], 'encode takes no --json and no --data']
  ])('refuses %j with 2', async (args, message) => {
    const { code, stdout, stderr } = await run(args)
    expect([code, stdout.length]).toEqual([2, 0])
    expect(stderr.startsWith(`kinesis-agg: ${message}`)).toBe(true)
    expect(stderr).toMatch(/\nTry 'kinesis-agg --help'\.\n$/)
  })

  it('says with 2 which file cannot be read', async () => {
    const missing = await run(['decode', join(folder, 'missing')])
    expect(missing.code).toBe(2)
    expect(missing.stderr).toMatch(/^kinesis-agg: ENOENT.*missing/)
    const directory = await run(['decode', folder])
    expect([directory.code, directory.stderr]).toEqual([2, expect.stringMatching(/^kinesis-agg: EISDIR/)])
  })

  it('ends quietly when its reader leaves', async () => {
    const file = join(folder, 'long.b64')
    writeFileSync(file, `${large.toString('base64')}\n`.repeat(2000))
    const child = spawn(process.execPath, [cli, 'decode', file])
    let stderr = ''
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code] = (await once(child, 'close')) as [number | null]
    expect([code, stderr]).toEqual([0, ''])
  })

  it('answers while its input is still open', async () => {
    const child = spawn(process.execPath, [cli, 'decode'])
    child.stdin.write(`${JSON.stringify({ Data: base64 })}\n`)
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    expect(chunk.toString()).toContain('"partitionKey":"boiler-7"')
    child.stdin.end()
    await once(child, 'close')
  })

  it('reads and writes in constant memory', async () => {
    // The same with 1024 for a GiB.
    const script = join(__dirname, '..', 'support', 'cli-memory.mjs')
    const { stdout } = await promisify(execFile)(process.execPath, [script, '384'])
    const { userRecords, decodeMiB, encodeMiB } = JSON.parse(stdout) as Record<string, number>
    expect(userRecords).toBeGreaterThan(120_000)
    // Less than goes in; how much less is up to the garbage collector, which is laziest in Node.js 24.
    expect(decodeMiB).toBeLessThan(340)
    expect(encodeMiB).toBeLessThan(384)
  })
})
