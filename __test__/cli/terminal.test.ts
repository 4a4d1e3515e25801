import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Messages } from '../../src-js/cli/messages'
import { displayWidth, fit, preview, printable } from '../../src-js/cli/text'
import { cli } from '../support/cli'

describe('progress', () => {
  const START = 1_000_000
  let written: string[]
  let clock: number
  const messages = (shows: boolean, total?: number): Messages =>
    new Messages({ write: (text: string) => written.push(text) } as never, shows, total)

  beforeEach(() => {
    written = []
    clock = START
    vi.spyOn(Date, 'now').mockImplementation(() => clock)
  })
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is shown twice a second, and is gone at the end', () => {
    const shown = messages(true, 4e6)
    shown.progress(1e6, 1000)
    expect(written).toEqual([])
    clock += 500
    shown.progress(1e6, 2000)
    clock += 499
    shown.progress(1e5, 3000)
    expect(written).toEqual(['2.0 MB of 4.0 MB (50 %), 2,000 user records'])
    clock += 1
    shown.progress(1e5, 4000)
    shown.end()
    shown.end()
    expect(written.slice(1)).toEqual(['\r\x1b[K', '2.2 MB of 4.0 MB (55 %), 4,000 user records', '\r\x1b[K'])
  })

  it('makes room for a message', () => {
    const shown = messages(true)
    clock += 500
    shown.progress(5e5, 7)
    shown.problem({ offset: 3, problem: 'x' }, 1, 'bad\x1b[2J', '49\n')
    shown.end()
    expect(written).toEqual([
      '0.5 MB, 7 user records',
      '\r\x1b[K',
      'kinesis-agg: record 1 (sequence number 49\\n) at byte 3: bad\\x1b[2J\n'
    ])
  })

  it('is not shown where there is no terminal', () => {
    const silent = messages(false, 4e6)
    clock += 5000
    silent.progress(1e6, 1)
    silent.end()
    expect(written).toEqual([])
  })
})

// `script` of util-linux runs a command on a terminal of its own.
const script = '/usr/bin/script'

function onTerminal(args: string, columns = 80): string {
  const command = `stty cols ${columns}; ${process.execPath} ${cli} ${args}`
  const { stdout } = spawnSync(script, ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    timeout: 100_000,
    env: { ...process.env, TZ: 'UTC', NO_COLOR: '1' }
  })
  return stdout.replaceAll('\r', '')
}

describe('on a terminal', () => {
  it.skipIf(process.platform !== 'linux' || !existsSync(script))(
    'decode prints columns that fit, and does not wait for input',
    () => {
      const file = join(__dirname, '..', 'fixtures', 'events', 'kinesis.json')
      const lines = onTerminal(`decode ${file}`).split('\n')
      expect(lines[0]).toMatch(/^TIME +SHARD {2}KEY +SIZE {2}DATA$/)
      expect(lines[1]).toMatch(/^2025-10-09 08:53 +2 {2}boiler-7 +51 {2}\{"device":.*…$/)
      expect(lines).toHaveLength(8)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
      expect(onTerminal(`decode --json ${file}`)).toMatch(/^\{"shardId"/)
      expect(onTerminal(`decode --wide ${file}`)).toMatch(
        /^TIME +SHARD +SEQUENCE +SUB {2}KEY +HASH KEY +SIZE {2}DATA\n/
      )
      expect(onTerminal(`decode --color always ${file}`)).toContain('\x1b[1mTIME\x1b[22m')
      expect(onTerminal('decode')).toContain('name a file, or pipe something in')
    }
  )

  it.each([
    ['abc', 10, 'abc'],
    ['abcdefghij', 10, 'abcdefghij'],
    ['abcdefghijk', 10, 'abcdefghi…'],
    ['我我我我我', 10, '我我我我我'],
    ['我我我我我我', 10, '我我我我…'],
    ['e\u0301'.repeat(10), 10, 'e\u0301'.repeat(10)]
  ])('fits %j into %i columns', (text, columns, expected) => {
    expect(fit(text, columns)).toBe(expected)
    expect(displayWidth(fit(text, columns))).toBeLessThanOrEqual(columns)
  })

  it('previews text that a cut character does not turn into hexadecimal', () => {
    for (let cut = 0; cut < 4; cut++) {
      const data = Buffer.from('.'.repeat(cut) + '𝄞'.repeat(100))
      expect(preview(data, 20)).toBe(`${'.'.repeat(cut)}${'𝄞'.repeat(19 - cut)}…`)
    }
    expect(preview(Buffer.from([0, 255]), 20)).toBe('0x 00 ff')
    expect(preview(Buffer.alloc(100, 255), 20)).toBe(`0x ${'ff '.repeat(5)}f…`)
    expect(preview(Buffer.alloc(0), 20)).toBe('')
    expect(printable('\u{1f600} ok')).toBe('\u{1f600} ok')
  })
})
