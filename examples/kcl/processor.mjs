// A KCL application: takes the user records of one stream and puts them into another, aggregated again. KCL's
// MultiLangDaemon starts one such process for each shard, and speaks with it over standard input and output.
// docs/kcl.md says how to start the daemon, and why this file does what it does.
import { Console } from 'node:console'
import { setTimeout as sleep } from 'node:timers/promises'
import kcl from 'aws-kcl'
import { deaggregateSync } from 'kinesis-agg'
import { KinesisProducer } from 'kinesis-agg/producer'

// Standard output belongs to the daemon: whatever else is printed goes to standard error.
globalThis.console = new Console(process.stderr)

// Signals go to whole process groups. Here the daemon has the say: it asks for the shutdown, then closes standard input.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {})

const CHECKPOINT_MS = Number(process.env.CHECKPOINT_MS ?? 10_000)
const CHECKPOINT_ATTEMPTS = 5

/**
 * If a record cannot be put, a method rejects, which ends the process without a checkpoint. The daemon then ends too, and
 * begins at the last checkpoint when it is started again: records may be put twice, none is lost.
 */
class Reaggregator {
  #producer
  #shardId
  #checkpointedAt = Date.now()

  constructor(producer) {
    this.#producer = producer
  }

  initialize({ shardId }, done) {
    this.#shardId = shardId
    done()
  }

  async processRecords({ records, checkpointer }, done) {
    // What KCL could not take apart comes as it is in the stream, and goes on like that.
    for (const record of deaggregateSync(records, { onInvalid: 'passthrough' })) {
      if (!this.#producer.write(record)) await this.#producer.drained()
    }
    if (Date.now() - this.#checkpointedAt >= CHECKPOINT_MS) await this.#flushAndCheckpoint(checkpointer)
    done()
  }

  /** Another worker has the shard, and begins at the last checkpoint. A checkpoint is not possible any more. */
  leaseLost(_, done) {
    console.error(`${this.#shardId}: lease lost`)
    done()
  }

  /** The checkpoint lets KCL begin with the child shards, so that all records of this one have to be stored before. */
  async shardEnded({ checkpointer }, done) {
    await this.#flushAndCheckpoint(checkpointer)
    done()
  }

  async shutdownRequested({ checkpointer }, done) {
    await this.#flushAndCheckpoint(checkpointer)
    done()
  }

  async #flushAndCheckpoint(checkpointer) {
    // Rejects unless everything that was written is stored.
    await this.#producer.flush()
    for (let attempt = 1; ; attempt++) {
      const error = await checkpoint(checkpointer)
      if (error === undefined) break
      console.error(`${this.#shardId}: checkpoint: ${error}`)
      if (error === 'ShutdownException') return
      if (attempt === CHECKPOINT_ATTEMPTS) throw new Error(`no checkpoint of ${this.#shardId}: ${error}`)
      await sleep(2 ** attempt * 100)
    }
    this.#checkpointedAt = Date.now()
  }
}

/**
 * A checkpoint behind all records that this process was given.
 *
 * @returns {Promise<string | undefined>} the name of the daemon's exception
 */
function checkpoint(checkpointer) {
  return new Promise(resolve => checkpointer.checkpoint(error => resolve(error ?? undefined)))
}

const producer = new KinesisProducer({ stream: process.env.TARGET_STREAM })
producer.on('warning', ({ code, message }) => console.error(`${code}: ${message}`))

kcl(new Reaggregator(producer)).run()
