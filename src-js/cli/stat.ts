import { AWS_OPTIONS, connect, readTarget, toServiceError } from './aws'
import { STAT_HELP } from './help-stat'
import { readMoment } from './moment'
import { readOptions } from './options'
import { Output } from './output'
import { isFile, surveyFile } from './stat-file'
import { ShardRanges, readRanges } from './stat-ranges'
import { type Sample, reportOf } from './stat-report'
import { surveyStream } from './stat-stream'
import { Survey } from './stat-survey'
import { textOf } from './stat-text'
import { UsageError } from './usage-error'

/** Longer lines are hard to read. */
const MAX_COLUMNS = 100

/** Options that only a stream has; with one of them, a name is a stream's. */
const OF_STREAM = ['since', 'until', 'shard', 'profile', 'region', 'endpoint-url'] as const

/**
 * Says what is in a sample of a stream, or in a file.
 *
 * @param stop ends it, without an answer
 * @returns exit status
 * @throws UsageError
 * @throws ServiceError
 */
export async function stat(args: string[], stop: AbortSignal): Promise<number> {
  const { values, positionals } = parseStat(args)
  const output = new Output(process.stdout)
  if (values.help === true) {
    output.add(STAT_HELP)
    return print(output, 0)
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0)
    throw new UsageError('stat takes one stream, by name or ARN, or one file, or - for standard input')
  const ofStream = OF_STREAM.find(option => values[option] !== undefined)
  const takesFile = values.shards !== undefined || (ofStream === undefined && isFile(name))
  if (takesFile && ofStream !== undefined)
    throw new UsageError(`--shards is for files, and --${ofStream} for streams`)
  if (takesFile && name === '-' && process.stdin.isTTY)
    throw new UsageError('name a stream or a file, or pipe something in')

  const { survey, sample, problems } = takesFile
    ? await ofFile(name, values.shards, output, stop)
    : await ofStreamNamed(name, values, stop)
  if (sample === undefined) return 0
  const report = reportOf(sample, survey)
  const columns = Math.min(process.stdout.columns ?? MAX_COLUMNS, MAX_COLUMNS)
  output.add(values.json === true ? `${JSON.stringify(report)}\n` : textOf(report, columns))
  return print(output, problems > 0 || report.kcl.verdict === 'drops' ? 1 : 0)
}

interface Surveyed {
  survey: Survey
  /** `undefined`: it was stopped. */
  sample: Sample | undefined
  /** Records that had something wrong with them. */
  problems: number
}

async function ofFile(
  name: string,
  shards: string | undefined,
  output: Output,
  stop: AbortSignal
): Promise<Surveyed> {
  const survey = new Survey(shards === undefined ? new ShardRanges() : readRanges(shards))
  try {
    const problems = await surveyFile(name, survey, output, stop)
    return { survey, sample: { kind: 'file', name }, problems }
  } catch (error) {
    if (!stop.aborted) throw error
    return { survey, sample: undefined, problems: 0 }
  }
}

async function ofStreamNamed(
  name: string,
  values: ReturnType<typeof parseStat>['values'],
  stop: AbortSignal
): Promise<Surveyed> {
  const { since = '5m', until = 'now', shard: shards = [] } = values
  if (since !== 'start') readMoment('--since', since, 0)
  readMoment('--until', until, 0)
  const target = readTarget(name, values)
  const connection = connect(target, 'stat')
  const ranges = new ShardRanges()
  const survey = new Survey(ranges)
  let sample: Sample | undefined
  try {
    const selection = { since, until, shards }
    sample = await surveyStream({ connection, target }, selection, survey, ranges, stop)
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (!stop.aborted) throw toServiceError(error, target)
  } finally {
    connection.client.destroy()
  }
  return { survey, sample, problems: survey.damaged }
}

/** Whoever reads the output may have gone. */
async function print(output: Output, status: number): Promise<number> {
  try {
    await output.flush()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
    return 0
  }
  return status
}

const parseStat = (args: string[]) =>
  readOptions({
    args,
    allowPositionals: true,
    options: {
      ...AWS_OPTIONS,
      help: { type: 'boolean', short: 'h' },
      since: { type: 'string' },
      until: { type: 'string' },
      shard: { type: 'string', multiple: true },
      shards: { type: 'string' },
      json: { type: 'boolean' }
    }
  })
