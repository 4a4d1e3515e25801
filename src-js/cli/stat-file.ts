import { createReadStream, statSync } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import { Messages } from './messages'
import type { Output } from './output'
import { PayloadReader } from '../inputs/payload-reader'
import { AnyReader } from '../inputs/reader'
import { kinesisRecordsIn } from './stat-input'
import type { Survey } from './stat-survey'
import { type Job, walk } from './walk'

const CHUNK_BYTES = 256 * 1024

/** Kinesis records in, nothing out: they are counted. */
class Count implements Job {
  readonly reader = new PayloadReader(new AnyReader())

  constructor(private readonly survey: Survey) {}

  get userRecords(): number {
    return this.survey.userRecords
  }

  handle(value: unknown): Iterable<string> {
    let problem: unknown
    for (const record of kinesisRecordsIn(value)) {
      try {
        this.survey.add(record)
      } catch (error) {
        problem ??= error
      }
    }
    if (problem !== undefined) throw problem
    return []
  }

  pause(): Iterable<string> {
    return []
  }
}

/**
 * Counts the records of a file, which is read to its end.
 *
 * @param file `-` is standard input
 * @returns how many records had something wrong with them; those are named on standard error
 * @throws AbortError `stop` has stopped it
 */
export async function surveyFile(
  file: string,
  survey: Survey,
  output: Output,
  stop: AbortSignal
): Promise<number> {
  const total = file === '-' ? undefined : statSync(file).size
  const messages = new Messages(process.stderr, process.stderr.isTTY, total)
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES })
  try {
    await walk(addAbortSignal(stop, input), new Count(survey), output, messages)
  } finally {
    messages.end()
  }
  survey.end()
  return messages.problems
}

/** Whether an argument means a file: it has a slash and is no ARN, or there is such a file. */
export function isFile(name: string): boolean {
  if (name.startsWith('arn:')) return false
  if (name === '-' || name.includes('/')) return true
  return statSync(name, { throwIfNoEntry: false })?.isFile() === true
}
