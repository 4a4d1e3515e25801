/** The limits on what is accepted and not settled. */
import { describe, expect, it, vi } from 'vitest'
import { Pending } from '../../../src-js/producer/pending'

function filled(records: number, bytes: number) {
  const drained = vi.fn()
  const pending = new Pending(100, 1000, drained)
  for (let i = 0; i < records; i++) pending.add(bytes)
  return { pending, drained }
}

it.each([
  ['records', 49, 50, 0],
  ['bytes', 49, 50, 10]
])('half of the limit of %s', (_, below, from, bytes) => {
  const { pending } = filled(below, bytes)
  expect(pending.isHalf).toBe(false)
  expect(pending.isHurried).toBe(false)
  expect(pending.add(bytes)).toBe(false)
  expect(pending.records).toBe(from)
  expect(pending.isHalf).toBe(true)
  expect(pending.isHurried).toBe(true)
})

it('has room up to the limits; with nothing pending, for anything', () => {
  expect(filled(0, 0).pending.hasRoomFor(100_000)).toBe(true)
  expect(filled(99, 0).pending.hasRoomFor(1)).toBe(true)
  expect(filled(100, 0).pending.hasRoomFor(1)).toBe(false)
  expect(filled(1, 400).pending.hasRoomFor(600)).toBe(true)
  expect(filled(1, 400).pending.hasRoomFor(601)).toBe(false)
})

it('one of several may have half, by records and by bytes; who is alone all', () => {
  const { pending } = filled(60, 5)
  expect(pending.allowsShare(60, 300, 700)).toBe(true)
  expect(pending.allowsShare(49, 0, 0)).toBe(true)
  expect(pending.allowsShare(50, 0, 0)).toBe(false)
  expect(pending.allowsShare(1, 400, 100)).toBe(true)
  expect(pending.allowsShare(1, 400, 101)).toBe(false)
})

describe('drained', () => {
  it.each([
    ['records', 0, 26, 25],
    ['bytes', 10, 26, 25]
  ])('once, when the %s fall below a quarter, after half was reached', async (_, bytes, above, at) => {
    const { pending, drained } = filled(60, bytes)
    let isOver = false
    const wait = pending.drained().then(() => (isOver = true))
    pending.remove(60 - above, (60 - above) * bytes)
    pending.remove(above - at, (above - at) * bytes)
    await Promise.resolve()
    expect(drained).not.toHaveBeenCalled()
    expect(isOver).toBe(false)
    pending.remove(1, bytes)
    await wait
    expect(drained).toHaveBeenCalledOnce()
    pending.remove(at - 1, (at - 1) * bytes)
    expect(drained).toHaveBeenCalledOnce()
    for (let i = 0; i < 60; i++) pending.add(bytes)
    pending.remove(60, 60 * bytes)
    expect(drained).toHaveBeenCalledTimes(2)
  })

  it('not without half', () => {
    const { pending, drained } = filled(40, 1)
    pending.remove(40, 40)
    expect(drained).not.toHaveBeenCalled()
  })

  it('who waits hurries, until there is room or the signal ends the wait', async () => {
    const { pending } = filled(60, 1)
    const controller = new AbortController()
    const wait = pending.drained(controller.signal)
    pending.remove(30, 30)
    expect(pending.isHalf).toBe(false)
    expect(pending.isHurried).toBe(true)
    controller.abort(new Error('enough'))
    await expect(wait).rejects.toThrow('enough')
    expect(pending.isHurried).toBe(false)
    await pending.drained()
  })
})
