import { invalidArgument } from '../errors'
import type { DeaggregatedRecord } from '../types'
import { EventRun } from './event-run'
import type { StreamEvent } from './events'
import { HandlerCalls } from './handling'
import type { CheckedOptions } from './options'
import { isThenable } from './thenable'
import type { HandlerContext, KinesisStreamWindowResponse } from './types'

type Fold = (record: DeaggregatedRecord, state: object, at: HandlerContext) => unknown

/**
 * Runs `handler` over the records of a tumbling window, each with the state that the one before it left.
 *
 * @throws the first failure: what becomes of the state of a partial answer is not documented
 */
export async function foldWindow(
  event: StreamEvent,
  handler: Fold,
  options: CheckedOptions
): Promise<KinesisStreamWindowResponse<object>> {
  let state = readState(event.state)
  const keep = (next: unknown): void => {
    if (next === undefined) return
    if (!isPlainObject(next))
      throw invalidArgument('what the handler returns', 'the next state or undefined', next)
    state = next
  }
  const calls = new HandlerCalls(([item], at) => {
    const next = handler(item!.record, state, at)
    return isThenable(next) ? next.then(keep) : keep(next)
  })
  const run = new EventRun(event, options, calls)
  const failure = await run.run()
  if (failure !== undefined) throw failure.error
  return { state, batchItemFailures: [] }
}

/** The state of an event of a window. A copy: handlers may change the state in place, and the event is the caller's. */
export function readState(state: unknown): object {
  if (state === undefined || state === null) return {}
  if (!isPlainObject(state)) throw invalidArgument('event.state', 'an object', state)
  return structuredClone(state)
}

/** By its prototype's prototype, since objects of another realm are as good. */
function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
