/**
 * Kinesis with faults: streams in memory (or another Kinesis behind it), reached over loopback or inside the process
 * through the whole AWS SDK. It logs every call.
 */
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import {
  Agent,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  createServer
} from 'node:http'
import { Agent as TlsAgent, createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { type KinesisFault, MemoryKinesis } from '../../../src-js/testing/memory-kinesis'
import { MemoryStream, type RecordDistribution } from '../../../src-js/testing/memory-stream'

export interface Entry {
  Data: Buffer
  PartitionKey?: string
  ExplicitHashKey?: string
}

export interface CallInput {
  StreamName?: string
  StreamARN?: string
  NextToken?: string
  ShardFilter?: { Type: string }
  Records?: Entry[]
}

export interface Call {
  action: string
  /** From 1, of this action. */
  number: number
  input: CallInput
  headers: Record<string, string | string[] | undefined>
  body: Buffer
  /** By `performance.now()`. */
  at: number
  /** What was sent back, once it was. */
  reply?: Reply
}

export interface Answer {
  status: number
  body: string | Buffer
  headers?: Record<string, string>
}

/** `'drop'`: the connection is reset. `'mute'`: nothing ever comes. `cut`: the connection ends amid the body. */
export type Reply = Answer | 'drop' | 'mute' | { cut: Answer }

/** What becomes of a call; `undefined`: what Kinesis answers. `store` carries the call out. */
export type Fault = (
  call: Call,
  store: () => Promise<Answer>
) => Reply | undefined | Promise<Reply | undefined>

/** Another Kinesis behind the faults. */
export type Backend = (call: Call) => Promise<Answer>

export interface StreamSetup {
  shards?: number
  recordDistribution?: RecordDistribution
}

export const json = (body: unknown, status = 200): Answer => ({ status, body: JSON.stringify(body) })

/** A refusal in the JSON protocol. */
export const refusal = (name: string, message = name, status = 400): Answer =>
  json({ __type: name, message }, status)

export class Endpoint {
  readonly kinesis = new MemoryKinesis()
  readonly calls: Call[] = []
  /** By action. */
  faults: Partial<Record<string, Fault>> = {}
  /** Where calls are carried out. */
  backend: Backend = async call => this.#answerFromMemory(call)
  /** Calls of clients inside the process that are on their way, there or back: they need turns of the loop, not time. */
  inTransit = 0
  readonly #sockets = new Set<Socket>()
  readonly #stops: (() => void | Promise<void>)[] = []

  constructor(streams: Record<string, StreamSetup> = {}) {
    for (const [name, setup] of Object.entries(streams)) this.create(name, setup)
  }

  create(name: string, { shards, recordDistribution }: StreamSetup = {}): MemoryStream {
    const stream = new MemoryStream(name, shards, recordDistribution)
    this.kinesis.streams.set(name, stream)
    return stream
  }

  stream(name: string): MemoryStream {
    return this.kinesis.stream({ StreamName: name })
  }

  of(action: string): Call[] {
    return this.calls.filter(call => call.action === action)
  }

  get puts(): Call[] {
    return this.of('PutRecords')
  }

  /** Listens on loopback. */
  async listen({ tls = false }: { tls?: boolean } = {}): Promise<{
    url: string
    client: () => KinesisClient
  }> {
    const listener: RequestListener = (request, response) => void this.#serve(request, response)
    const server = tls ? createTlsServer(tlsPair(), listener) : createServer(listener)
    // No connection ends because a busy machine leaves it idle.
    server.keepAliveTimeout = 0
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    this.#stops.push(async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    })
    const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`
    return {
      url,
      client: () => {
        const agent = tls
          ? { httpsAgent: new TlsAgent({ keepAlive: true, ca: tlsPair().cert }) }
          : { httpAgent: new Agent({ keepAlive: true }) }
        return this.#own(clientOf({ endpoint: url, requestHandler: new NodeHttpHandler(agent) }))
      }
    }
  }

  /** A client of the SDK that reaches the endpoint without a network, for tests with mocked time. */
  inProcessClient(settings: KinesisClientConfig = {}): KinesisClient {
    const requestHandler = {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (
        request: { headers: Record<string, string>; body?: unknown },
        options: { abortSignal?: AbortSignal } = {}
      ) => {
        this.inTransit--
        try {
          return { response: await this.#respond(request, options.abortSignal) }
        } finally {
          this.inTransit++
        }
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
      destroy() {}
    }
    const client = clientOf({
      endpoint: 'http://in.process',
      requestHandler: requestHandler as never,
      ...settings
    })
    const send = client.send.bind(client) as (...args: unknown[]) => Promise<unknown>
    client.send = ((...args: unknown[]) => {
      this.inTransit++
      return send(...args).finally(() => this.inTransit--)
    }) as never
    return this.#own(client)
  }

  /** Every second connection ends, with whatever is on it. */
  closeHalf(): void {
    for (const [i, socket] of [...this.#sockets].entries()) if (i % 2 === 0) socket.destroy()
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop()
  }

  #own(client: KinesisClient): KinesisClient {
    this.#stops.push(() => client.destroy())
    return client
  }

  async #exchange(headers: Call['headers'], body: Buffer): Promise<Reply> {
    const action = String(headers['x-amz-target'] ?? 'none.none').split('.')[1]!
    const call: Call = {
      action,
      number: this.of(action).length + 1,
      input: parseInput(body),
      headers,
      body,
      at: performance.now()
    }
    this.calls.push(call)
    const store = (): Promise<Answer> => this.backend(call)
    call.reply = (await this.faults[action]?.(call, store)) ?? (await store())
    return call.reply
  }

  #answerFromMemory(call: Call): Answer {
    try {
      return { status: 200, body: wire(this.kinesis.answer(call.action, call.input)) }
    } catch (error) {
      const { name, message } = error as KinesisFault
      return refusal(name, message)
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const reply = await this.#exchange(request.headers, Buffer.concat(chunks))
      if (reply === 'mute') return
      if (reply === 'drop') {
        request.socket.resetAndDestroy()
        return
      }
      const { status, body, headers } = 'cut' in reply ? reply.cut : reply
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.1',
        'content-length': Buffer.byteLength(body),
        ...headers
      })
      if ('cut' in reply) {
        response.write(Buffer.from(body).subarray(0, Buffer.byteLength(body) >> 1))
        setTimeout(() => request.socket.destroy(), 5)
      } else response.end(body)
    } catch {
      // The client gave up amid its request.
      request.socket.destroy()
    }
  }

  async #respond(
    request: { headers: Record<string, string>; body?: unknown },
    signal: AbortSignal | undefined
  ): Promise<object> {
    const reset = (): Error =>
      Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104, syscall: 'read' })
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => reject(Object.assign(new Error('Request aborted'), { name: 'AbortError' }))
      if (signal?.aborted === true) abort()
      else signal?.addEventListener('abort', abort, { once: true })
    })
    const body =
      request.body instanceof Uint8Array ? bufferOver(request.body) : Buffer.from(`${request.body ?? ''}`)
    const reply = await Promise.race([this.#exchange(request.headers, body), aborted])
    if (reply === 'mute') return aborted
    if (reply === 'drop' || 'cut' in reply) throw reset()
    return {
      statusCode: reply.status,
      headers: { 'content-type': 'application/x-amz-json-1.1', ...reply.headers },
      body: Readable.from([Buffer.from(reply.body)])
    }
  }
}

function clientOf(settings: KinesisClientConfig): KinesisClient {
  return new KinesisClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    ...settings
  })
}

/** Without the methods of the SDK's bodies, which warn. */
function bufferOver({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
}

/** As the JSON protocol has it: moments in seconds, with fractions. */
const wire = (output: object): string =>
  JSON.stringify(output, function (this: Record<string, unknown>, key: string, value: unknown) {
    const moment = this[key]
    return moment instanceof Date ? moment.getTime() / 1000 : value
  })

function parseInput(body: Buffer): CallInput {
  if (body.length === 0) return {}
  const input = JSON.parse(body.toString()) as CallInput
  for (const entry of input.Records ?? []) entry.Data = Buffer.from(String(entry.Data), 'base64')
  return input
}

let pair: { key: string; cert: string } | undefined
/** A self-signed pair for 127.0.0.1, for tests alone. */
export function tlsPair(): { key: string; cert: string } {
  const read = (name: string): string => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), 'utf8')
  return (pair ??= { key: read('key'), cert: read('cert') })
}
