import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(__dirname, '..', '..')
const binary =
  process.env['KINESIS_AGG_BINARY'] ||
  join(
    root,
    'dist',
    readdirSync(join(root, 'dist')).find(name => name.endsWith('.node'))!
  )

/** With slashes also on Windows: it is quoted in code that is quoted in code. */
const slashes = (path: string) => path.replaceAll('\\', '/')
const index = slashes(join(root, 'dist', 'index.js'))

/** Code of a worker, and of the main thread where it says so: a round trip in every form, its outcome as a digest. */
const WORK = `
  const { createHash } = require('node:crypto')
  const work = (kinesisAgg, rounds) => {
    const hash = createHash('md5')
    for (let i = 0; i < rounds; i++) {
      const records = Array.from({ length: 50 }, (_, j) => ({
        partitionKey: 'key ' + ((i + j) % 7), data: Buffer.alloc((i * 31 + j * 17) % 300, j)
      }))
      const encoded = kinesisAgg.aggregate(records, { maxSize: 3000 })
      for (const { data } of kinesisAgg.deaggregateSync(encoded)) hash.update(data)
      for (const { data } of encoded) {
        kinesisAgg.deaggregateSync({ data: data.toString('base64') }, true, (error, list) => {
          if (error) throw error
          for (const one of list) hash.update(one.data)
        })
      }
      try {
        encoded[0].data[30] ^= 1
        kinesisAgg.deaggregateSync(encoded[0])
        throw new Error('not refused')
      } catch (error) {
        if (error.code !== 'ERR_INVALID_CHECKSUM') throw error
      }
    }
    return hash.digest('hex')
  }`

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** Runs a script in a process of its own: a crash at its exit would take this one with it. */
function run(script: string, env: NodeJS.ProcessEnv = process.env): Promise<Ended> {
  return new Promise(resolve => {
    const child = execFile(process.execPath, ['-e', script], { env }, (_, stdout, stderr) => {
      resolve({ code: child.exitCode, signal: child.signalCode, stdout: stdout.trim(), stderr })
    })
  })
}

const good = (stdout: string): Ended => ({ code: 0, signal: null, stdout, stderr: '' })

/** The digest of so many rounds, by a process without workers. */
async function expected(rounds: number): Promise<string> {
  const { stdout } = await run(`${WORK}; console.log(work(require(${JSON.stringify(index)}), ${rounds}))`)
  expect(stdout).toMatch(/^[0-9a-f]{32}$/)
  return stdout
}

/** A script that starts workers, in waves, each of which posts its digest. */
const waves = (onMain: string, waves: number, workers: number, rounds: number) => `
  const { Worker } = require('node:worker_threads')
  ${WORK}
  ${onMain}
  const code = ${JSON.stringify(WORK)} + \`;
    require('node:worker_threads').parentPort.postMessage(work(require(${JSON.stringify(index)}), ${rounds}))\`
  const one = () => new Promise((resolve, reject) => {
    let digest
    new Worker(code, { eval: true })
      .once('message', message => (digest = message))
      .once('error', reject)
      .once('exit', exitCode => exitCode === 0 ? resolve(digest) : reject(new Error('exit code ' + exitCode)))
  })
  ;(async () => {
    const digests = new Set()
    for (let i = 0; i < ${waves}; i++) {
      for (const digest of await Promise.all(Array.from({ length: ${workers} }, one))) digests.add(digest)
    }
    console.log([...digests].join())
  })()`

