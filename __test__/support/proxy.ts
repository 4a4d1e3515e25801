import { type IncomingHttpHeaders, type Server, createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** A request to Kinesis. */
export interface KinesisCall {
  /** As `GetRecords`. */
  name: string
  body: Record<string, unknown>
  headers: IncomingHttpHeaders
}

/** An answer instead of that of Kinesis: an error by its name. */
export interface Refusal {
  name: string
  message?: string
}

/** Stands in front of a Kinesis on loopback; refuses what it is told to, and notes all calls. */
export class Proxy {
  readonly calls: KinesisCall[] = []
  /** Asked for each call; `undefined` lets it through. */
  refuse: (call: KinesisCall) => Refusal | undefined = () => undefined
  /** Calls that get no answer. */
  holds: (call: KinesisCall) => boolean = () => false
  #server: Server | undefined

  /** @param target the endpoint behind it */
  async listen(target: string): Promise<string> {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { 'x-amz-target': name, 'content-type': type, authorization } = request.headers
      const call: KinesisCall = {
        name: String(name).replace(/^.*\./, ''),
        body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>,
        headers: request.headers
      }
      this.calls.push(call)
      if (this.holds(call)) return
      const refusal = this.refuse(call)
      if (refusal !== undefined) {
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
        response.end(JSON.stringify({ __type: refusal.name, message: refusal.message ?? 'made up' }))
        return
      }
      const answer = await fetch(target, {
        method: 'POST',
        headers: {
          'x-amz-target': String(name),
          'content-type': String(type),
          authorization: String(authorization),
          'x-amz-date': String(request.headers['x-amz-date'])
        },
        body: Buffer.concat(chunks)
      })
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    }).listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.#server?.closeAllConnections()
    this.#server?.close()
  }

  /** The names of the calls that came. */
  get names(): string[] {
    return this.calls.map(({ name }) => name)
  }
}
