/** `tail` on a pseudo terminal, whose screen is read back. */
import { PutRecordCommand } from '@aws-sdk/client-kinesis'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LIVE_ENV } from '../support/live-cli'
import { useLocalKinesis } from '../support/local-kinesis'
import { Proxy } from '../support/proxy'
import { TerminalRun, hasTerminals } from '../support/terminal'

const local = useLocalKinesis()
const WAIT = { timeout: 60_000 }

const putOne = (StreamName: string, PartitionKey: string, Data: string) =>
  local.admin.send(new PutRecordCommand({ StreamName, PartitionKey, Data: Buffer.from(Data) }))

function onTerminal(args: string[], endpoint = local.endpoint): TerminalRun {
  const terminal = new TerminalRun([...args, '--endpoint-url', endpoint], 80, { ...LIVE_ENV, TZ: 'UTC' })
  onTestFinished(() => terminal.kill())
  return terminal
}

const shown = (terminal: TerminalRun): string => terminal.screen.lines.join('\n')

describe.skipIf(!hasTerminals)('tail on a terminal', () => {
  it('shows rows that fit, a status line below them, and follows the size', async () => {
    const stream = await local.create('shown', 1)
    await putOne(stream, 'boiler-7', `{"text":"${'x'.repeat(200)}\x1b[2J"}`)
    const terminal = onTerminal(['tail', stream, '--since', 'start'])
    await expect.poll(() => shown(terminal), WAIT).toMatch(/\n.*boiler-7.*\n.*(?:1 shard|1 shard…)$/)
    const [said, heading, row, status, ...more] = terminal.screen.lines
    expect(said).toBe('kinesis-agg: reading shown from the oldest record')
    expect(heading).toMatch(/^TIME +SHARD {2}KEY +SIZE {2}DATA$/)
    expect(row).toMatch(/^[\d:.]{12} +0 {2}boiler-7 +215 {2}\{"text":"x+…$/)
    expect(row).toHaveLength(80)
    expect([status!.length < 80, more]).toEqual([true, []])
    await expect.poll(() => terminal.screen.lines.at(-1), WAIT).toBe('Waiting on 1 shard…')

    terminal.resize(50)
    await putOne(stream, 'boiler-9', 'y'.repeat(200))
    await expect.poll(() => shown(terminal), WAIT).toContain('yyy…')
    const lines = terminal.screen.lines
    expect(lines.slice(0, 3)).toEqual([said, heading, row])
    expect(lines[3]).toMatch(/^TIME +SHARD {2}KEY +SIZE {2}DATA$/)
    expect(lines[4]).toHaveLength(50)

    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
    expect(terminal.screen.lines.slice(0, 5)).toEqual(lines.slice(0, 5))
    expect(shown(terminal)).not.toContain('Waiting')
  })

  it('shows only rows with -q', async () => {
    const stream = await local.create('quiet', 1)
    await putOne(stream, 'k', 'x')
    const terminal = onTerminal([
      'tail',
      stream,
      '--since',
      'start',
      '-q',
      '--limit',
      '1',
      '--color',
      'never'
    ])
    expect(await terminal.ended).toBe(0)
    expect(terminal.screen.lines).toEqual([
      expect.stringMatching(/^TIME/),
      expect.stringMatching(/ +0 {2}k +1 {2}x$/),
      ''
    ])
  })

  it('says that a shard is throttled, and that credentials have expired', async () => {
    const stream = await local.create('slow', 1)
    const proxy = new Proxy()
    onTestFinished(() => proxy.close())
    let fault = 'ProvisionedThroughputExceededException'
    proxy.refuse = ({ name }) => (name === 'GetRecords' ? { name: fault } : undefined)
    const terminal = onTerminal(['tail', stream, '--since', 'start'], await proxy.listen(local.endpoint))
    await expect
      .poll(() => shown(terminal), WAIT)
      .toMatch(/\nWaiting on 1 shard… \(1 throttled by Kinesis.*\)$/)
    fault = 'ExpiredTokenException'
    await expect
      .poll(() => shown(terminal), WAIT)
      .toMatch(/\nkinesis-agg: Credentials expired: [^]*; waiting\n$/)
    terminal.type('\x03')
    expect(await terminal.ended).toBe(130)
  })
})
