import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { toGiven, writeGiven } from '../inputs/given'
import { MAX_BYTES } from '../inputs/found'
import { AnyReader } from '../inputs/reader'
import { INSPECT_HELP } from './help-inspect'
import { readOptions } from './options'
import { Output } from './output'
import { UsageError } from './usage-error'

const HEAD_BYTES = 64

/**
 * Writes the page that shows what records hold, with those of a file in it.
 *
 * @returns exit status
 * @throws UsageError
 * @throws UnreadableInput
 */
export async function inspect(args: string[]): Promise<number> {
  const { values, positionals } = parseInspect(args)
  const output = new Output(process.stdout)
  if (values.help === true) {
    output.add(INSPECT_HELP)
    await output.flush()
    return 0
  }
  const [file = '-', ...more] = positionals
  if (more.length > 0) throw new UsageError(`one file at a time, got also '${more.join("', '")}'`)
  if (file === '-' && process.stdin.isTTY) throw new UsageError('name a file, or pipe something in')
  const { out } = values
  if (out === undefined && process.stdout.isTTY) {
    throw new UsageError('name the page with --out page.html, or send standard output to a file')
  }
  const input = file === '-' ? await readAll(process.stdin) : readFileSync(file)
  if (input.length > MAX_BYTES) {
    throw new UsageError(`a page holds at most ${MAX_BYTES / 2 ** 20} MiB; see "kinesis-agg decode"`)
  }
  // What the page could not read at all is refused here, as by the other commands: its first bytes tell.
  new AnyReader().push(input.subarray(0, HEAD_BYTES))
  const template = readFileSync(join(__dirname, 'inspector.html'), 'utf8')
  const page = writeGiven(template, toGiven(file === '-' ? 'standard input' : basename(file), input))
  if (out === undefined) {
    output.add(page)
    // Whoever reads the output has seen enough.
    await output.flush().catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  } else {
    writeFileSync(out, page)
  }
  return 0
}

const parseInspect = (args: string[]) =>
  readOptions({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, out: { type: 'string' } }
  })

/** Ends early if there is more than a page holds. */
async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > MAX_BYTES) break
  }
  return Buffer.concat(chunks)
}
