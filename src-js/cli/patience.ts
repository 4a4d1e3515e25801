import type { Clock } from './clock'

/** How long the same failure is borne before it ends the command. */
const MAX_FAILING_MS = 300_000

const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ThrottlingException'
])

/** Errors of the way to the service; `EPIPE` is that of the output. */
const NETWORK = /^(?:ECONN|EHOST|ENET|ENOTFOUND|ETIMEDOUT|EAI_AGAIN)/

/** Whether Kinesis refused for load. */
export function isThrottle(error: unknown): boolean {
  return THROTTLES.has((error as Error).name)
}

/** Bears failures that may go away by themselves, for five minutes. */
export class Patience {
  #failingSince: number | undefined

  constructor(private readonly clock: Clock) {}

  succeeded(): void {
    this.#failingSince = undefined
  }

  /** @throws the error if it does not go away by itself, or has lasted for too long */
  failed(error: unknown): void {
    const now = this.clock.now()
    this.#failingSince ??= now
    if (!passes(error) || now - this.#failingSince > MAX_FAILING_MS) throw error
  }
}

/** Whether a failure may go away by itself. */
function passes(error: unknown): boolean {
  const { name, code, $fault, $metadata } = error as {
    name: string
    code?: string
    $fault?: string
    $metadata?: { httpStatusCode?: number }
  }
  if (isThrottle(error) || name === 'TimeoutError' || $fault === 'server') return true
  return ($metadata?.httpStatusCode ?? 0) >= 500 || NETWORK.test(code ?? '')
}
