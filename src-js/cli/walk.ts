import { KinesisAggError } from '../index'
import type { Found, RecordReader } from '../inputs/found'
import type { Messages } from './messages'
import type { Output } from './output'

/** What is done with the records of an input. */
export interface Job {
  readonly reader: RecordReader
  /** User records so far. */
  readonly userRecords: number
  /** What to write for a record. @throws what is wrong with it; the rest goes on */
  handle(value: unknown): Iterable<string | Buffer>
  /** What else to write, as no more input is at hand now, or as it has ended. */
  pause(isEnd: boolean): Iterable<string | Buffer>
}

/** Reads an input to its end, one record in memory at a time. */
export async function walk(
  input: AsyncIterable<Buffer>,
  job: Job,
  output: Output,
  messages: Messages
): Promise<void> {
  let number = 0
  const writeAll = async (pieces: Iterable<string | Buffer>): Promise<void> => {
    for (const piece of pieces) {
      output.add(piece)
      if (output.isFull) await output.flush()
    }
  }
  const handleAll = async (list: Found[]): Promise<void> => {
    for (const found of list) {
      if ('warning' in found) {
        messages.warn(found.warning)
        continue
      }
      number++
      if ('problem' in found) {
        messages.problem(found, number, found.problem)
        continue
      }
      let pieces: Iterable<string | Buffer>
      try {
        pieces = job.handle(found.value)
      } catch (error) {
        const sequenceNumber = error instanceof KinesisAggError ? error.sequenceNumber : undefined
        messages.problem(found, number, (error as Error).message, sequenceNumber)
        continue
      }
      await writeAll(pieces)
    }
  }
  for await (const chunk of input) {
    await handleAll(job.reader.push(chunk))
    await writeAll(job.pause(false))
    await output.flush()
    messages.progress(chunk.length, job.userRecords)
  }
  await handleAll(job.reader.end())
  await writeAll(job.pause(true))
  await output.flush()
  messages.end()
}
