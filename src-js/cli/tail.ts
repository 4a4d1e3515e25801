import type { _Record } from '@aws-sdk/client-kinesis'
import { connect, nameOf, toServiceError } from './aws'
import { systemClock } from './clock'
import { TAIL_HELP } from './help-live'
import { Output } from './output'
import { Session } from './session'
import { StatusLine } from './status-line'
import { StreamReader } from './stream-reader'
import { type TailOptions, readTailOptions } from './tail-options'
import { TailStatus } from './tail-status'
import { TailWriter } from './tail-writer'
import { printable } from '../inputs/text'
import { Turns } from './turns'
import { UsageError } from './usage-error'

const MAX_IN_FLIGHT = 50

/** Between two states of the status line. */
const STATUS_MS = 500

/**
 * Prints the records of a stream as they come.
 *
 * @param stop ends it
 * @returns exit status
 * @throws UsageError
 * @throws ServiceError
 */
export async function tail(args: string[], stop: AbortSignal): Promise<number> {
  const options = readTailOptions(args)
  const output = new Output(process.stdout)
  if (options === 'help') {
    output.add(TAIL_HELP)
    await output.flush()
    return 0
  }
  return read(options, output, stop)
}

async function read(options: TailOptions, output: Output, stop: AbortSignal): Promise<number> {
  const { target, isQuiet } = options
  const clock = systemClock
  const end = new AbortController()
  const signal = AbortSignal.any([stop, end.signal])
  const line = new StatusLine(process.stderr, process.stderr.isTTY && !isQuiet)
  const say = (text: string): void => line.say(`kinesis-agg: ${text}`)
  const status = new TailStatus(clock)
  const writer = new TailWriter(output, options.rows, options.selection, say, n => status.count(n))
  const session = new Session(
    {
      target,
      signal,
      clock,
      isAttended: process.stdout.isTTY && process.stderr.isTTY,
      connect: () => connect(target, 'tail'),
      say
    },
    new Turns(MAX_IN_FLIGHT)
  )
  const show = (): void => (session.isWaiting ? line.clear() : line.show(status.text()))
  const write = async (shardId: string, records: _Record[]): Promise<void> => {
    if (process.stdout.isTTY) line.hold()
    await writer.write(shardId, records)
    line.release()
    if (writer.isDone) end.abort()
  }
  let writing = Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  try {
    // One request tells the time of the server: records are stamped by its clock.
    await session.run(({ sdk, client }) =>
      client.send(new sdk.ListShardsCommand({ ...nameOf(target), MaxResults: 1 }), { abortSignal: signal })
    )
    const now = session.serverTime()
    const { start, filter, text } = options.beginning(now)
    if (!isQuiet) say(`reading ${printable(target.stream)} from ${text}`)
    timer = setInterval(show, STATUS_MS)
    const reader = new StreamReader(
      {
        target,
        signal,
        clock,
        until: options.until(now),
        request: request =>
          session.run(async connection => {
            await writing
            return request(connection)
          }),
        serverTime: () => session.serverTime(),
        take: (shardId, records) => {
          writing = writing.then(() => write(shardId, records))
          return writing
        },
        began: shardId => status.began(shardId),
        paced: (shardId, pace) => status.paced(shardId, pace),
        ended: shardId => status.ended(shardId),
        say
      },
      start,
      filter,
      options.shards
    )
    await reader.run()
    if (reader.size === 0) throw new UsageError(options.shards.missing)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return 0
    if (error instanceof UsageError) throw error
    if (!signal.aborted) throw toServiceError(error, target)
  } finally {
    clearInterval(timer)
    line.clear()
    end.abort()
    session.destroy()
  }
  return writer.damaged > 0 ? 1 : 0
}
