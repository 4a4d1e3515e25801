/** `put` on a pseudo terminal, whose screen is read back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { LIVE_ENV } from '../support/live-cli'
import { useLocalKinesis } from '../support/local-kinesis'
import { Proxy } from '../support/proxy'
import { TerminalRun, hasTerminals } from '../support/terminal'

const local = useLocalKinesis()
const WAIT = { timeout: 60_000 }

describe.skipIf(!hasTerminals)('put on a terminal', () => {
  it('shows progress, which is gone at the end', async () => {
    const stream = await local.create('progress', 2)
    const folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-put-'))
    const file = join(folder, 'lines')
    writeFileSync(file, 'line\n'.repeat(50))
    const proxy = new Proxy()
    let isThrottled = true
    proxy.refuse = ({ name }) =>
      name === 'PutRecords' && isThrottled ? { name: 'ProvisionedThroughputExceededException' } : undefined
    const endpoint = await proxy.listen(local.endpoint)
    const args = ['put', stream, '--key', 'k', file, '--endpoint-url', endpoint]
    const terminal = new TerminalRun(args, 100, LIVE_ENV)
    onTestFinished(() => {
      terminal.kill()
      proxy.close()
      rmSync(folder, { recursive: true })
    })
    const last = () => terminal.screen.lines.at(-1)
    await expect
      .poll(last, WAIT)
      .toMatch(/^0 records stored, \d\.\d MB sent, 0\.0 records\/s, [1-9]\d* retried, 2 shards$/)
    isThrottled = false
    expect(await terminal.ended).toBe(0)
    expect(terminal.screen.lines).toEqual([
      expect.stringMatching(
        /^kinesis-agg: 50 user records stored, \d+ Kinesis records sent(?:, \d+ PUT units? saved)?$/
      ),
      ''
    ])
  })

  it('wants a file or a pipe', async () => {
    const terminal = new TerminalRun(['put', 'stream', '--key', 'k'], 80, LIVE_ENV)
    expect(await terminal.ended).toBe(2)
    expect(terminal.screen.lines[0]).toBe('kinesis-agg: name a file, or pipe something in')
  })
})
