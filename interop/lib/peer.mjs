// A foreign program that answers lines of JSON with lines of JSON.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const ANSWER_MS = 120_000
const END_MS = 30_000

export class Peer {
  #process
  #lines
  #complaint = ''

  /** @param {string[]} command program and arguments */
  constructor([program, ...args], settings = {}) {
    this.#process = spawn(program, args, { stdio: 'pipe', env: { ...process.env, ...settings } })
    this.#process.stderr.on('data', chunk => (this.#complaint = (this.#complaint + chunk).slice(-4000)))
    this.#process.on('error', error => (this.#complaint += error))
    // Writing to a program that has ended is told by the answer that does not come.
    this.#process.stdin.on('error', () => {})
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]()
  }

  /** One answer to one request; a `{ error }` of the program's is an answer too. */
  async ask(request) {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`)
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no answer in ${ANSWER_MS} ms: ${this.#complaint}`)),
        ANSWER_MS
      )
    })
    try {
      const { value, done } = await Promise.race([this.#lines.next(), late])
      if (done) throw new Error(`ended without an answer: ${this.#complaint}`)
      return JSON.parse(value)
    } finally {
      clearTimeout(timer)
    }
  }

  async end() {
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) return
    const ended = once(this.#process, 'exit')
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), END_MS)
    this.#process.stdin.end()
    await ended
    clearTimeout(timer)
  }
}
