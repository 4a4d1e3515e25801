/** What an error of a whole request, or of one of its entries, means. */
export type Verdict =
  /** Not stored; Kinesis has too much to do. */
  | 'throttled'
  /** Not stored; there was no connection, or no credentials. */
  | 'connect'
  /** Not stored; the credentials are of no use any more. */
  | 'credentials'
  /** Not stored; the clocks differ. */
  | 'skew'
  /** Not stored; no request of this stream gets through. */
  | 'denied'
  | 'not-found'
  /** Not stored; something in the request is wrong. */
  | 'invalid'
  /** Not stored; the request is too large for somebody on the way. */
  | 'too-large'
  /** May be stored. */
  | 'unknown'
  /** May be stored; nobody has heard of this error. */
  | 'strange'

/** What is known of an error that the SDK threw. */
export interface ErrorParts {
  name: string
  code: string
  message: string
  status: number | undefined
  syscalls: string[]
}

/** Reads an error of whatever kind; never throws. */
export function partsOf(error: unknown): ErrorParts {
  const parts = (error ?? {}) as {
    name?: unknown
    code?: unknown
    message?: unknown
    syscall?: unknown
    errors?: unknown
    $metadata?: { httpStatusCode?: unknown }
    $response?: { statusCode?: unknown }
  }
  const inner = Array.isArray(parts.errors) ? (parts.errors as { syscall?: unknown }[]) : []
  const status = parts.$metadata?.httpStatusCode ?? parts.$response?.statusCode
  return {
    name: typeof parts.name === 'string' ? parts.name : '',
    code: typeof parts.code === 'string' ? parts.code : '',
    message: typeof parts.message === 'string' ? parts.message : String(error),
    status: typeof status === 'number' ? status : undefined,
    syscalls: [parts, ...inner].flatMap(each => (typeof each?.syscall === 'string' ? [each.syscall] : []))
  }
}

const THROTTLED =
  /^(ProvisionedThroughputExceeded|LimitExceeded|Throttling|Throttled|ThrottledException|RequestThrottled|TooManyRequests|RequestLimitExceeded|KMSThrottling|SlowDown)/
const DENIED =
  /^(AccessDenied|KMS(AccessDenied|Disabled|InvalidState|NotFound|OptInRequired)|OptInRequired|IncompleteSignature|InvalidSignature|MissingAuthenticationToken|InvalidClientTokenId|SignatureDoesNotMatch|NotAuthorized|UnauthorizedOperation)/
const CREDENTIALS = /^(ExpiredToken|UnrecognizedClient)/
const INVALID = /^(InvalidArgument|Validation|SerializationException|RecordTooLarge)/
const TLS =
  /CERT|^ERR_TLS|^ERR_SSL|^EPROTO$|^UNABLE_TO_|^DEPTH_ZERO_|^HOSTNAME_MISMATCH$|^INVALID_CA$|^INVALID_PURPOSE$/
/** Names that say nothing: the SDK's for answers that it could not read. */
const NAMELESS = new Set(['', 'Error', 'SyntaxError', 'Unknown', 'UnknownError', 'TypeError'])
const FAMILIAR =
  /^(InternalFailure|InternalServer|ServiceUnavailable|InternalServiceError|TimeoutError|RequestTimeout|AbortError)/

/**
 * Judges the error of a whole request, in the order: HTTP status, name, system call, code.
 *
 * @param succeeded a request of this client succeeded before
 */
export function judgeError(error: unknown, succeeded: boolean): Verdict {
  const { name, code, message, status, syscalls } = partsOf(error)
  if (status === 429 || THROTTLED.test(name)) return 'throttled'
  if (status === 413) return 'too-large'
  if (status === 403 && (NAMELESS.has(name) || status.toString() === name)) return 'denied'
  if (status === 407) return 'denied'
  if (status !== undefined && status >= 500) return 'unknown'
  if (name === 'ResourceNotFoundException') return 'not-found'
  if (CREDENTIALS.test(name)) return 'credentials'
  if (isSkew(name, message)) return 'skew'
  if (DENIED.test(name)) return 'denied'
  if (INVALID.test(name)) return 'invalid'
  if (status !== undefined && status >= 400) return 'denied'
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') return 'connect'
  if (syscalls.some(syscall => syscall === 'connect' || syscall === 'getaddrinfo')) return 'connect'
  if (/REFUSED_STREAM/.test(message) || /REFUSED_STREAM/.test(code)) return 'connect'
  if (TLS.test(code)) return 'denied'
  if (code === 'ERR_HTTP2_ERROR' && !succeeded) return 'denied'
  if (status !== undefined || code !== '' || NAMELESS.has(name) || FAMILIAR.test(name)) return 'unknown'
  return 'strange'
}

/** Whether somebody must not do what was asked for, and asking again does not help. */
export function isDenial(error: unknown): boolean {
  const { name, status } = partsOf(error)
  return DENIED.test(name) || CREDENTIALS.test(name) || status === 403 || status === 407
}

/** Judges what Kinesis said of one entry. */
export function judgeEntryCode(code: string): Verdict {
  if (THROTTLED.test(code)) return 'throttled'
  if (code === 'ResourceNotFoundException') return 'not-found'
  if (CREDENTIALS.test(code) || DENIED.test(code)) return 'denied'
  if (INVALID.test(code)) return 'invalid'
  return FAMILIAR.test(code) ? 'unknown' : 'strange'
}

function isSkew(name: string, message: string): boolean {
  if (name === 'RequestExpired' || name === 'RequestTimeTooSkewed' || name === 'RequestInTheFuture')
    return true
  return (
    /^(InvalidSignature|SignatureDoesNotMatch)/.test(name) &&
    /expired|not yet current|too skewed/i.test(message)
  )
}

/**
 * The entries that a validation error names, from 0: `records.N` counts from 1.
 *
 * @returns none if it names none
 */
export function namedEntries(message: string, count: number): Set<number> {
  const named = new Set<number>()
  for (const [, text] of message.matchAll(/\brecords\.(\d+)/gi)) {
    const position = Number(text) - 1
    if (position >= 0 && position < count) named.add(position)
  }
  return named
}

/** Whether a validation error is about the stream that the request names. */
export function namesStream(message: string): boolean {
  return /stream[\s_-]?(name|arn|id)\b/i.test(message)
}
