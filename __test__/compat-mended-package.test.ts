/** The same as compat-mended-aggregate.test.ts for what is installed; see compat-package.test.ts too. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

describe('types need aws-sdk v2, lack RecordAggregator', () => {
  const file = join(__dirname, '..', 'index.d.ts')

  it('self-contained: they compile, checked in full, with nothing but Node.js and TypeScript', () => {
    const program = ts.createProgram([file], {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      skipLibCheck: false,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.Node16,
      types: ['node'],
      typeRoots: [join(__dirname, '..', 'node_modules', '@types')]
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

  it('no any', () => {
    const text = readFileSync(file, 'utf8').replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')
    expect(text).toContain('class RecordAggregator')
    expect(text).not.toMatch(/\bany\b/)
  })
})

describe('13 MB, 23 packages', () => {
  it('no JavaScript dependencies', () => {
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(
      readFileSync(join(__dirname, '..', 'package.json'), 'utf8')
    )
    expect({ ...dependencies, ...peerDependencies }).toEqual({})
  })
})
