import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { aggregate, deaggregateSync, type EncodedRecord } from 'kinesis-agg'
import { FakeKinesis } from 'kinesis-agg/testing'

const root = join(__dirname, '..', '..')
let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-readme-'))
  mkdirSync(join(folder, 'node_modules', '@aws-sdk'), { recursive: true })
  const sdk = join('node_modules', '@aws-sdk', 'client-kinesis')
  symlinkSync(join(root, sdk), join(folder, sdk), 'junction')
  symlinkSync(root, join(folder, 'node_modules', 'kinesis-agg'), 'junction')
})

afterAll(() => rmSync(folder, { recursive: true }))

function blocks(language: string, page = 'README.md'): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code]) => code!)
}

function blockWith(language: string, word: string, page?: string): string {
  const found = blocks(language, page).filter(code => code.includes(word))
  expect(found, `one ${language} block with ${word}`).toHaveLength(1)
  return found[0]!
}

function load(name: string, code: string): Record<string, (...args: unknown[]) => unknown> {
  const file = join(folder, name)
  writeFileSync(file, code)
  return createRequire(file)(file)
}

const records = [
  { partitionKey: 'a', data: 'first' },
  { partitionKey: 'b', data: 'second' }
]

describe('code in the README', () => {
  it('the handler logs every user record', async () => {
    const { handler } = load('handler.cjs', blockWith('js', 'exports.handler'))
    const data = aggregate(records)[0]!.data.toString('base64')
    const log = vi.spyOn(console, 'log').mockImplementation(() => {})
    await handler!({ Records: [{ kinesis: { data, partitionKey: 'a', sequenceNumber: '1' } }] })
    expect(log.mock.calls).toEqual([
      ['a', 'first'],
      ['b', 'second']
    ])
    log.mockRestore()
  })

  it('the producer delivers every user record', async () => {
    const kinesis = new FakeKinesis({ streams: { events: { shards: 2 } } })
    const code = blockWith('js', 'new KinesisProducer')
    const own = code.replace("{ stream: 'events' }", "{ stream: 'events', client: globalThis.fakeClient }")
    expect(own).not.toBe(code)
    Object.assign(globalThis, { fakeClient: kinesis.client })
    await load('deliver.cjs', own)['deliver']!(records)
    expect(kinesis.records('events').map(({ partitionKey, data }) => [partitionKey, String(data)])).toEqual(
      expect.arrayContaining([
        ['a', 'first'],
        ['b', 'second']
      ])
    )
  })

  it('the aggregator gives every user record', async () => {
    const { send } = load('producer.cjs', blockWith('js', 'new RecordAggregator'))
    const sent: EncodedRecord[] = []
    await send!(records, (encoded: EncodedRecord) => sent.push(encoded))
    const back = deaggregateSync(
      sent.map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey }))
    )
    expect(back.map(({ partitionKey, data }) => ({ partitionKey, data: data.toString() }))).toEqual(records)
  })

  it.each(['README.md', 'docs/data-loss.md'])(
    'the producer per shard of %s sends every user record',
    async page => {
      const { send } = load('sharded.cjs', blockWith('js', 'new ShardedAggregator', page))
      const half = 1n << 127n
      const Shards = [
        ['first', 0n, half - 1n],
        ['second', half, 2n * half - 1n]
      ].map(([ShardId, start, end]) => ({
        ShardId,
        HashKeyRange: { StartingHashKey: String(start), EndingHashKey: String(end) }
      }))
      const sent: EncodedRecord[] = []
      await send!({ send: async () => ({ Shards }) }, records, (encoded: EncodedRecord) => sent.push(encoded))
      expect(sent.map(({ explicitHashKey }) => BigInt(explicitHashKey!) < half)).toEqual([true, false])
      const back = deaggregateSync(
        sent.map(({ data, partitionKey }) => ({ Data: data, PartitionKey: partitionKey }))
      )
      expect(back.map(({ data }) => data.toString()).toSorted()).toEqual(['first', 'second'])
    }
  )

  it('the TypeScript compiles under strict settings and runs', () => {
    const code = blockWith('ts', 'import')
    const file = join(folder, 'example.mts')
    writeFileSync(file, code)
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.Node16,
      target: ts.ScriptTarget.ES2022,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')]
    })
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([])
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
    })
    writeFileSync(join(folder, 'example.mjs'), outputText)
    expect(execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' })).toBe('2\n')
  })

  it('the line of package.json names this package and a version that has it', () => {
    const { dependencies } = JSON.parse(blockWith('json', 'npm:')) as { dependencies: Record<string, string> }
    const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    expect(dependencies).toEqual({ 'aws-kinesis-agg': `npm:${name}@^${version}` })
  })

  it('the commands for contributors are scripts of package.json', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    const commands = blocks('sh')
      .join('\n')
      .matchAll(/npm run (\S+)|npm (test)/g)
    for (const [, run, test] of commands) expect(scripts).toHaveProperty([(run ?? test)!])
  })
})
