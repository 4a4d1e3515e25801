/** Checks of the cases about the package as it is installed, its old subpath and its command. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isSharedArrayBuffer } from 'node:util/types'
import { expect, vi } from 'vitest'
import { codec } from 'kinesis-agg'
import { AggregatedRecord } from 'kinesis-agg/lib/common'
import { platforms } from '../../../scripts/platforms.mjs'
import { linesOf, run } from '../cli'
import { message } from '../wire'
import type { Check } from './fault'

const root = join(__dirname, '..', '..', '..')

/** Runs something in a folder outside of the repository, where nothing else is installed. */
async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kinesis-agg-fault-')))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function copyPackage(target: string): void {
  mkdirSync(target, { recursive: true })
  cpSync(join(root, 'dist'), join(target, 'dist'), {
    recursive: true,
    filter: file => !file.endsWith('.node')
  })
  cpSync(join(root, 'package.json'), join(target, 'package.json'))
}

/** As the package of this platform, which is where its C library is looked at. */
function copyBinary(modules: string): void {
  const dist = join(root, 'dist')
  // Where KINESIS_AGG_BINARY says which one to test, none has to be in dist.
  const binary =
    process.env['KINESIS_AGG_BINARY'] ||
    join(
      dist,
      readdirSync(dist).find(name => name.endsWith('.node'))!
    )
  const { name } = platforms.find(one => basename(binary) === one.binary)!
  mkdirSync(join(modules, `kinesis-agg-${name}`))
  cpSync(binary, join(modules, `kinesis-agg-${name}`, 'index.node'))
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(target, path, 'junction')
}

function outputOf(folder: string, ...args: string[]): string {
  const { KINESIS_AGG_BINARY: _, ...env } = process.env
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : stderr
}

export const installed: Record<string, Check> = {
  'least-privilege': () =>
    inFolder(folder => {
      const modules = join(folder, 'node_modules')
      copyPackage(join(modules, 'kinesis-agg'))
      copyBinary(modules)
      writeFileSync(
        join(folder, 'app.js'),
        `const { aggregate, codec, deaggregateSync } = require('kinesis-agg')
        console.log(String(deaggregateSync(aggregate([{ partitionKey: 'k', data: 'loads' }]))[0].data), codec)`
      )
      const permission =
        Number(process.versions.node.split('.')[0]) < 22 ? '--experimental-permission' : '--permission'
      const flags = [permission, `--allow-fs-read=${folder}`, '--allow-addons']
      expect(outputOf(folder, ...flags, 'app.js')).toBe(`loads ${codec}`)
    }),

  'shared-memory-in-common'() {
    const { native } = createRequire(import.meta.url)('../../../dist/binding.js') as {
      native: { decodeMessage(bytes: Uint8Array): unknown }
    }
    const bytes = message({ keys: ['k'], records: [{ key: 0, data: 'x' }] })
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length))
    shared.set(bytes)
    const spy = vi.spyOn(native, 'decodeMessage')
    try {
      expect(AggregatedRecord.decode(shared).records.map(({ data }) => String(data))).toEqual(['x'])
      expect(spy.mock.calls.map(([given]) => isSharedArrayBuffer(given.buffer))).toEqual([false])
    } finally {
      spy.mockRestore()
    }
  },

  /**
   * As pnpm installs without hoisting, and as Yarn lets packages import: the package finds what its manifest declares,
   * and nothing else.
   */
  'sdk-peer': () =>
    inFolder(folder => {
      const app = join(folder, 'app')
      const store = join(folder, 'store', 'node_modules')
      copyPackage(join(store, 'kinesis-agg'))
      const { peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
        peerDependencies: Record<string, string>
      }
      for (const name of Object.keys(peerDependencies))
        link(join(root, 'node_modules', name), join(store, name))
      link(join(store, 'kinesis-agg'), join(app, 'node_modules', 'kinesis-agg'))
      const use = `
        const HashKeyRange = { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) }
        const client = { send: async () => ({ Shards: [{ ShardId: 'works', HashKeyRange }] }) }
        fetchShardMap(client, 'stream').then(map => console.log(map.shards[0].shardId))`
      writeFileSync(
        join(app, 'app.cjs'),
        `const { fetchShardMap } = require('kinesis-agg/sdk')
        ${use}`
      )
      writeFileSync(
        join(app, 'app.mjs'),
        `import { fetchShardMap } from 'kinesis-agg/sdk'
        ${use}`
      )
      expect([outputOf(app, 'app.cjs'), outputOf(app, 'app.mjs')]).toEqual(['works', 'works'])
    }),

  'cli-base64-60-columns': async ({ input }) => {
    const result = await run(['decode', '--json'], String(input))
    expect([result.code, result.stderr]).toEqual([0, ''])
    expect(linesOf(result).map(row => [row['partitionKey'], row['data']])).toEqual(
      Array.from({ length: 6 }, (_, i) => [`device-${i}`, `{"n":${i}}`])
    )
  },

  'encode-bad-base64': async () => {
    const bad = '{"partitionKey":"a","dataBase64":"!!!"}\n'
    const result = await run(['encode'], bad)
    expect(result.code).toBe(1)
    expect(result.stderr).toMatch(/record 1\b.*dataBase64/)
    expect(String(result.stdout)).toBe('')
  }
}
