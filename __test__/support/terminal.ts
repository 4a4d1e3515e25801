import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cli } from './cli'

// `script` of util-linux runs a command on a terminal of its own.
const SCRIPT = '/usr/bin/script'

export const hasTerminals = process.platform === 'linux' && existsSync(SCRIPT)

/** What a terminal shows: it knows line breaks, clearing to the end of the line, and colors, which it ignores. */
export class Screen {
  readonly #lines: string[] = ['']
  #column = 0

  constructor(public columns: number) {}

  write(text: string): void {
    const [plain, ...rest] = text.split('\x1b')
    for (const character of plain!) this.#put(character)
    for (const piece of rest) {
      const order = /^\[[\d;]*[A-Za-z]/.exec(piece)![0]
      if (order === '[K') this.#clear()
      for (const character of piece.slice(order.length)) this.#put(character)
    }
  }

  #clear(): void {
    this.#lines[this.#lines.length - 1] = this.#lines.at(-1)!.slice(0, this.#column)
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0
    else if (character === '\n') {
      this.#lines.push('')
      this.#column = 0
    } else if (this.#column >= this.columns) {
      this.#put('\n')
      this.#put(character)
    } else {
      const line = this.#lines.at(-1)!
      this.#lines[this.#lines.length - 1] =
        line.slice(0, this.#column) + character + line.slice(this.#column + character.length)
      this.#column++
    }
  }

  /** The line with the cursor is the last. */
  get lines(): readonly string[] {
    return this.#lines
  }
}

/** The command on a terminal. */
export class TerminalRun {
  readonly screen: Screen
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<number | null>
  #device = ''

  constructor(args: string[], columns: number, env: NodeJS.ProcessEnv) {
    this.screen = new Screen(columns)
    const quoted = [process.execPath, cli, ...args].map(word => `'${word}'`).join(' ')
    // The first line is the name of the terminal.
    const command = `stty cols ${columns}; tty; exec ${quoted}`
    this.#child = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env })
    this.#child.stdin.on('error', () => {})
    let head: string | undefined = ''
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (head === undefined) {
        this.screen.write(text)
        return
      }
      head += text
      const end = head.indexOf('\n')
      if (end < 0) return
      this.#device = head.slice(0, end).trim()
      this.screen.write(head.slice(end + 1))
      head = undefined
    })
    this.#ended = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  /** Types keys. */
  type(text: string): void {
    this.#child.stdin.write(text)
  }

  resize(columns: number): void {
    execFileSync('stty', ['-F', this.#device, 'cols', String(columns)])
    this.screen.columns = columns
  }

  /** Its exit status. */
  get ended(): Promise<number | null> {
    return this.#ended
  }

  /** Ends it, whatever it does. */
  kill(): void {
    this.#child.stdin.end()
    this.#child.kill('SIGKILL')
  }
}
