import { type DeaggregateSettings, checkOptions } from '../deaggregation/options'
import { invalidArgument } from '../errors'
import { Deadline } from './deadline'
import { ResumeMemory } from './resume-memory'
import type { ProcessEventOptions } from './types'

/** Options of {@link processEvent}, each read and checked once. */
export interface CheckedOptions {
  readonly deaggregation: DeaggregateSettings
  readonly concurrency: number
  /** Undefined: the handler takes one record. */
  readonly chunkSize: number | undefined
  readonly onFailure: ProcessEventOptions['onFailure']
  readonly deadline: Deadline
  readonly bisect: boolean
  readonly resume: ResumeMemory | undefined
}

/**
 * @throws KinesisAggError `ERR_INVALID_HASH_KEY`
 * @throws TypeError `ERR_INVALID_ARG_TYPE`
 */
export function checkProcessEventOptions(options: unknown, isWindow: boolean): CheckedOptions {
  const deaggregation = checkOptions(options)
  const { concurrency, chunkSize, onFailure, context, reserveMs, signal, bisect, resume } = (options ??
    {}) as Record<keyof ProcessEventOptions | 'chunkSize', unknown>
  if (onFailure !== undefined && typeof onFailure !== 'function') {
    throw invalidArgument('options.onFailure', 'a function', onFailure)
  }
  if (bisect !== undefined && typeof bisect !== 'boolean') {
    throw invalidArgument('options.bisect', 'a boolean', bisect)
  }
  if (resume !== undefined && !(resume instanceof ResumeMemory)) {
    throw invalidArgument('options.resume', 'a ResumeMemory', resume)
  }
  const checked: CheckedOptions = {
    deaggregation,
    concurrency: checkCount('options.concurrency', concurrency) ?? 1,
    chunkSize: checkCount('options.chunkSize', chunkSize),
    onFailure: onFailure as ProcessEventOptions['onFailure'],
    deadline: new Deadline(context, reserveMs, signal),
    bisect: bisect ?? false,
    resume
  }
  if (isWindow) refuseInWindow(checked)
  return checked
}

function checkCount(name: string, count: unknown): number | undefined {
  if (count === undefined) return undefined
  if (typeof count === 'number' && Number.isInteger(count) && count >= 1) return count
  throw invalidArgument(name, 'a whole number from 1', count)
}

/** Each record needs the state that the one before it left, and every failure begins again with the old state. */
function refuseInWindow({ concurrency, chunkSize, resume }: CheckedOptions): void {
  if (concurrency > 1) throw invalidArgument('options.concurrency', '1 in a tumbling window', concurrency)
  if (chunkSize !== undefined)
    throw invalidArgument('options.chunkSize', 'left out in a tumbling window', chunkSize)
  if (resume !== undefined) throw invalidArgument('options.resume', 'left out in a tumbling window', resume)
}
