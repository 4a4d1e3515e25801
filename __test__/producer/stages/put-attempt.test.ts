/** One try to put a request: it ends once, by the answer, by an error or by our own time. */
import { expect, it, vi } from 'vitest'
import type { Clock } from '../../../src-js/producer/clock'
import { type AttemptEnd, PutAttempt } from '../../../src-js/producer/put-attempt'
import type { Progress } from '../../../src-js/producer/sdk-calls'

function start() {
  let now = 0
  let fire = (): void => {}
  const turns: (() => void)[] = []
  const clock: Clock = {
    now: () => now,
    setTimeout: (action, ms) => {
      fire = () => {
        now += ms
        action()
      }
      return {}
    },
    clearTimeout: () => {
      fire = () => {}
    },
    nextTurn: action => void turns.push(action)
  }
  const ends: AttemptEnd[] = []
  const attempt = new PutAttempt(clock, end => ends.push(end))
  let progress!: Progress
  let signal!: AbortSignal
  let answer!: (value: unknown) => void
  let fail!: (error: unknown) => void
  attempt.start((given, abort) => {
    progress = given
    signal = abort
    return new Promise((resolve, reject) => {
      answer = resolve
      fail = reject
    })
  }, 100)
  return {
    attempt,
    ends,
    progress,
    signal,
    answer,
    fail,
    timeOut: () => fire(),
    nextTurn: () => turns.splice(0).forEach(action => action())
  }
}

const settle = (): Promise<void> => vi.waitFor(() => Promise.resolve())

it('an answer that waited in the sockets is read before a time-out is judged', async () => {
  const test = start()
  test.timeOut()
  expect(test.ends).toEqual([])
  test.answer('stored')
  await settle()
  test.nextTurn()
  expect(test.ends).toEqual([{ kind: 'answer', answer: 'stored' }])
  expect(test.signal.aborted).toBe(false)
})

it.each([
  ['a double, of which nothing is known', {}, true],
  ['one that the SDK handed on', { begun: true, left: true }, true],
  ['one that the SDK still has', { begun: true }, false]
])('a time-out of %s: told once, given up, aborted', async (_, steps, left) => {
  const test = start()
  Object.assign(test.progress, steps)
  test.timeOut()
  test.nextTurn()
  test.answer('late')
  await settle()
  expect(test.ends).toEqual([{ kind: 'timeout', left }])
  expect(test.progress.givenUp).toBe(true)
  expect(test.signal.aborted).toBe(true)
})

it('an error says whether it left', async () => {
  const test = start()
  test.progress.begun = true
  test.fail('why')
  await settle()
  expect(test.ends).toEqual([{ kind: 'error', error: 'why', left: false }])
})

it('cancelled: nobody is told, and it does not leave any more', async () => {
  const test = start()
  test.attempt.cancel()
  test.answer('late')
  await settle()
  test.timeOut()
  test.nextTurn()
  expect(test.ends).toEqual([])
  expect(test.progress.givenUp).toBe(true)
  expect(test.signal.aborted).toBe(true)
})
