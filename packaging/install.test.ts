/** What users do with npm. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROOT, platforms } from '../scripts/platforms.mjs'
import { copy, installed, link, project } from './support/folder'
import { host } from './support/host'
import { failure, node, nodeWith, npm, npmWith } from './support/run'

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

  describe('the producer, and the stream in memory for tests', () => {
    const entries = ['kinesis-agg/producer', 'kinesis-agg/testing']
    const names = `[...Object.keys(producer), ...Object.keys(testing)].filter(name => name !== 'default').sort().join()`
    const required = `const [producer, testing] = ${JSON.stringify(entries)}.map(name => require(name)); console.log(${names})`
    const imported = entries
      .map(name => `import * as ${name.split('/')[1]} from '${name}'`)
      .concat(`console.log(${names})`)

    it('ask for the SDK where it is missing, and the other entries do not', async () => {
      const alone = await project('kinesis-agg')
      expect(await failure(alone, '-e', `require('kinesis-agg/producer')`)).toContain(
        `Cannot find module '@aws-sdk/client-kinesis'`
      )
      expect(await node(alone, '-p', `Object.keys(require('kinesis-agg/testing'))[0]`)).toBe('FakeKinesis\n')
      expect(await node(alone, '-p', `typeof require('kinesis-agg').deaggregate`)).toBe('function\n')
    })

    it('are the same by require and by import', async () => {
      const user = await project('kinesis-agg')
      link(user, '@aws-sdk/client-kinesis')
      const seen = 'FakeKinesis,IncompleteError,KinesisProducer,PutError,forwardEvent\n'
      expect(await node(user, '-e', required)).toBe(seen)
      expect(await node(user, '--input-type=module', '-e', imported.join('\n'))).toBe(seen)
    })
  })

  describe('TypeScript, strict, with all typings checked', () => {
    beforeAll(() => {
      link(folder, '@types/node', 'undici-types', '@types/aws-lambda', '@aws-sdk/client-kinesis')
      copy(folder, 'examples/consumer.ts')
    })

    it.each([
      ['node16', 'node16'],
      ['preserve', 'bundler'],
      ['commonjs', 'node10']
    ])('module %s, moduleResolution %s', async (module, moduleResolution) => {
      writeFileSync(
        join(folder, 'paths.mts'),
        `import { type DeaggregatedRecord, aggregate } from 'kinesis-agg'\n` +
          `import { RecordAggregator } from 'kinesis-agg/lib/kpl-agg'\n` +
          `import { deaggregateSync } from 'kinesis-agg/lib/kpl-deagg'\n` +
          `import { deaggregateSync as byAlias } from 'kinesis-agg/kpl-deagg'\n` +
          `import { KinesisProducer } from 'kinesis-agg/producer'\n` +
          `import { FakeKinesis } from 'kinesis-agg/testing'\n` +
          `export const records: DeaggregatedRecord[] = [...deaggregateSync([]), ...byAlias([])]\n` +
          `const { client } = new FakeKinesis({ streams: { events: {} } })\n` +
          `export const producer = new KinesisProducer({ client, stream: 'events' })\n` +
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

  it('two at once, with --force, without saving: a later npm ci works, and brings the one that fits', async () => {
    const both = ['kinesis-agg-linux-x64-gnu', 'kinesis-agg-linux-arm64-gnu']
    const folder = await project('kinesis-agg')
    const manifest = (): string => readFileSync(join(folder, 'package.json'), 'utf8')
    const before = manifest()
    await npm(folder, 'install', '--no-save', '--force', ...both)
    expect(installed(folder)).toEqual(['kinesis-agg', ...both].toSorted())
    expect(manifest()).toBe(before)
    await npm(folder, 'ci')
    expect(installed(folder)).toEqual(['kinesis-agg', host.package])
  })
})

it('--omit=optional: WebAssembly works, and a warning says what is missing; the command brings it', async () => {
  const folder = await project('--omit=optional', 'kinesis-agg')
  expect(installed(folder)).toEqual(['kinesis-agg'])
  const codec = (env: NodeJS.ProcessEnv = {}) => nodeWith(env, folder, '-p', `require('kinesis-agg').codec`)
  const { stdout, stderr } = await codec()
  expect(stdout).toBe('wasm\n')
  expect(stderr).toContain(`[KINESIS_AGG_WASM] Warning: kinesis-agg works with WebAssembly, which is slower`)
  expect(stderr).toContain(`Cannot find module '${host.package}'`)

  const text = await codec({ KINESIS_AGG_CODEC: 'native' }).then(
    () => '',
    (error: { stderr: string }) => error.stderr
  )
  expect(text).toContain(`the package ${host.package} is not installed or does not load`)
  const command = /`npm install (.*)`/.exec(text)![1]!
  await npm(folder, 'install', ...command.split(' '))
  expect(await codec({ KINESIS_AGG_CODEC: 'native' })).toEqual({ stdout: 'native\n', stderr: '' })
})
