import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { aggregate } from 'kinesis-agg'

// What jest-environment-jsdom does.
beforeEach(() => vi.stubGlobal('setImmediate', undefined))
afterEach(() => vi.unstubAllGlobals())

it('aggregate with callbacks runs where there is no global setImmediate', async () => {
  const calls: string[] = []
  await new Promise<void>(resolve => {
    aggregate(
      [{ partitionKey: 'a', data: 'x' }],
      async ({ partitionKey }, done) => {
        calls.push(partitionKey)
        done()
      },
      resolve,
      error => calls.push(error.message)
    )
    expect(calls).toEqual([])
  })
  expect(calls).toEqual(['a'])
})
