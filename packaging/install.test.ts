/** What users do with npm. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT, platforms } from '../scripts/platforms.mjs'
import { copy, installed, link, project } from './support/folder'
import { host } from './support/host'
import { failure, node, npm, npmWith } from './support/run'

const SUPPORT = '__test__/support'

describe('npm install kinesis-agg', () => {
  let folder: string
  beforeAll(async () => {
    folder = await project('kinesis-agg')
    copy(folder, `${SUPPORT}/handler.cjs`, `${SUPPORT}/handler.mjs`)
  })

  it('brings this platform and nothing else', () => {
    expect(installed(folder)).toEqual(['kinesis-agg', host.package])
  })

  it.each(['handler.cjs', 'handler.mjs'])('%s prints what it prints with aws-kinesis-agg', async file => {
    const there = await node(join(ROOT, SUPPORT), file, 'aws-kinesis-agg')
    expect(there).toContain('green')
    expect(await node(folder, file, 'kinesis-agg')).toBe(there)
  })

  describe('TypeScript, strict, with all typings checked', () => {
    beforeAll(() => {
      link(folder, '@types/node', 'undici-types', '@types/aws-lambda')
      copy(folder, 'examples/consumer.ts')
    })

    it.each([
      ['node16', 'node16'],
      ['preserve', 'bundler'],
      ['commonjs', 'node10']
    ])('module %s, moduleResolution %s', async (module, moduleResolution) => {
      writeFileSync(
        join(folder, 'paths.mts'),
        `import { type UserRecord, aggregate } from 'kinesis-agg'\n` +
          `import { RecordAggregator } from 'kinesis-agg/lib/kpl-agg'\n` +
          `import { deaggregateSync } from 'kinesis-agg/lib/kpl-deagg'\n` +
          `import { deaggregateSync as byAlias } from 'kinesis-agg/kpl-deagg'\n` +
          `export const records: UserRecord[] = [...deaggregateSync([]), ...byAlias([])]\n` +
          `export const length: number = new RecordAggregator().length() + aggregate([]).length\n`
      )
      const compilerOptions = { module, moduleResolution, target: 'es2022', types: ['node'] }
      const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true }
      const config = {
        compilerOptions: { ...compilerOptions, ...strict },
        files: ['consumer.ts', 'paths.mts']
      }
      writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
      const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
      const output = await node(folder, tsc, '-p', '.').catch((error: { stdout: string }) => error.stdout)
      expect(output).toBe('')
    })
  })
})

it('npm install aws-kinesis-agg@npm:kinesis-agg, under a handler that knows nothing of it', async () => {
  const folder = await project('aws-kinesis-agg@npm:kinesis-agg')
  expect(installed(folder)).toEqual(['aws-kinesis-agg', host.package])
  copy(folder, `${SUPPORT}/handler.cjs`)
  const there = await node(join(ROOT, SUPPORT), 'handler.cjs', 'aws-kinesis-agg')
  expect(await node(folder, 'handler.cjs', 'aws-kinesis-agg')).toBe(there)
})

describe('npm ci with the lockfile of such an install', () => {
  it.each([
    ['here', {}, host.package],
    [
      'for arm64, by flags',
      { flags: ['--os=linux', '--cpu=arm64', '--libc=glibc'] },
      'kinesis-agg-linux-arm64-gnu'
    ],
    [
      'for Alpine Linux, by environment variables',
      { environment: { npm_config_os: 'linux', npm_config_cpu: 'x64', npm_config_libc: 'musl' } },
      'kinesis-agg-linux-x64-musl'
    ]
  ] as [string, { flags?: string[]; environment?: Record<string, string> }, string][])(
    '%s',
    async (_, { flags = [], environment = {} }, name) => {
      const folder = await project('kinesis-agg')
      await npmWith(environment, folder, 'ci', ...flags)
      expect(installed(folder)).toEqual(['kinesis-agg', name])
    }
  )
})

describe('for another machine than npm runs on', () => {
  it.each(platforms)('$name', async ({ os, cpu, libc, package: name }) => {
    const flags = [`--os=${os}`, `--cpu=${cpu}`, ...(libc === undefined ? [] : [`--libc=${libc}`])]
    const folder = await project(...flags, 'kinesis-agg')
    expect(installed(folder)).toEqual(['kinesis-agg', name])
  })

  it('two at once, with --force and their names', async () => {
    const both = ['kinesis-agg-linux-x64-gnu', 'kinesis-agg-linux-arm64-gnu']
    const folder = await project('--force', 'kinesis-agg', ...both)
    expect(installed(folder)).toEqual(['kinesis-agg', ...both].toSorted())
  })
})

it('--omit=optional: the error says what is missing and the command that brings it', async () => {
  const folder = await project('--omit=optional', 'kinesis-agg')
  expect(installed(folder)).toEqual(['kinesis-agg'])
  const text = await failure(folder, '-e', `require('kinesis-agg')`)
  expect(text).toContain(`the package ${host.package} is not installed or does not load`)
  const command = /`npm install (.*)`/.exec(text)![1]!
  await npm(folder, 'install', ...command.split(' '))
  expect(await node(folder, '-p', `typeof require('kinesis-agg').aggregate`)).toBe('function\n')
})
