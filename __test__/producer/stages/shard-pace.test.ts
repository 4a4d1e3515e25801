/** Pacing of one shard: 1,000 records and 1 MiB a second, a burst of 250 ms, and less after refusals. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { ShardPace } from '../../../src-js/producer/shard-pace'

const MIB = 1 << 20
const START = 1_000_000

beforeEach(() => {
  vi.spyOn(Math, 'random').mockReturnValue(1)
})

/** How many records of so many bytes go at a moment. */
function sentAt(pace: ShardPace, now: number, bytes = 1): number {
  let count = 0
  for (; pace.allowance(bytes, now) > 0; count++) pace.take(bytes, now)
  return count
}

const paceOf = (rateLimit = 1): ShardPace => new ShardPace(rateLimit, 'shardId-0', START)

describe('the buckets', () => {
  it.each([1, 0.1, 3])('records, with a rateLimit of %d', rateLimit => {
    const pace = paceOf(rateLimit)
    expect(sentAt(pace, START)).toBe(250 * rateLimit)
    expect(sentAt(pace, START + 100)).toBe(100 * rateLimit)
    // Nothing is saved beyond the burst.
    expect(sentAt(pace, START + 60_000)).toBe(250 * rateLimit)
  })

  it('bytes', () => {
    const pace = paceOf()
    expect(sentAt(pace, START, MIB / 64)).toBe(16)
    expect(sentAt(pace, START + 125, MIB / 64)).toBe(8)
    expect(sentAt(pace, START + 60_000, MIB / 64)).toBe(16)
  })

  it('has it had all, 10 ms pass before it has more: records then go together, not one by one', () => {
    const pace = paceOf()
    sentAt(pace, START)
    expect(pace.readyAt(1, START)).toBe(START + 10)
    for (const ms of [1, 5, 9]) expect(sentAt(pace, START + ms)).toBe(0)
    expect(sentAt(pace, START + 10)).toBe(10)
    expect(sentAt(pace, START + 19)).toBe(0)
    expect(sentAt(pace, START + 20)).toBe(10)
  })

  it('gives what is there, if that is not less than what is wanted', () => {
    const pace = paceOf()
    expect(pace.allowance(1000, START)).toBe(MIB / 4)
    pace.take(200_000, START)
    expect(pace.allowance(1000, START)).toBe(MIB / 4 - 200_000)
    expect(pace.allowance(100_000, START)).toBe(0)
    expect(pace.readyAt(100_000, START)).toBeCloseTo(START + ((300_000 - MIB / 4) / MIB) * 1000)
  })

  it('a record larger than a bucket goes when the bucket is full, and leaves a debt', () => {
    const pace = paceOf()
    expect(pace.allowance(MIB, START)).toBe(MIB)
    pace.take(MIB, START)
    expect(pace.allowance(1, START + 740)).toBe(0)
    expect(pace.readyAt(1, START + 740)).toBeCloseTo(START + 750)
    expect(pace.allowance(1, START + 751)).toBeGreaterThan(0)
    expect(pace.allowance(MIB, START + 980)).toBe(0)
    expect(pace.readyAt(MIB, START + 980)).toBeCloseTo(START + 1000)
    expect(pace.allowance(MIB, START + 1000)).toBe(MIB)
  })
})

describe('refusals', () => {
  it('each leaves 0.7 of the rate, at most once in 250 ms, not below 0.5 %', () => {
    const pace = paceOf()
    expect(pace.refused(START)).toBe(true)
    expect(pace.ratePerSecond).toBeCloseTo(700)
    expect(pace.refused(START + 249)).toBe(false)
    expect(pace.ratePerSecond).toBeCloseTo(700)
    expect(pace.refused(START + 250)).toBe(true)
    expect(pace.ratePerSecond).toBeLessThan(491)
    for (let i = 2; i < 100; i++) pace.refused(START + i * 250)
    expect(pace.ratePerSecond).toBeCloseTo(5)
  })

  it('the rate rises by 0.2 % of the limit a second for each second since, at most by 5 % a second', () => {
    const pace = paceOf()
    for (let i = 0; i < 100; i++) pace.refused(START + i * 250)
    const cutAt = START + 99 * 250
    const rateAfter = (seconds: number): number => {
      pace.allowance(1, cutAt + seconds * 1000)
      return pace.ratePerSecond
    }
    let before = rateAfter(0)
    for (let second = 1; second <= 24; second++) {
      const rate = rateAfter(second)
      expect(rate - before).toBeCloseTo(2 * second)
      before = rate
    }
    expect(rateAfter(30) - before).toBeCloseTo(6 * 50)
    expect(rateAfter(600)).toBe(1000)
  })

  it('a pause of 100 ms × 2ⁿ, at most 1 s, with full jitter, until the shard accepts again', () => {
    const pace = paceOf()
    let now = START
    const pauses = Array.from({ length: 6 }, () => {
      now += 10_000
      pace.refused(now)
      return pace.pausedUntil - now
    })
    expect(pauses).toEqual([100, 200, 400, 800, 1000, 1000])
    expect(pace.allowance(1, now + 999)).toBe(0)
    expect(pace.readyAt(1, now + 1)).toBe(now + 1000)
    expect(pace.allowance(1, now + 1000)).toBeGreaterThan(0)
    pace.accepted()
    pace.refused(now + 10_000)
    expect(pace.pausedUntil).toBe(now + 10_100)
    vi.spyOn(Math, 'random').mockReturnValue(0.25)
    pace.accepted()
    pace.refused(now + 20_000)
    expect(pace.pausedUntil).toBe(now + 20_025)
  })

  it('what was refused in the same pause does not make it longer', () => {
    const pace = paceOf()
    pace.refused(START)
    pace.refused(START + 50)
    expect(pace.pausedUntil).toBe(START + 100)
    pace.refused(START + 100)
    expect(pace.pausedUntil).toBe(START + 300)
  })

  it('for 10 s a lane asks for little', () => {
    const pace = paceOf()
    expect(pace.isModest(START)).toBe(false)
    pace.refused(START)
    expect(pace.isModest(START + 9999)).toBe(true)
    expect(pace.isModest(START + 10_000)).toBe(false)
  })

  it('records that may go elsewhere should, until the shard accepts', () => {
    const pace = paceOf()
    expect(pace.isTroubled(START)).toBe(false)
    pace.refused(START)
    expect(pace.isTroubled(START + 5000)).toBe(true)
    pace.accepted()
    expect(pace.isTroubled(START + 50)).toBe(true)
    expect(pace.isTroubled(START + 100)).toBe(false)
  })
})

