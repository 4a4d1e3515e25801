// AWS's MultiLangDaemon, started as the page says, with what is special to loopback and to a short run.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const EXAMPLE = fileURLToPath(new URL('../../examples/kcl/', import.meta.url))
const END_MS = 60_000

/** By default KCL takes half a minute until the first record. */
const QUICK = {
  metricsLevel: 'NONE',
  retrievalMode: 'POLLING',
  maxRecords: '200',
  idleTimeBetweenReadsInMillis: '250',
  failoverTimeMillis: '5000',
  leaseAssignmentIntervalMillis: '1000',
  workerMetricsReporterFreqInMillis: '1000',
  shardSyncIntervalMillis: '1000',
  parentShardPollIntervalMillis: '1000'
}

/** The settings of examples/kcl/kcl.properties. */
function exampleSettings() {
  const text = readFileSync(join(EXAMPLE, 'kcl.properties'), 'utf8')
  return Object.fromEntries([...text.matchAll(/^(\w+) = (.*)$/gm)].map(([, key, value]) => [key, value]))
}

export class Daemon {
  #process
  #log
  #ended

  /**
   * @param {{ jars: string, folder: string, name: string, settings: Record<string, string>, env?: object }} options
   *   `folder`: where settings and log are kept
   */
  constructor({ jars, folder, name, settings, env = {} }) {
    const properties = join(folder, `${name}.properties`)
    const all = { ...exampleSettings(), ...QUICK, regionName: 'us-east-1', workerId: name, ...settings }
    writeFileSync(
      properties,
      Object.entries(all)
        .map(entry => `${entry.join(' = ')}\n`)
        .join('')
    )
    this.#log = join(folder, `${name}.log`)
    const log = openSync(this.#log, 'w')
    const flags = ['-Xmx256m', '-Dfile.encoding=UTF-8', '-cp', join(jars, '*')]
    this.#process = spawn(
      'java',
      [...flags, 'software.amazon.kinesis.multilang.MultiLangDaemon', '--properties-file', properties],
      {
        cwd: EXAMPLE,
        // A group of its own, with the record processors that it starts.
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'local',
          AWS_SECRET_ACCESS_KEY: 'local',
          AWS_REGION: 'us-east-1',
          ...env
        }
      }
    )
    closeSync(log)
    this.#ended = once(this.#process, 'exit')
    this.killAtExit = () => this.#signal('SIGKILL')
    process.once('exit', this.killAtExit)
  }

  get hasEnded() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null
  }

  /** What daemon and record processors printed. */
  get log() {
    return readFileSync(this.#log, 'utf8')
  }

  /** As a machine that fails: daemon and record processors at once. */
  async kill() {
    this.#signal('SIGKILL')
    await this.ended()
  }

  /** As a supervisor does: SIGTERM to daemon and record processors. @returns its exit code */
  async terminate() {
    this.#signal('SIGTERM')
    return this.ended()
  }

  async ended() {
    const timer = setTimeout(() => this.#signal('SIGKILL'), END_MS)
    const [code] = await this.#ended
    clearTimeout(timer)
    process.off('exit', this.killAtExit)
    return code
  }

  #signal(name) {
    try {
      process.kill(-this.#process.pid, name)
    } catch {
      // It has ended, and its record processors too.
    }
  }
}
