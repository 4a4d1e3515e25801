/** Stands in for KCL's MultiLangDaemon: starts a record processor and speaks the daemon's protocol with it, JSON lines. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Interface, createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** As the daemon writes it. */
export interface DaemonRecord {
  action: 'record'
  data: string
  partitionKey: string
  sequenceNumber: string
  subSequenceNumber: number
  approximateArrivalTimestamp: number
}

/** What the processor says: `status` ends an action, `checkpoint` asks for a checkpoint. */
export interface ProcessorMessage {
  action: 'status' | 'checkpoint'
  responseFor?: string
  sequenceNumber?: string | null
}

export class KclDaemon {
  /** Lines of standard output that are no messages; aws-kcl puts an empty one before each message. */
  readonly strayLines: string[] = []
  stderr = ''
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #lines: AsyncIterator<string>
  readonly #exit: Promise<unknown[]>

  constructor(file: string, env: Record<string, string>) {
    this.#child = spawn(process.execPath, [file], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'pipe']
    })
    this.#exit = once(this.#child, 'close')
    this.#child.stderr.on('data', chunk => (this.stderr += String(chunk)))
    // What is written to a processor that has ended is told by the message that does not come.
    this.#child.stdin.on('error', () => {})
    const lines: Interface = createInterface({ input: this.#child.stdout })
    this.#lines = lines[Symbol.asyncIterator]()
  }

  send(action: string, fields: object = {}): void {
    this.#child.stdin.write(`${JSON.stringify({ action, ...fields })}\n`)
  }

  /** The processor's next message; `undefined` if it has ended. */
  async next(): Promise<ProcessorMessage | undefined> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done === true) return undefined
      if (value === '') continue
      try {
        return JSON.parse(value) as ProcessorMessage
      } catch {
        this.strayLines.push(value)
      }
    }
  }

  /** Sends an action, and grants every checkpoint until the processor is done with it. @returns all that it said */
  async run(action: string, fields: object = {}): Promise<(ProcessorMessage | undefined)[]> {
    this.send(action, fields)
    const said: (ProcessorMessage | undefined)[] = []
    for (;;) {
      const message = await this.next()
      said.push(message)
      if (message?.action !== 'checkpoint') return said
      this.send('checkpoint', { sequenceNumber: null, subSequenceNumber: null, error: null })
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Closes standard input, as the daemon does at the end. @returns the exit code */
  async end(): Promise<number | null> {
    this.#child.stdin.end()
    return this.exit()
  }

  async exit(): Promise<number | null> {
    return (await this.#exit)[0] as number | null
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}