describe('shards that nobody knows', () => {
  const unknown = (): ShardPace => new ShardPace(1, undefined, START)

  it('hold nothing back before a refusal', () => {
    const pace = unknown()
    pace.take(100 * MIB, START)
    expect(pace.allowance(MIB, START)).toBe(Infinity)
    expect(pace.readyAt(MIB, START)).toBeLessThanOrEqual(START)
  })

  it('a refusal leaves 0.7 of what was sent in the last second', () => {
    const pace = unknown()
    for (let i = 0; i <= 3000; i++) pace.take(1, START + i / 3)
    pace.refused(START + 1000)
    expect(pace.ratePerSecond).toBeGreaterThan(2050)
    expect(pace.ratePerSecond).toBeLessThan(2150)
    expect(pace.allowance(10 * MIB, START + 2000)).toBeGreaterThan(0)
  })

  it('bytes are measured as well', () => {
    const pace = unknown()
    for (let i = 0; i < 8; i++) pace.take(MIB / 2, START + i * 125)
    pace.refused(START + 1000)
    expect(pace.ratePerSecond).toBeCloseTo(2800)
  })

  it('not less than 0.05 of a shard, and nothing is held back at 4 times of what was measured', () => {
    const pace = unknown()
    pace.take(1, START)
    pace.refused(START + 1000)
    expect(pace.ratePerSecond).toBeCloseTo(35)
    let now = START + 1000
    while (pace.allowance(1, now) !== Infinity && now < START + 3_600_000) now += 1000
    // From 0.7 to 4 times: 3.3 times of 0.05 at 5 % of 0.2 a second, after the slow beginning.
    expect(pace.ratePerSecond).toBeCloseTo(200)
    expect(now - START).toBeGreaterThan(20_000)
    expect(now - START).toBeLessThan(60_000)
  })
})

describe('another rateLimit', () => {
  it('holds at once, and the bucket has no more than its burst', () => {
    const pace = paceOf()
    pace.limitTo(0.1, START)
    expect(pace.ratePerSecond).toBe(100)
    expect(sentAt(pace, START)).toBe(25)
    pace.limitTo(2, START)
    expect(pace.ratePerSecond).toBe(2000)
    expect(sentAt(pace, START + 100)).toBe(200)
  })

  it('leaves a rate that was cut below it', () => {
    const pace = paceOf()
    pace.refused(START)
    pace.limitTo(2, START)
    expect(pace.ratePerSecond).toBeCloseTo(700)
    pace.limitTo(0.5, START)
    expect(pace.ratePerSecond).toBe(500)
  })

  it('Infinity holds nothing back, and may be taken back', () => {
    const pace = paceOf()
    sentAt(pace, START)
    pace.limitTo(Infinity, START)
    expect(pace.allowance(1000 * MIB, START)).toBeGreaterThan(0)
    pace.take(1000 * MIB, START)
    expect(pace.allowance(1000 * MIB, START)).toBeGreaterThan(0)
    pace.limitTo(1, START)
    expect(sentAt(pace, START)).toBe(250)
  })

  it('says nothing of shards that nobody knows', () => {
    const pace = new ShardPace(1, undefined, START)
    pace.limitTo(0.01, START)
    expect(pace.allowance(MIB, START)).toBe(Infinity)
  })
})