describe('worker threads', () => {
  it('16 in each of three waves, beside the main thread', async () => {
    const script = waves(`work(require(${JSON.stringify(index)}), 1)`, 3, 16, 3)
    expect(await run(script)).toEqual(good(await expected(3)))
  })

  it('loaded in workers alone, in waves, so that it is unloaded in between', async () => {
    expect(await run(waves('', 3, 4, 2))).toEqual(good(await expected(2)))
  })

  it('terminated in mid-call, again and again; the others go on', async () => {
    const script = `
      const { Worker } = require('node:worker_threads')
      ${WORK}
      const kinesisAgg = require(${JSON.stringify(index)})
      const code = \`
        const kinesisAgg = require(${JSON.stringify(index)})
        // Large enough that it is nearly always native code that is interrupted, in all forms.
        const records = Array.from({ length: 2000 }, (_, i) => ({ partitionKey: 'k' + i, data: Buffer.alloc(400, i) }))
        const encoded = kinesisAgg.aggregate(records)
        const text = encoded[0].data.toString('base64')
        require('node:worker_threads').parentPort.postMessage('ready')
        for (;;) {
          kinesisAgg.deaggregateSync([...encoded, ...encoded, ...encoded])
          kinesisAgg.deaggregateSync({ data: text }, true, () => {})
          kinesisAgg.aggregate(records)
        }\`
      const one = async i => {
        const worker = new Worker(code, { eval: true })
        const exited = new Promise(resolve => worker.once('exit', resolve))
        await new Promise(resolve => worker.once('message', resolve))
        await new Promise(resolve => setTimeout(resolve, (i * 7) % 40))
        await worker.terminate()
        return exited
      }
      ;(async () => {
        for (let wave = 0; wave < 3; wave++) {
          await Promise.all(Array.from({ length: 8 }, (_, i) => one(wave * 8 + i)))
        }
        console.log(work(kinesisAgg, 2))
      })()`
    expect(await run(script)).toEqual(good(await expected(2)))
  })

  it('the process ends while they are at work', async () => {
    const script = `
      const { Worker } = require('node:worker_threads')
      const code = ${JSON.stringify(WORK)} + \`;
        const kinesisAgg = require(${JSON.stringify(index)})
        work(kinesisAgg, 1)
        require('node:worker_threads').parentPort.postMessage('ready')
        for (;;) work(kinesisAgg, 1)\`
      let ready = 0
      for (let i = 0; i < 8; i++) {
        new Worker(code, { eval: true }).on('message', () => {
          if (++ready < 8) return
          console.log('all at work')
          process.exit(0)
        })
      }`
    expect(await run(script)).toEqual(good('all at work'))
  })
})

describe('loaded twice, from two paths', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-twice-'))
  const copies = ['one', 'two'].map(name => join(folder, name))
  beforeAll(() => {
    for (const copy of copies) {
      mkdirSync(copy)
      for (const file of [
        ...['index.js', 'binding.js', 'wasm-codec.js'].map(name => join(root, 'dist', name)),
        binary
      ])
        copyFileSync(file, join(copy, basename(file)))
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  // Each copy has to find its own binary.
  const env = { ...process.env, KINESIS_AGG_BINARY: '' }
  const paths = () => JSON.stringify(copies.map(copy => slashes(join(copy, 'index.js'))))
  const both = `
    if (one === two || one.ShardMap === two.ShardMap) throw new Error('loaded once')
    const [encoded] = one.aggregate([{ partitionKey: 'k', data: 'd' }])
    if (String(two.deaggregateSync(encoded)[0].data) !== 'd') throw new Error('not the same')
    const shards = new one.ShardMap([
      { ShardId: 'a', HashKeyRange: { StartingHashKey: '0', EndingHashKey: String(2n ** 128n - 1n) } }
    ])
    try {
      // The native table of the one means nothing to the other.
      new two.ShardedAggregator(shards)
      throw new Error('taken')
    } catch (error) {
      if (error.code !== 'ERR_INVALID_ARG_TYPE') throw error
    }
    if (work(one, 1) !== work(two, 1)) throw new Error('not the same')`

  it('in one thread', async () => {
    const script = `${WORK}; const [one, two] = ${paths()}.map(path => require(path)); ${both}; console.log('good')`
    expect(await run(script, env)).toEqual(good('good'))
  })

  it('in workers beside each other', async () => {
    const script = `
      const { Worker } = require('node:worker_threads')
      const code = ${JSON.stringify(WORK)} + \`;const [one, two] = ${paths()}.map(path => require(path));\` +
        ${JSON.stringify(both)}
      let ended = 0
      for (let i = 0; i < 6; i++) {
        new Worker(code, { eval: true })
          .on('error', error => { throw error })
          .on('exit', exitCode => { if (exitCode === 0 && ++ended === 6) console.log('good') })
      }`
    expect(await run(script, env)).toEqual(good('good'))
  })
})
