/** The producer's side of random runs, in a process of its own that may be stopped. Started by scripts/chaos.mjs. */
import { Agent } from 'node:http'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { STEP_MS } from './chaos'
import type { LedgerEntry } from './ledger'
import { Load, type Sender } from './load'

/** From the parent: a run begins, or the weather is calm and the run ends. */
export type Order = { seed: number; url: string } | 'calm'

/** To the parent: what became of each record, and what is left in this process. */
export interface Told {
  entries: LedgerEntry[]
  /** What broke the run. */
  error?: string
  heapBytes: number
  handles: number
}

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const state = { calm: false }
let failure: string | undefined

/** An invariant that is broken in a timer, or a rejection that nobody heard. */
const fail = (error: unknown): void => {
  failure ??= String((error as Error).stack)
}
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

async function run(seed: number, url: string): Promise<LedgerEntry[]> {
  const agent = new Agent({ keepAlive: true })
  const client = new KinesisClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ httpAgent: agent })
  })
  const load = new Load(seed, client as unknown as Sender)
  while (!state.calm) {
    load.step()
    await later(STEP_MS)
  }
  await load.close()
  client.destroy()
  load.ledger.flushed()
  return load.ledger.entries.map(({ error, ...entry }) =>
    error === undefined
      ? entry
      : {
          ...entry,
          error: { code: error.code, maybeStored: error.maybeStored, message: error.message } as never
        }
  )
}

async function round(seed: number, url: string): Promise<Told> {
  state.calm = false
  failure = undefined
  const entries = await run(seed, url).catch((error: unknown) => {
    fail(error)
    return []
  })
  // What aborted requests leave behind ends by itself.
  await later(500)
  global.gc!()
  await later(10)
  global.gc!()
  return {
    entries,
    ...(failure !== undefined && { error: failure }),
    heapBytes: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().length
  }
}

process.on('message', (order: Order) => {
  if (order === 'calm') state.calm = true
  else void round(order.seed, order.url).then(told => process.send!(told))
})
process.on('disconnect', () => process.exit())
