import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { aggregate } from 'kinesis-agg'

export const cli = join(__dirname, '..', '..', 'dist', 'cli.js')
export interface Result {
  code: number | null
  stdout: Buffer
  stderr: string
}

/** Runs the command. */
export async function run(args: string[], input: string | Buffer = ''): Promise<Result> {
  const child = spawn(process.execPath, [cli, ...args])
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, stdout: Buffer.concat(stdout), stderr }
}

/** What was printed as lines of JSON. */
export const linesOf = ({ stdout }: Result): Record<string, unknown>[] =>
  stdout
    .toString()
    .split('\n')
    .filter(text => text !== '')
    .map(text => JSON.parse(text) as Record<string, unknown>)

/** User records of every kind, */
export const users = [
  { partitionKey: 'boiler-7', data: '{"temperature":20}' },
  { partitionKey: '我愛你', data: Buffer.from([0xff, 0x00, 0x1b]), explicitHashKey: '7' },
  { partitionKey: 'boiler-7', data: 'line\nbreak' }
]
/** their aggregate, */
export const aggregated = aggregate(users)[0]!.data
export const base64 = aggregated.toString('base64')

/** and what `decode --json` prints of it. */
export const ofAggregate = [
  {
    subSequenceNumber: 0,
    aggregated: true,
    partitionKey: 'boiler-7',
    explicitHashKey: null,
    size: 18,
    data: '{"temperature":20}'
  },
  {
    subSequenceNumber: 1,
    aggregated: true,
    partitionKey: '我愛你',
    explicitHashKey: '7',
    size: 3,
    dataBase64: '/wAb'
  },
  {
    subSequenceNumber: 2,
    aggregated: true,
    partitionKey: 'boiler-7',
    explicitHashKey: null,
    size: 10,
    data: 'line\nbreak'
  }
].map(row => Object.assign(row, { sequenceNumber: '' }))

/** An aggregate of 50 user records. */
export const large = aggregate(
  Array.from({ length: 50 }, (_, i) => ({ partitionKey: `k${i}`, data: 'x'.repeat(50) }))
)[0]!.data
