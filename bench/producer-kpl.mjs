/**
 * The KPL and our producer, in turn, put the same records into the same kind of sink over TLS on loopback: latency,
 * requests, PUT payload units, CPU time and memory of all processes, order, what was lost or repeated.
 *
 *     node bench/producer-kpl.mjs [--seconds 10] [--only 10000] [--out bench/results/producer-kpl.json]
 *
 * It needs a JDK and Maven (the KPL comes from Maven Central), and Linux.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { installJava, kplVersion } from '../interop/lib/install.mjs'

/** Of /proc/PID/stat. */
const TICKS_A_SECOND = 100
const FLAT_OUT = 300_000

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string' },
    out: { type: 'string', default: fileURLToPath(new URL('results/producer-kpl.json', import.meta.url)) }
  }
})
const seconds = Number(options.seconds)

/** As many shards as the records need: each takes 1 MiB a second. 0 a second: as fast as each can. */
const CASES = [
  { perSecond: 2000, size: 200, shards: 4, delayMs: 15 },
  { perSecond: 10_000, size: 200, shards: 4, delayMs: 15 },
  { perSecond: 0, size: 200, shards: 4, delayMs: 15 },
  { perSecond: 2000, size: 1024, shards: 4, delayMs: 15 },
  { perSecond: 10_000, size: 1024, shards: 16, delayMs: 15 },
  { perSecond: 0, size: 1024, shards: 16, delayMs: 15 },
  { perSecond: 10_000, size: 200, shards: 4, delayMs: 50 },
  { perSecond: 10_000, size: 200, shards: 4, delayMs: 100 }
].filter(({ perSecond }) => options.only === undefined || perSecond === Number(options.only))

/** @param {string} file */
function read(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return '' // The process has ended.
  }
}

/** @param {string} pid */
const statOf = pid =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')

/** A process and all that it started. @param {number} root @returns {string[]} */
function familyOf(root) {
  const children = fs
    .readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(statOf(name)[1]) === root)
  return [String(root), ...children.flatMap(child => familyOf(Number(child)))]
}

/** @param {readonly string[]} pids */
function cpuSeconds(pids) {
  return pids.reduce((sum, pid) => {
    const stat = statOf(pid)
    return sum + (Number(stat[11] ?? 0) + Number(stat[12] ?? 0)) / TICKS_A_SECOND
  }, 0)
}

/** @param {readonly string[]} pids */
function residentMiB(pids) {
  return pids.reduce(
    (sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024,
    0
  )
}

/** @param {import('node:child_process').ChildProcess} sink @param {string} question @returns {Promise<any>} */
async function ask(sink, question) {
  sink.send(question)
  const [answer] = await once(sink, 'message')
  return answer
}

/**
 * @param {(port: number, count: number, size: number, perSecond: number) => string[]} commandOf
 * @param {typeof CASES[number]} setup
 */
async function measure(commandOf, { perSecond, size, shards, delayMs }) {
  const count = perSecond > 0 ? perSecond * seconds : FLAT_OUT
  const sink = fork(fileURLToPath(new URL('kinesis-sink.mjs', import.meta.url)), [
    String(shards),
    String(delayMs),
    'keep'
  ])
  const [{ port }] = await once(sink, 'message')
  const [program, ...args] = commandOf(port, count, size, perSecond)
  const producer = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const exit = once(producer, 'exit')
  const lines = createInterface({ input: producer.stdout })[Symbol.asyncIterator]()
  for (let line; line !== 'START';) {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${program} ended before it began`)
    line = value
  }
  // Whatever starting up takes is over then.
  await new Promise(resolve => setTimeout(resolve, 1000))
  const family = familyOf(/** @type {number} */ (producer.pid))
  const before = { cpu: cpuSeconds(family), ...(await ask(sink, 'counts')) }
  let peakMiB = 0
  const sampler = setInterval(() => {
    peakMiB = Math.max(peakMiB, residentMiB(family))
  }, 100)
  producer.stdin.write('go\n')
  const told = JSON.parse((await lines.next()).value)
  clearInterval(sampler)
  const cpu = cpuSeconds(family) - before.cpu
  const counts = await ask(sink, 'counts')
  const { distinct, repeated, inversions } = await ask(sink, 'judge')
  producer.stdin.end('end\n')
  await exit
  sink.disconnect()
  return {
    count,
    perSecond: Math.round((count / told.elapsedMs) * 1000),
    p50: Math.round(told.p50),
    p99: Math.round(told.p99),
    requests: counts.requests - before.requests,
    kinesisRecords: counts.kinesisRecords - before.kinesisRecords,
    units: counts.units - before.units,
    cpuSeconds: Number(cpu.toFixed(2)),
    peakMiB: Math.round(peakMiB),
    inversions,
    failed: told.failed,
    lost: count - told.failed - distinct,
    repeated
  }
}

const { command, work } = installJava('kpl', 'Rate')
const PRODUCERS = {
  kpl: (/** @type {number} */ port, /** @type {number[]} */ ...rest) => [
    command[0],
    '-Xmx1g',
    ...command.slice(1),
    ...[port, work, ...rest].map(String)
  ],
  ours: (/** @type {number[]} */ ...args) => [
    process.execPath,
    fileURLToPath(new URL('producer-put.mjs', import.meta.url)),
    ...args.map(String)
  ]
}

const rows = []
for (const setup of CASES) {
  /** @type {any} */
  const row = { ...setup, loadAverage: Number(os.loadavg()[0].toFixed(1)) }
  for (const [who, commandOf] of Object.entries(PRODUCERS)) row[who] = await measure(commandOf, setup)
  rows.push(row)
  console.log(JSON.stringify(row))
}
fs.writeFileSync(
  options.out,
  `${JSON.stringify(
    {
      date: new Date().toISOString(),
      node: process.version,
      kpl: kplVersion(),
      cpu: os.cpus()[0]?.model,
      cores: os.cpus().length,
      seconds,
      rows
    },
    undefined,
    2
  )}\n`
)
