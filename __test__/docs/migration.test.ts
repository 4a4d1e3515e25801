/** The code of MIGRATION.md, and of docs/deploy.md what is the same there. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, expect, it } from 'vitest'
import { PageFolder, blocks } from '../support/pages'

const root = join(__dirname, '..', '..')
const MIGRATION = '../MIGRATION.md'
const folder = new PageFolder(['@aws-sdk/client-kinesis', '@types/aws-lambda', '@types/node', 'undici-types'])
afterAll(() => folder.remove())

it('the TypeScript compiles under strict settings, with all typings checked', () => {
  const files = blocks(MIGRATION, 'ts').map((code, i) => {
    const file = join(folder.path, `block-${i}.ts`)
    writeFileSync(file, code)
    return file
  })
  expect(files).toHaveLength(2)
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    module: ts.ModuleKind.Node16,
    target: ts.ScriptTarget.ES2022,
    types: ['node'],
    typeRoots: [join(folder.path, 'node_modules', '@types')]
  })
  expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => messageText)).toEqual([])
})

it('the cast that it names is needed', () => {
  const code = blocks(MIGRATION, 'ts')[1]!
  const without = code.replace(
    /\/\/ Was: .*\n.*\n/,
    'export const deaggregate: typeof deaggregateSync = fake\n'
  )
  expect(without).not.toBe(code)
  const file = join(folder.path, 'without-cast.ts')
  writeFileSync(file, without)
  const program = ts.createProgram([file], { strict: true, noEmit: true, module: ts.ModuleKind.Node16 })
  const errors = program.getSemanticDiagnostics(program.getSourceFile(file))
  // "Type … is not assignable to type …"
  expect(errors.map(error => error.code)).toEqual([2322])
})

it.each([MIGRATION, 'deploy.md'])('the command of %s bundles without the AWS SDK', page => {
  const [command, ...more] = blocks(page, 'sh').flatMap(code => /^npx esbuild (.*)$/m.exec(code)?.[1] ?? [])
  expect(more).toEqual([])
  writeFileSync(
    join(folder.path, 'handler.mjs'),
    `import { KinesisClient } from '@aws-sdk/client-kinesis'
    import { deaggregateSync } from 'kinesis-agg'
    import { fetchShardMap } from 'kinesis-agg/sdk'
    export const handler = () => [typeof KinesisClient, typeof fetchShardMap, deaggregateSync({ Data: Buffer.from('x') }).length]`
  )
  const args = command!.split(' ').map(word => word.replaceAll("'", ''))
  const esbuild = join(root, 'node_modules', '.bin', 'esbuild')
  execFileSync(esbuild, [...args, '--log-level=error'], {
    cwd: folder.path,
    shell: process.platform === 'win32'
  })
  const bundle = readFileSync(join(folder.path, 'dist', 'index.mjs'), 'utf8')
  expect(bundle).toContain('from "@aws-sdk/client-kinesis"')
  expect(bundle.length).toBeLessThan(250_000)
  const use = `import('./dist/index.mjs').then(({ handler }) => console.log(handler().join()))`
  const said = execFileSync(process.execPath, ['-e', use], { cwd: folder.path, encoding: 'utf8' })
  expect(said).toBe('function,function,1\n')
})
