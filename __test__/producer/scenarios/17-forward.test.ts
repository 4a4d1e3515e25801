import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { Endpoint } from '../support/endpoint'
import { sightings, storedIn } from '../support/judge'

/** Over the sandbox's `requestTimeoutMs`. */
const STOPPED_MS = 4500

interface Ended {
  awsRequestId: string
  response: { batchItemFailures: { itemIdentifier: string }[] }
  /** Records of the producer, when the handler had returned. */
  pending: number
}

/** A function in a process of its own that stops as Lambda freezes its sandbox. */
async function startSandbox() {
  const endpoint = new Endpoint({ s: { shards: 2 } })
  const { url } = await endpoint.listen()
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const child = fork(fileURLToPath(new URL('../support/sandbox.mjs', import.meta.url)), {
    env: { ...process.env, CLIENT: JSON.stringify({ endpoint: url, region: 'us-east-1', credentials }) },
    execArgv: ['--no-warnings']
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await endpoint.stop()
  })
  await once(child, 'message')
  const waiting = new Map<string, (ended: Ended) => void>()
  child.on('message', (ended: Ended) => waiting.get(ended.awsRequestId)!(ended))
  let count = 0
  return {
    endpoint,
    invoke: (ids: number[], deadlineMs = 60_000): Promise<Ended> => {
      const awsRequestId = `invocation-${count++}`
      child.send({ awsRequestId, ids, deadlineMs })
      return new Promise(resolve => waiting.set(awsRequestId, resolve))
    },
    async freeze(ms: number): Promise<void> {
      child.kill('SIGSTOP')
      await sleep(ms)
      child.kill('SIGCONT')
    },
    seen: () => sightings(storedIn(endpoint.stream('s'))).map(({ id }) => id)
  }
}

const idsOf = (invocation: number): number[] => Array.from({ length: 20 }, (_, i) => invocation * 20 + i)

it('17: forwardEvent, two at a time, the sandbox stopped in between and amid requests: each event is stored whole and once', async () => {
  const { endpoint, invoke, freeze, seen } = await startSandbox()
  endpoint.faults['PutRecords'] = async () => {
    await sleep(60)
    return undefined
  }
  for (let i = 0; i < 10; i += 2) {
    const pair = Promise.all([invoke(idsOf(i)), invoke(idsOf(i + 1))])
    if (i === 4) {
      // Requests are in flight.
      const before = endpoint.puts.length
      while (endpoint.puts.length === before) await sleep(2)
      await freeze(STOPPED_MS)
    }
    const ended = await pair
    const response = { batchItemFailures: [] }
    expect(ended).toMatchObject([{ response }, { response }])
    // When the last of two has returned, nothing is left.
    expect(Math.min(...ended.map(({ pending }) => pending))).toBe(0)
    if (i === 6) await freeze(STOPPED_MS)
  }
  expect(seen().toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i))
})

it('17: forwardEvent whose deadline is too short answers with the earliest record that is not known to be stored', async () => {
  const { endpoint, invoke } = await startSandbox()
  endpoint.faults['PutRecords'] = () => 'mute'
  const { response } = await invoke(idsOf(1), 1500)
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '20' }] })
})
