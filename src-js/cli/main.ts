import { createReadStream, statSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Decode } from './decode'
import { Encode } from './encode'
import { HELP } from './help'
import { Messages } from './messages'
import { Output } from './output'
import { DataRows, JsonRows, type RowWriter, TableRows } from './rows'
import { type Job, walk } from './walk'

const CHUNK_BYTES = 256 * 1024

class UsageError extends Error {}

interface Command {
  job: Job
  file: string
}

/** @throws UsageError */
function readCommand(args: string[]): Command | 'help' {
  const { values, positionals } = parse(args)
  if (values.help === true) return 'help'
  const [name, file = '-', ...more] = positionals
  if (name === undefined) throw new UsageError('a command is missing: decode or encode')
  if (name !== 'decode' && name !== 'encode') throw new UsageError(`there is no command '${name}'`)
  if (more.length > 0) throw new UsageError(`one file at a time, got also '${more.join("', '")}'`)
  if (file === '-' && process.stdin.isTTY) throw new UsageError('name a file, or pipe something in')
  const { json, data } = values
  if (name === 'encode') {
    if (json === true || data === true) throw new UsageError('encode takes no --json and no --data')
    return { job: new Encode(), file }
  }
  if (json === true && data === true) throw new UsageError('--json and --data exclude each other')
  return { job: new Decode(rowsFor(json === true, data === true)), file }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' }, data: { type: 'boolean' } }
    })
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function rowsFor(json: boolean, data: boolean): RowWriter {
  if (data) return new DataRows()
  return json || !process.stdout.isTTY ? new JsonRows() : new TableRows(process.stdout.columns)
}

async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2))
  const output = new Output(process.stdout)
  if (command === 'help') {
    output.add(HELP)
    await output.flush()
    return 0
  }
  const { job, file } = command
  const showsProgress = process.stderr.isTTY && !process.stdout.isTTY
  const messages = new Messages(process.stderr, showsProgress, file === '-' ? undefined : statSync(file).size)
  const input = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES })
  try {
    await walk(input, job, output, messages)
  } catch (error) {
    // Whoever reads the output has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
  return messages.problems > 0 ? 1 : 0
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: Error) => {
    process.exitCode = 2
    const hint = error instanceof UsageError ? "\nTry 'kinesis-agg --help'." : ''
    process.stderr.write(`kinesis-agg: ${error.message}${hint}\n`)
  }
)
