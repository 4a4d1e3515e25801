import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { type Sdk, findSdk, keptAlive } from './find-sdk'
import { printable } from '../inputs/text'

/** Options that every command on a stream takes, for `parseArgs`. */
export const AWS_OPTIONS = {
  profile: { type: 'string' },
  region: { type: 'string' },
  'endpoint-url': { type: 'string' }
} as const

/** Which stream, and how it is reached. */
export interface Target {
  /** Name or ARN. */
  stream: string
  profile: string | undefined
  region: string | undefined
  endpoint: string | undefined
}

/** Kinesis, or the way to it, refused; the message is for the user. Exit status 3. */
export class ServiceError extends Error {}

/** The region comes from the option, the ARN, `AWS_REGION` or `AWS_DEFAULT_REGION`; else the SDK looks for it. */
export function readTarget(
  stream: string,
  values: { profile?: string | undefined; region?: string | undefined; 'endpoint-url'?: string | undefined }
): Target {
  const { profile, region, 'endpoint-url': endpoint } = values
  const [, ofArn] = /^arn:[\w-]+:kinesis:([\w-]+):/.exec(stream) ?? []
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env
  return { stream, profile, region: region ?? ofArn ?? (AWS_REGION || AWS_DEFAULT_REGION), endpoint }
}

/** What requests name the stream by. */
export function nameOf({ stream }: Target): { StreamName: string } | { StreamARN: string } {
  return stream.startsWith('arn:') ? { StreamARN: stream } : { StreamName: stream }
}

/** A client, and the clock of the server as its answers tell it. */
export interface Connection {
  readonly sdk: Sdk
  readonly client: KinesisClient
  /** Milliseconds, of whole seconds, rounded down; of the latest answer. */
  serverTime(): number
}

/** For the providers of credentials, which get the options of the client: the files of profiles are read anew. */
const FRESH = { ignoreCache: true }

/**
 * @param name the command that needs it
 * @throws Error if there is no SDK
 */
export function connect(target: Target, name: string): Connection {
  const { sdk, load } = findSdk(name)
  const { profile, region, endpoint } = target
  const client = new sdk.KinesisClient({
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...FRESH,
    ...keptAlive(load)
  })
  let time = Math.floor(Date.now() / 1000) * 1000
  client.middlewareStack.add(
    next => async args => {
      const result = await next(args)
      const { headers } = (result.response ?? {}) as { headers?: Record<string, string> }
      const date = Date.parse(headers?.['date'] ?? '')
      if (!Number.isNaN(date)) time = date
      return result
    },
    { step: 'deserialize', priority: 'low', name: 'kinesisAggServerTime' }
  )
  return { sdk, client, serverTime: () => time }
}

const THROTTLED = 'Kinesis throttles; others read or ask too: try again later'

const HINTS: Record<string, string> = {
  ResourceNotFoundException: 'there is no such stream; see the name and the region',
  AccessDeniedException: 'not permitted; "--help" of the command lists what it needs',
  ExpiredTokenException: 'the credentials have expired; renew them, for example with "aws sso login"',
  CredentialsProviderError: 'no credentials; see --profile and the AWS_ variables',
  LimitExceededException: THROTTLED,
  ProvisionedThroughputExceededException: THROTTLED,
  ThrottlingException: THROTTLED
}

/** One line that names what failed, where, and what to do. */
export function toServiceError(error: unknown, { stream, region, profile }: Target): ServiceError {
  if (error instanceof ServiceError) return error
  const { name, message, code } = error as { name?: string; message?: string; code?: string }
  const hint = HINTS[name ?? '']
  const reason = `${name ?? 'Error'}: ${printable(message || code || 'no answer')}`
  const place = `stream ${printable(stream)}, region ${region ?? 'of the profile'}, profile ${profile ?? process.env['AWS_PROFILE'] ?? 'default'}`
  return new ServiceError(
    `${place}: ${hint === undefined ? '' : `${hint} (`}${reason}${hint === undefined ? '' : ')'}`,
    {
      cause: error
    }
  )
}
