// A record processor that ends in the middle of an aggregate, after a checkpoint there; when it is started again it
// reads on. MODE says how it makes the checkpoint, OUT is where it notes what it reads.
import { appendFileSync, existsSync } from 'node:fs'
import kcl from 'aws-kcl'
import { deaggregateSync } from 'kinesis-agg'

const { MODE, OUT } = process.env
const isFirst = !existsSync(OUT)
const note = line => appendFileSync(OUT, `${JSON.stringify(line)}\n`)
note({ begins: true })

/** aws-kcl's checkpoint() takes no sub-sequence number; the daemon's protocol does. */
function checkpointAt(checkpointer, { sequenceNumber, subSequenceNumber }, done) {
  const manager = checkpointer._kclManager
  checkpointer._callback = done
  manager._sendAction(manager._context, { action: 'checkpoint', sequenceNumber, subSequenceNumber })
}

const checkpoints = {
  'both numbers': checkpointAt,
  'sequence number': (checkpointer, { sequenceNumber }, done) =>
    checkpointer.checkpoint(sequenceNumber, done),
  'no number': (checkpointer, _, done) => checkpointer.checkpoint(done)
}

kcl({
  initialize(_, done) {
    done()
  },
  processRecords({ records, checkpointer }, done) {
    for (const { data, sequenceNumber, subSequenceNumber } of deaggregateSync(records)) {
      note({ id: data.toString(), subSequenceNumber })
      if (isFirst && subSequenceNumber === 7) {
        checkpoints[MODE](checkpointer, { sequenceNumber, subSequenceNumber }, error => {
          note({ checkpoint: error ?? null })
          process.exit(9)
        })
        return
      }
    }
    done()
  },
  leaseLost(_, done) {
    done()
  },
  shardEnded({ checkpointer }, done) {
    checkpointer.checkpoint(() => done())
  }
}).run()
