/** The AWS SDK beside the package, in the current folder, or nowhere. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Result, cli, linesOf } from '../support/cli'
import { LIVE_ENV, dataOf } from '../support/live-cli'
import { useLocalKinesis } from '../support/local-kinesis'

const local = useLocalKinesis()
let folder: string
/** The command, without the SDK beside it. */
let alone: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-sdk-'))
  for (const name of ['package', 'with', 'without']) mkdirSync(join(folder, name))
  for (const name of ['cli.js', 'index.js', 'binding.js', 'producer.js', 'wasm-codec.js'])
    copyFileSync(join(dirname(cli), name), join(folder, 'package', name))
  alone = join(folder, 'package', 'cli.js')
  mkdirSync(join(folder, 'with', 'node_modules', '@aws-sdk'), { recursive: true })
  symlinkSync(
    dirname(require.resolve('@aws-sdk/client-kinesis/package.json')),
    join(folder, 'with', 'node_modules', '@aws-sdk', 'client-kinesis'),
    'junction'
  )
})
afterAll(() => rmSync(folder, { recursive: true }))

async function runIn(cwd: string, args: string[], input = ''): Promise<Result> {
  const child = spawn(process.execPath, [alone, ...args, '--endpoint-url', local.endpoint], {
    cwd: join(folder, cwd),
    env: { ...LIVE_ENV, KINESIS_AGG_CODEC: 'wasm', NODE_PATH: '' }
  })
  const result: Result = { code: null, stdout: Buffer.alloc(0), stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (result.stdout = Buffer.concat([result.stdout, chunk])))
  child.stderr.on('data', (chunk: Buffer) => (result.stderr += chunk.toString()))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  ;[result.code] = (await once(child, 'close')) as [number | null]
  return result
}

describe('the SDK', () => {
  it('is found from the current folder, by put and by tail', async () => {
    const stream = await local.create('found', 1)
    const put = await runIn('with', ['put', stream, '--key', 'k'], 'one\ntwo\n')
    expect([put.code, put.stderr]).toEqual([
      0,
      'kinesis-agg: 2 user records stored, 1 Kinesis record sent, 1 PUT unit saved\n'
    ])
    const tail = await runIn('with', ['tail', stream, '--since', 'start', '--until', 'now'])
    expect(dataOf(tail)).toEqual(['one', 'two'])
    expect(linesOf(tail)).toMatchObject([{ aggregated: true }, { aggregated: true }])
  })

  it.each(['put', 'tail'])('is asked for in one line where it is missing: %s', async name => {
    const result = await runIn('without', [name, 'stream'], 'x\n')
    expect(result).toEqual({
      code: 2,
      stdout: Buffer.alloc(0),
      stderr: `kinesis-agg: ${name} needs the AWS SDK: npx -p kinesis-agg -p @aws-sdk/client-kinesis kinesis-agg ${name} …\n`
    })
  })
})
