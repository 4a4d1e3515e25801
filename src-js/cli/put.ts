import { createReadStream } from 'node:fs'
import { addAbortSignal } from 'node:stream'
import type { KinesisProducer } from '../producer'
import { connect, toServiceError } from './aws'
import { systemClock } from './clock'
import { PUT_HELP } from './help-live'
import { Output } from './output'
import { linesOf } from './put-lines'
import { type PutOptions, readPutOptions } from './put-options'
import { PutProgress } from './put-progress'
import { PutTally } from './put-tally'
import { Rehearsal } from './rehearsal'
import { loadProducer } from './find-sdk'
import { StatusLine } from './status-line'

/** How long a stopped command waits for what is on its way. */
const STOP_MS = 5000

/** Between two states of the progress line. */
const PROGRESS_MS = 500

const NEWLINE_ONLY = /^\s*$/

/**
 * Puts lines into a stream.
 *
 * @param stop ends the reading; what is on its way gets 5 seconds
 * @returns exit status
 * @throws UsageError
 * @throws ServiceError
 */
export async function put(args: string[], stop: AbortSignal): Promise<number> {
  const options = readPutOptions(args)
  const output = new Output(process.stdout)
  if (options === 'help') {
    output.add(PUT_HELP)
    await output.flush()
    return 0
  }
  return putAll(options, output, stop)
}

async function putAll(options: PutOptions, output: Output, stop: AbortSignal): Promise<number> {
  const { target, isDryRun, rateLimit } = options
  const { stream } = target
  const connection = connect(target, 'put')
  const producers = loadProducer('put')
  const rehearsal = isDryRun
    ? await Rehearsal.begin(connection, target).catch((error: unknown) => {
        throw toServiceError(error, target)
      })
    : undefined
  const producer = new producers.KinesisProducer({
    client: rehearsal ?? connection.client,
    stream,
    rateLimit: isDryRun ? Infinity : rateLimit
  })
  const line = new StatusLine(process.stderr, process.stderr.isTTY)
  const tally = new PutTally(
    target,
    row => output.add(row),
    text => line.say(`kinesis-agg: ${text}`)
  )
  producer.on('failed', error => tally.failed(error))
  const progress = new PutProgress(systemClock)
  const stats = () => producer.stats().streams[stream]
  const timer = setInterval(() => line.show(progress.text(stats())), PROGRESS_MS)
  const flush = async (): Promise<void> => {
    if (process.stdout.isTTY) line.hold()
    // A reader that leaves is no reason to leave records behind.
    await output.flush().catch(ignoreEpipe)
    line.release()
  }
  try {
    await writeLines(options, producer, tally, stop, async () => output.isFull && flush())
    // Failures are told already, one by one.
    await producer.close(stop.aborted ? { timeoutMs: STOP_MS } : untilStopped(stop, producer)).catch(() => {})
    await flush()
  } catch (error) {
    producer.abort()
    throw error
  } finally {
    clearInterval(timer)
    line.clear()
    connection.client.destroy()
  }
  if (rehearsal === undefined) tally.summarize(stats())
  else tally.summarizeDryRun(stats(), rehearsal.result(rateLimit))
  return tally.status
}

/** @param between is called after each line, and waited for */
async function writeLines(
  { file, toRecord }: PutOptions,
  producer: KinesisProducer,
  tally: PutTally,
  stop: AbortSignal,
  between: () => Promise<unknown>
): Promise<void> {
  const input = addAbortSignal(stop, file === '-' ? process.stdin : createReadStream(file))
  let line = 0
  try {
    for await (const bytes of linesOf(input as AsyncIterable<Buffer>)) {
      if (stop.aborted) break
      line++
      if (NEWLINE_ONLY.test(bytes.toString('latin1'))) continue
      let isFull = false
      try {
        const record = toRecord(bytes)
        isFull = !producer.write({ ...record, context: line })
        tally.written(record)
      } catch (error) {
        tally.bad(line, (error as Error).message)
      }
      // Also fails when the command is stopped, which the next turn of the loop sees.
      if (isFull) await producer.drained({ signal: stop }).catch(() => {})
      await between()
    }
  } catch (error) {
    if (!stop.aborted) throw error
  }
  if (stop.aborted) tally.unread(line + 1)
}

/** Without a limit of time, until the command is stopped. */
function untilStopped(stop: AbortSignal, producer: KinesisProducer): object {
  stop.addEventListener('abort', () => void producer.close({ timeoutMs: STOP_MS }).catch(() => {}), {
    once: true
  })
  return {}
}

function ignoreEpipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}
