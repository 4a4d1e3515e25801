import {
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  type PutRecordsCommandInput,
  PutRecordsCommand
} from '@aws-sdk/client-kinesis'
import type { KinesisClientLike } from './types'

/** How a request names its stream. */
export type StreamId = { StreamName: string } | { StreamARN: string }

export function streamId(stream: string): StreamId {
  return stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream }
}

/** Steps of a request inside the SDK. A double of a client takes none of them. */
export interface Progress {
  /** The SDK has begun with it. */
  begun: boolean
  /** It was handed to the connection. */
  left: boolean
  /** Nobody waits for it any more, so it must not leave. */
  givenUp: boolean
}

interface MiddlewareStack {
  add(middleware: (next: (args: unknown) => unknown) => (args: unknown) => unknown, options: object): void
}

/** The SDK would try again by itself, unseen and without a limit of time. */
function withoutRetries<C extends object>(command: C, progress?: Progress): C {
  const stack = (command as { middlewareStack?: MiddlewareStack }).middlewareStack
  if (stack === undefined) return command
  stack.add(next => args => next(args), {
    name: 'retryMiddleware',
    override: true,
    priority: 'high',
    step: 'finalizeRequest'
  })
  if (progress === undefined) return command
  const first = { name: 'kinesisAggBegun', step: 'initialize', priority: 'high' }
  stack.add(
    next => args => {
      progress.begun = true
      return next(args)
    },
    first
  )
  const last = { name: 'kinesisAggLeaves', step: 'deserialize', priority: 'low' }
  stack.add(
    next => args => {
      if (progress.givenUp) throw new Error('The producer has given this request up')
      progress.left = true
      return next(args)
    },
    last
  )
  return command
}

/** What a client of the SDK has besides `send`, if it is one. */
interface SdkClient {
  send(command: object, options?: { abortSignal: AbortSignal }): Promise<unknown>
  destroy?(): void
  config?: {
    credentials?: (options: { forceRefresh: boolean }) => Promise<unknown>
    requestHandler?: {
      metadata?: { handlerProtocol?: string }
      httpHandlerConfigs?(): { httpAgent?: AgentLike; httpsAgent?: AgentLike; maxSockets?: number }
    }
  }
}
interface AgentLike {
  maxSockets?: number
}

/** The calls that a producer makes, each sent once. */
export class SdkCalls {
  readonly #client: SdkClient

  constructor(client: KinesisClientLike) {
    this.#client = client as SdkClient
  }

  putRecords(input: PutRecordsCommandInput, progress: Progress, abortSignal: AbortSignal): Promise<unknown> {
    return this.#send(withoutRetries(new PutRecordsCommand(input), progress), abortSignal)
  }

  listShards(
    input: { NextToken: string } | (StreamId & { ShardFilter?: { Type: 'AT_LATEST' } }),
    abortSignal: AbortSignal
  ): Promise<unknown> {
    return this.#send(withoutRetries(new ListShardsCommand(input)), abortSignal)
  }

  describeStreamSummary(input: StreamId, abortSignal: AbortSignal): Promise<unknown> {
    return this.#send(withoutRetries(new DescribeStreamSummaryCommand(input)), abortSignal)
  }

  async #send(command: object, abortSignal: AbortSignal): Promise<unknown> {
    return this.#client.send(command, { abortSignal })
  }

  /** Asks the credentials' provider for new ones. */
  async refreshCredentials(): Promise<void> {
    await this.#client.config?.credentials?.({ forceRefresh: true })
  }

  /**
   * How many requests may be in flight without waiting for a connection. The SDK does not know before its first
   * request, so that this is asked again and again.
   */
  get maxSockets(): number {
    try {
      const configs = this.#client.config?.requestHandler?.httpHandlerConfigs?.()
      return Math.min(
        configs?.httpAgent?.maxSockets ?? Infinity,
        configs?.httpsAgent?.maxSockets ?? Infinity,
        configs?.maxSockets ?? Infinity
      )
    } catch {
      return Infinity
    }
  }

  /** The SDK's default handler of Kinesis clients, which opens a connection for each request. */
  get speaksHttp2(): boolean {
    return this.#client.config?.requestHandler?.metadata?.handlerProtocol === 'h2'
  }

  destroy(): void {
    this.#client.destroy?.()
  }
}
