/** What narrows after failures, and widens again: requests of a stream, circuits of a stream and of a client, pauses. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { about, backoff } from '../../../src-js/producer/backoff'
import { ConnectionGate } from '../../../src-js/producer/connection-gate'
import { RequestLimits } from '../../../src-js/producer/request-limits'
import { StreamCircuit } from '../../../src-js/producer/stream-circuit'

const MIB = 1 << 20
const START = 1_000_000

const random = (value: number) => vi.spyOn(Math, 'random').mockReturnValue(value)
beforeEach(() => {
  random(1)
})

it('pauses: 100 ms × 2ⁿ, at most 5 s, with full jitter', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 99].map(n => backoff(n))).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
  expect(backoff(9, 1000)).toBe(1000)
  random(0.5)
  expect(backoff(1)).toBe(100)
  random(0)
  expect(backoff(1)).toBe(0)
})

it('moments that should differ: 80 to 120 %', () => {
  random(0)
  expect(about(1000)).toBeCloseTo(800)
  random(1)
  expect(about(1000)).toBeCloseTo(1200)
})

describe('requests of a stream', () => {
  const limits = (): RequestLimits => new RequestLimits(6000, 24)

  it('begin at 1 MiB, grow by a tenth with each success, to 5 MiB', () => {
    const of = limits()
    expect(of.bytes).toBe(MIB)
    of.succeeded()
    expect(of.bytes).toBeCloseTo(1.1 * MIB)
    for (let i = 0; i < 100; i++) of.succeeded()
    expect(of.bytes).toBe(5 * MIB)
  })

  it('have 1 s more for each 256 KiB', () => {
    expect(limits().timeFor(0)).toBe(6000)
    expect(limits().timeFor(MIB)).toBe(10_000)
  })

  it('after a time-out: half of the bytes and of those in flight, twice the time up to 30 s', () => {
    const of = limits()
    of.timedOut(400_000, 10)
    expect(of.bytes).toBe(200_000)
    expect(of.inFlight(START)).toBe(5)
    expect(of.timeFor(0)).toBe(12_000)
    of.timedOut(MIB, 100)
    expect(of.bytes).toBe(100_000)
    expect(of.inFlight(START)).toBe(2)
    expect(of.timeFor(0)).toBe(24_000)
    for (let i = 0; i < 5; i++) of.timedOut(MIB, 100)
    expect(of.bytes).toBe(20_000)
    expect(of.inFlight(START)).toBe(1)
    expect(of.timeFor(0)).toBe(30_000)
  })

  it('with each success the time shrinks by a tenth, and one more may be in flight', () => {
    const of = limits()
    for (let i = 0; i < 2; i++) of.timedOut(MIB, 24)
    expect(of.inFlight(START)).toBe(6)
    of.succeeded()
    expect(of.timeFor(0)).toBeCloseTo(24_000 * 0.9)
    expect(of.inFlight(START)).toBe(7)
    for (let i = 0; i < 50; i++) of.succeeded()
    expect(of.timeFor(0)).toBe(6000)
    expect(of.inFlight(START)).toBe(24)
  })

  it('refused for load: half of those in flight, and one more a second', () => {
    const of = limits()
    of.throttled(10, START)
    expect(of.inFlight(START)).toBe(5)
    expect(of.inFlight(START + 999)).toBe(5)
    expect(of.inFlight(START + 1000)).toBe(6)
    of.throttled(6, START + 1000)
    expect(of.inFlight(START + 1000)).toBe(3)
    for (let i = 0; i < 5; i++) of.throttled(1, START + 1000)
    expect(of.inFlight(START + 1000)).toBe(1)
    expect(of.inFlight(START + 60_000)).toBe(24)
  })

  it('too large for somebody on the way: half of that, not less than 1,000 B', () => {
    const of = limits()
    of.tooLarge(10_000)
    expect(of.bytes).toBe(5000)
    of.tooLarge(MIB)
    expect(of.bytes).toBe(2500)
    for (let i = 0; i < 5; i++) of.tooLarge(1)
    expect(of.bytes).toBe(1000)
    // A time-out does not make it more.
    of.timedOut(MIB, 1)
    expect(of.bytes).toBe(1000)
  })
})

describe("a stream's circuit", () => {
  const GRACE_MS = 10_000

  it('opens at a failure; probes 0.2, 0.5, 1, 2 and 4 s after that, then twice as late, then 5 s apart', () => {
    const circuit = new StreamCircuit(100_000)
    expect(circuit.isOpen).toBe(false)
    circuit.failed('ERR_ACCESS_DENIED', 'why', START)
    expect(circuit).toMatchObject({ isOpen: true, isFailing: false, code: 'ERR_ACCESS_DENIED', cause: 'why' })
    const probes: number[] = []
    for (let i = 0; i < 9; i++) {
      probes.push(circuit.nextProbe - START)
      circuit.failed('ERR_ACCESS_DENIED', 'why', circuit.nextProbe)
    }
    expect(probes).toEqual([200, 500, 1000, 2000, 4000, 8000, 13_000, 18_000, 23_000])
  })

  it('what was sent before it opened does not count as a probe', () => {
    const circuit = new StreamCircuit(GRACE_MS)
    for (let i = 0; i < 10; i++) circuit.failed('ERR_STREAM_NOT_FOUND', i, START + i)
    expect(circuit.nextProbe).toBe(START + 200)
    expect(circuit).toMatchObject({ cause: 9, code: 'ERR_STREAM_NOT_FOUND' })
  })

  it('fails after the grace, then probes 5 s apart; a success closes it', () => {
    const circuit = new StreamCircuit(GRACE_MS)
    expect(circuit.graceEnd).toBe(Infinity)
    circuit.failed('ERR_ACCESS_DENIED', 'why', START)
    expect(circuit.graceEnd).toBe(START + GRACE_MS)
    circuit.fail(START + GRACE_MS)
    expect(circuit).toMatchObject({ isFailing: true, graceEnd: Infinity, nextProbe: START + GRACE_MS + 5000 })
    circuit.failed('ERR_ACCESS_DENIED', 'why', circuit.nextProbe)
    expect(circuit.nextProbe).toBe(START + GRACE_MS + 10_000)
    circuit.succeeded()
    expect(circuit).toMatchObject({ isOpen: false, isFailing: false, graceEnd: Infinity })
    circuit.failed('ERR_ACCESS_DENIED', 'why', START + 60_000)
    expect(circuit).toMatchObject({ graceEnd: START + 60_000 + GRACE_MS, nextProbe: START + 60_200 })
  })
})

describe("a client's connection", () => {
  it('is probed 100 ms × 2ⁿ after a failure, at most 5 s, from half of that on', () => {
    for (const [value, share] of [
      [1, 1],
      [0, 0.5]
    ] as const) {
      random(value)
      const gate = new ConnectionGate()
      let now = START
      const pauses = Array.from({ length: 7 }, () => {
        gate.failed(now)
        const pause = gate.nextProbe - now
        now = gate.nextProbe
        return pause
      })
      expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000].map(pause => pause * share))
    }
  })

  it('what began before it closed does not count', () => {
    const gate = new ConnectionGate()
    for (let i = 0; i < 10; i++) gate.failed(START + i)
    expect(gate.nextProbe).toBe(START + 100)
  })

  it('opens with any answer, and then begins anew', () => {
    const gate = new ConnectionGate()
    for (let i = 0; i < 3; i++) gate.failed(START + i * 10_000)
    expect(gate.isClosed).toBe(true)
    gate.answered()
    expect(gate.isClosed).toBe(false)
    expect(gate.hasSucceeded).toBe(false)
    gate.failed(START + 50_000)
    expect(gate.nextProbe).toBe(START + 50_100)
    gate.succeeded()
    expect(gate).toMatchObject({ isClosed: false, hasSucceeded: true })
  })

  it('the third time-out without a success between tells once that it is stuck', () => {
    const gate = new ConnectionGate()
    const told = (): boolean[] => Array.from({ length: 4 }, () => gate.timedOut())
    expect(told()).toEqual([false, false, true, false])
    gate.answered()
    expect(gate.timedOut()).toBe(false)
    gate.succeeded()
    expect(told()).toEqual([false, false, true, false])
  })
})
