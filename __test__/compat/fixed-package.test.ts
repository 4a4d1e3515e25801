/** The same as compat-mended-aggregate.test.ts for what is installed; see compat-package.test.ts too. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

describe('types need aws-sdk v2, lack RecordAggregator', () => {
  const file = join(__dirname, '..', '..', 'index.d.ts')

  it('self-contained: they compile, checked in full, with nothing but Node.js and TypeScript', () => {
    const program = ts.createProgram([file], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      types: ['node'],
      typeRoots: [join(__dirname, '..', '..', 'node_modules', '@types')]
    })
    const source = program.getSourceFile(file)
    const found = [
      ...program.getGlobalDiagnostics(),
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source)
    ]
    expect(found.map(({ messageText }) => messageText)).toEqual([])
    const packages = program
      .getSourceFiles()
      .map(({ fileName }) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(fileName)?.[1])
    expect(new Set(packages)).toEqual(new Set([undefined, 'typescript', '@types/node', 'undici-types']))
  })

  it('no any, but for those that aws-kinesis-agg and the state of a window in @types/aws-lambda have', () => {
    const text = readFileSync(file, 'utf8').replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')
    expect(text).toContain('class RecordAggregator')
    expect(text.match(/\S+ \bany\b\S*/g)).toEqual([
      'aggregate(records: any[],',
      'Record<string, any>',
      'Record<string, any>>(event:'
    ])
  })
})

describe('13 MB, 23 packages', () => {
  it("no JavaScript dependencies; the AWS SDK is the caller's, and optional", () => {
    const {
      dependencies = {},
      peerDependencies,
      peerDependenciesMeta
    } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'))
    expect(dependencies).toEqual({})
    expect(Object.keys(peerDependencies)).toEqual(['@aws-sdk/client-kinesis'])
    expect(peerDependenciesMeta).toEqual({ '@aws-sdk/client-kinesis': { optional: true } })
  })
})
