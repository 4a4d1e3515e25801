/** The runtime API of Lambda on loopback, so much of it as AWS's own runtime client asks for. */
import { once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LambdaRuntime {
  /** For `AWS_LAMBDA_RUNTIME_API`. */
  address: string
  /** Hands the function an event and so much time; resolves to what it answers, `error` if it fails. */
  invoke(event: unknown, limitMs?: number): Promise<{ path: 'response' | 'error'; body: unknown }>
  stop(): Promise<void>
}

export async function startLambdaRuntime(): Promise<LambdaRuntime> {
  const answers = new Map<string, (answer: { path: 'response' | 'error'; body: unknown }) => void>()
  const events: { id: string; event: unknown; limitMs: number }[] = []
  // With AWS_LAMBDA_MAX_CONCURRENCY several of the client's workers ask at a time.
  const waiting: ServerResponse[] = []

  const deliver = (): void => {
    const response = events.length > 0 ? waiting.shift() : undefined
    if (response === undefined) return
    const { id, event, limitMs } = events.shift()!
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': id,
      'lambda-runtime-deadline-ms': String(Date.now() + limitMs),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:consumer',
      'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0'
    })
    response.end(JSON.stringify(event))
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (request.url === '/2018-06-01/runtime/invocation/next') {
      waiting.push(response)
      deliver()
      return
    }
    const [, id, path] =
      /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(request.url!) ?? []
    response.writeHead(id === undefined ? 404 : 202).end('{"status":"OK"}')
    if (id === undefined) return
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null')
    answers.get(id)?.({ path: path as 'response' | 'error', body })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke(event, limitMs = 10_000) {
      const id = `00000000-0000-4000-8000-${String(answers.size).padStart(12, '0')}`
      events.push({ id, event, limitMs })
      return new Promise(resolve => {
        answers.set(id, resolve)
        deliver()
      })
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}
