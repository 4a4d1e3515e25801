import { expect, it } from 'vitest'
import { PeakSecond } from '../../../src-js/cli/stat-peak'

it('finds the second with most bytes, and that with most records', () => {
  const seconds = new PeakSecond()
  for (const [bytes, arrival] of [
    [10, 1000],
    [10, 1999],
    [15, 2000],
    [100, 5500],
    [10, 1500]
  ] as const)
    seconds.add(bytes, arrival)
  expect(seconds.peak).toEqual({ bytes: 100, bytesAt: 5000, records: 3, recordsAt: 1000 })
})

it('knows none before there is a record with a time', () => {
  expect(new PeakSecond().peak).toEqual({ bytes: 0, bytesAt: undefined, records: 0, recordsAt: undefined })
})

it('remembers the peak of seconds that are long gone', () => {
  const seconds = new PeakSecond()
  seconds.add(50, 0)
  seconds.add(50, 1)
  for (let i = 1; i < 10_000; i++) seconds.add(99, i * 1000)
  expect(seconds.peak).toEqual({ bytes: 100, bytesAt: 0, records: 2, recordsAt: 0 })
})
