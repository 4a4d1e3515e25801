// examples/kcl under real daemons: what was put into one stream has to be in the other.
import { setTimeout as sleep } from 'node:timers/promises'
import { deaggregateSync, isAggregated } from 'kinesis-agg'
import { KinesisProducer } from 'kinesis-agg/producer'
import { Check } from '../lib/check.mjs'
import { Daemon } from './daemon.mjs'
import { Load } from './load.mjs'
import { StreamReader, createStream, listShards, mergeLast, openShards, splitFirst } from './streams.mjs'

const ARRIVE_MS = 150_000
const LEASES_MS = 60_000
/** What Java makes of SIGTERM, after its shutdown. */
const SIGTERM_CODE = 143
const PUT_AGAIN =
  'our producer puts an aggregate again that a split put outside its shard; KCL, which does not know the new shards for up to 30 s, hands out both'
const READ_AGAIN =
  'what was handed over behind the last checkpoint is handed over again after a daemon was killed or a lease moved'

/** One daemon, two shards; the only checkpoints are those when the daemon is told to end. */
export async function reaggregate(services, count) {
  const run = await Run.begin(services, { application: 'short', shards: 2, checkpointMs: 3_600_000 })
  try {
    const check = new Check('reads what the producer writes, in short')
    await run.load.put(count)
    run.startDaemon()
    await run.allArrived()
    await run.end()
    return run.compare(check, { mayRepeat: false })
  } finally {
    await run.stop()
  }
}

/** Two daemons, a split and a merge while records flow, then one daemon is killed. */
export async function reshardAndKill(services, count) {
  const run = await Run.begin(services, { application: 'long', shards: 3, checkpointMs: 2000 })
  try {
    const check = new Check('reads what the producer writes: a split, a merge, one of two daemons killed')
    await run.load.put(count)
    const daemons = [run.startDaemon(), run.startDaemon()]
    await run.allArrived()
    await run.leasesOf(daemons)
    const flow = run.load.put(count, 15_000)
    await sleep(3000)
    await splitFirst(services.client, run.source)
    await sleep(2000)
    await mergeLast(services.client, run.source)
    await flow
    await run.allArrived()
    await run.leasesOf(daemons)
    const last = run.load.put(count, 15_000)
    await sleep(5000)
    await daemons[1].kill()
    await last
    await run.allArrived()
    await run.end()
    const closed = (await listShards(services.client, run.source)).filter(
      ({ SequenceNumberRange }) => SequenceNumberRange.EndingSequenceNumber !== undefined
    )
    const ends = (await services.tables.leases(run.application)).filter(
      ({ checkpoint }) => checkpoint === 'SHARD_END'
    )
    // KCL deletes the lease of a shard once its children are under way.
    if (closed.length !== 3 || ends.length > 3)
      throw new Error(`shards ended: ${ends.length} of ${closed.length}`)
    return run.compare(check, { mayRepeat: true })
  } finally {
    await run.stop()
  }
}

class Run {
  #services
  #checkpointMs
  #daemons = []
  #producer
  #reader
  #arrived = []
  #ids = new Set()
  /** How often each record is in the source. */
  #inSource = new Map()

  static async begin(services, { application, shards, checkpointMs }) {
    const run = new Run()
    run.#services = services
    run.application = application
    run.#checkpointMs = checkpointMs
    run.source = `${application}-source`
    run.target = `${application}-target`
    await createStream(services.client, run.source, shards)
    await createStream(services.client, run.target, 2)
    await services.tables.create(application, await listShards(services.client, run.source))
    run.#producer = new KinesisProducer({ client: services.client, stream: run.source })
    run.load = new Load(run.#producer)
    run.#reader = new StreamReader(services.client, run.target)
    return run
  }

  startDaemon() {
    const { folder, jars, kinesis, tables } = this.#services
    const daemon = new Daemon({
      jars,
      folder,
      name: `${this.application}-${this.#daemons.length + 1}`,
      settings: {
        streamName: this.source,
        applicationName: this.application,
        kinesisEndpoint: kinesis.endpoint,
        dynamoDBEndpoint: tables.endpoint
      },
      env: {
        TARGET_STREAM: this.target,
        CHECKPOINT_MS: String(this.#checkpointMs),
        AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint
      }
    })
    this.#daemons.push(daemon)
    return daemon
  }

  /** Each of these daemons has a lease of a shard that is open. */
  async leasesOf(daemons) {
    const owners = async () => {
      const leases = await this.#services.tables.leases(this.application)
      return new Set(leases.filter(({ checkpoint }) => checkpoint !== 'SHARD_END').map(({ owner }) => owner))
    }
    await this.#until(
      LEASES_MS,
      async () => (await owners()).size === daemons.length,
      'leases of both daemons'
    )
  }

  /** All that was put is in the second stream. */
  async allArrived() {
    await this.#until(
      ARRIVE_MS,
      async () => {
        await this.#readOn()
        return this.#ids.size === this.load.sent.size
      },
      `${this.load.sent.size} user records`
    )
  }

