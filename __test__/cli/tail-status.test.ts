/** The line that tells how the reading goes. */
import { beforeEach, describe, expect, it } from 'vitest'
import { StatusLine } from '../../src-js/cli/status-line'
import { TailStatus } from '../../src-js/cli/tail-status'
import { FakeClock } from '../support/cli-clock'

const good = { behindMs: 0, isThrottled: false, isIdle: false }

describe('the text', () => {
  let clock: FakeClock
  let status: TailStatus
  beforeEach(() => {
    clock = new FakeClock(1000)
    status = new TailStatus(clock)
    for (const id of ['a', 'b', 'c', 'd']) status.began(id)
  })

  /** Every shard is read after so long. */
  const readAll = (ms: number, pace = good): void => {
    clock.advance(ms)
    for (const id of ['a', 'b', 'c', 'd']) status.paced(id, pace)
  }

  it('says that nothing comes', () => {
    expect(status.text()).toBe('Waiting on 4 shards…')
    readAll(1000)
    expect(status.text()).toBe('Waiting on 4 shards…')
    for (const id of ['b', 'c', 'd']) status.ended(id)
    expect(status.text()).toBe('Waiting on 1 shard…')
  })

  it('says how many records come, of the last seconds', () => {
    status.text()
    status.count(15)
    readAll(1000)
    expect(status.text()).toBe('15 records/s, up to date, 4 shards')
    clock.advance(1000)
    expect(status.text()).toBe('7.5 records/s, up to date, 4 shards')
    for (let i = 0; i < 10; i++) {
      clock.advance(500)
      status.text()
    }
    expect(status.text()).toBe('Waiting on 4 shards…')
    status.count(100_000)
    expect(status.text()).toBe('20,000 records/s, up to date, 4 shards')
  })

  it.each([
    [900, '1 s'],
    [59_001, '60 s'],
    [90_000, '2 min'],
    [5_400_000, '1.5 h']
  ])('says the longest lag: %d ms', (behindMs, expected) => {
    status.paced('b', { ...good, behindMs })
    expect(status.text()).toBe(`0.0 records/s, ${expected} behind, 4 shards`)
  })

  it('says what slows down', () => {
    readAll(4000)
    status.paced('a', { ...good, isThrottled: true })
    expect(status.text()).toBe('Waiting on 4 shards… (1 throttled by Kinesis, each is read every 3 s)')
    readAll(5000, { ...good, isIdle: true })
    expect(status.text()).toBe('Waiting on 4 shards… (4 idle, each is read every 5 s)')
    readAll(1000)
    expect(status.text()).toBe('Waiting on 4 shards…')
  })
})

describe('the line', () => {
  const lineOf = (columns: number, isTerminal = true) => {
    const written: string[] = []
    const line = new StatusLine({ write: text => written.push(text), columns }, isTerminal)
    return { line, written }
  }

  it('is written over, fits, and makes room for messages', () => {
    const { line, written } = lineOf(20)
    line.show('short')
    line.show('x'.repeat(30))
    line.say('a message')
    line.show('again')
    line.hold()
    line.show('not now')
    line.release()
    line.clear()
    expect(written).toEqual([
      'short',
      '\r\x1b[K',
      `${'x'.repeat(18)}…`,
      '\r\x1b[K',
      'a message\n',
      'again',
      '\r\x1b[K'
    ])
  })

  it('is not there where no terminal is', () => {
    const { line, written } = lineOf(20, false)
    line.show('text')
    line.clear()
    line.say('a message')
    expect(written).toEqual(['a message\n'])
  })
})
