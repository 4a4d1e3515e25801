/** PutRecords of Kinesis over HTTP/2 on loopback, as the SDK speaks it by default; it can refuse entries. */
import { once } from 'node:events'
import { type Http2Session, createServer } from 'node:http2'
import type { AddressInfo } from 'node:net'

export interface PutEntry {
  Data: string
  PartitionKey: string
  ExplicitHashKey?: string
}

/** Says why an entry is refused; `undefined` takes it. */
export type Refuse = (entry: PutEntry, call: number) => string | undefined

export interface KinesisMock {
  /** For the environment of a process that uses the SDK. */
  env: Record<string, string>
  /** The entries of each call. */
  calls: PutEntry[][]
  /** Those that were taken, in order. */
  taken: PutEntry[]
  stop(): Promise<void>
}

export async function startKinesisMock(refuse: Refuse = () => undefined): Promise<KinesisMock> {
  const calls: PutEntry[][] = []
  const taken: PutEntry[] = []
  const sessions = new Set<Http2Session>()
  const server = createServer()
  server.on('session', session => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', async (stream, headers) => {
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk as Buffer)
    if (headers['x-amz-target'] !== 'Kinesis_20131202.PutRecords') {
      stream.respond({ ':status': 400 })
      stream.end(JSON.stringify({ __type: 'UnknownOperationException' }))
      return
    }
    const { Records } = JSON.parse(Buffer.concat(chunks).toString()) as { Records: PutEntry[] }
    const call = calls.push(Records)
    const results = Records.map(entry => {
      const reason = refuse(entry, call)
      if (reason !== undefined) return { ErrorCode: reason, ErrorMessage: `Refused in call ${call}` }
      taken.push(entry)
      return { SequenceNumber: String(taken.length), ShardId: 'shardId-000000000000' }
    })
    stream.respond({ ':status': 200, 'content-type': 'application/x-amz-json-1.1' })
    const FailedRecordCount = results.filter(result => 'ErrorCode' in result).length
    stream.end(JSON.stringify({ FailedRecordCount, Records: results }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    env: {
      AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local'
    },
    calls,
    taken,
    async stop() {
      for (const session of sessions) session.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