  async #readOn() {
    for (const part of await this.#reader.readOn()) {
      const userRecords = deaggregateSync(part.record)
      this.#arrived.push({ ...part, userRecords })
      for (const { data } of userRecords) this.#ids.add(JSON.parse(data.toString()).id)
    }
  }

  async #until(limitMs, isTrue, what) {
    const deadline = Date.now() + limitMs
    while (!(await isTrue())) {
      if (this.#daemons.every(daemon => daemon.hasEnded)) throw this.#failed('no daemon is left')
      if (Date.now() > deadline)
        throw this.#failed(`${what}: not in ${limitMs} ms; ${this.#ids.size} arrived`)
      await sleep(200)
    }
  }

  #failed(what) {
    return new Error(`${what}\n${this.#daemons.map(({ log }) => log.slice(-3000)).join('\n---\n')}`)
  }

  /** Ends the daemons that still run in an orderly way: all that was read has a checkpoint behind it. */
  async end() {
    const running = this.#daemons.filter(daemon => !daemon.hasEnded)
    const codes = await Promise.all(running.map(daemon => daemon.terminate()))
    if (codes.some(code => code !== SIGTERM_CODE)) throw this.#failed(`the daemons ended with ${codes}`)
    await this.#readOn()
    const leases = await this.#services.tables.leases(this.application)
    for (const [shardId, last] of await this.#lastRecords()) {
      const { checkpoint, subSequenceNumber } = leases.find(lease => lease.shardId === shardId)
      if (checkpoint !== last.sequenceNumber || subSequenceNumber !== last.subSequenceNumber) {
        throw this.#failed(`${shardId}: checkpoint at ${checkpoint}/${subSequenceNumber}`)
      }
    }
  }

  /** The last user record of each shard of the source that is open. */
  async #lastRecords() {
    const { client } = this.#services
    const open = new Set((await openShards(client, this.source)).map(({ ShardId }) => ShardId))
    const last = new Map()
    for (const { shardId, record } of await new StreamReader(client, this.source).readOn()) {
      const userRecords = deaggregateSync(record)
      if (open.has(shardId)) last.set(shardId, userRecords.at(-1))
      for (const { data } of userRecords) {
        const { id } = JSON.parse(data.toString())
        this.#inSource.set(id, (this.#inSource.get(id) ?? 0) + 1)
      }
    }
    return last
  }

  /** Every user record with its key and data, the first of each key in the order in which they were put. */
  compare(check, { mayRepeat }) {
    const seen = new Map()
    const lastOfKey = new Map()
    for (const { shardId, hashKeyRange, record, userRecords } of this.#arrived) {
      if (deaggregateSync(record, { hashKeyRange }).length < userRecords.length) {
        throw new Error(`${shardId} of ${this.target} holds an aggregate of several shards`)
      }
      for (const { partitionKey, data } of userRecords) {
        const { id, ofKey } = JSON.parse(data.toString())
        const copies = seen.get(id) ?? []
        if (copies.length === 0) {
          if (ofKey !== (lastOfKey.get(partitionKey) ?? -1) + 1) {
            throw new Error(`${partitionKey}: ${ofKey} came after ${lastOfKey.get(partitionKey)}`)
          }
          lastOfKey.set(partitionKey, ofKey)
        }
        copies.push({ partitionKey, data: data.toString() })
        seen.set(id, copies)
      }
    }
    for (const [id, truth] of this.load.sent) {
      const copies = seen.get(id) ?? []
      const again = mayRepeat && copies.length > 1
      check.compare(copies, again ? copies.map(() => truth) : [truth], {
        records: 1,
        ...(again && { because: this.#inSource.get(id) > 1 ? PUT_AGAIN : READ_AGAIN })
      })
    }
    if (seen.size !== this.load.sent.size) throw new Error('there are records that nobody put')
    const aggregates = this.#arrived.filter(({ record }) => isAggregated(record)).length
    return check.result({ aggregates })
  }

  async stop() {
    for (const daemon of this.#daemons) if (!daemon.hasEnded) await daemon.kill()
    this.#producer.abort()
  }
}
