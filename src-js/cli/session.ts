import { type Connection, type Target, toServiceError } from './aws'
import type { Clock } from './clock'
import type { Turns } from './turns'

/** Between two attempts with new credentials. */
const RETRY_MS = 10_000

/** How long expired credentials are borne where nobody sees the message. */
const MAX_EXPIRED_MS = 300_000

/** What a session needs of the command. */
export interface SessionHost {
  readonly target: Target
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Somebody sees what is said, and can renew the credentials. */
  readonly isAttended: boolean
  /** Makes a client with providers of credentials of its own. */
  connect(): Connection
  say(text: string): void
}

/** The way to Kinesis. It outlives credentials that expire. */
export class Session {
  #connection: Connection
  #expiredSince: number | undefined
  #hasWorked = false
  #renewal: Promise<void> | undefined

  /** @param turns bounds the requests in flight */
  constructor(
    private readonly host: SessionHost,
    private readonly turns: Turns
  ) {
    this.#connection = host.connect()
  }

  /**
   * Carries a request out when it is its turn, again and again while the credentials have expired.
   *
   * @throws what the request throws
   * @throws ServiceError the credentials have expired, and nobody renews them
   */
  async run<T>(request: (connection: Connection) => Promise<T>): Promise<T> {
    for (;;) {
      const connection = this.#connection
      try {
        const answer = await this.turns.run(() => request(connection))
        if (connection === this.#connection) this.#worked()
        return answer
      } catch (error) {
        if (this.host.signal.aborted || !isExpired(error)) throw error
        await this.#renew(connection, error)
      }
    }
  }

  /** It waits for new credentials. */
  get isWaiting(): boolean {
    return this.#expiredSince !== undefined
  }

  /** The clock of the server, as {@link Connection.serverTime} has it. */
  serverTime(): number {
    return this.#connection.serverTime()
  }

  destroy(): void {
    this.#connection.client.destroy()
  }

  #worked(): void {
    this.#hasWorked = true
    if (this.#expiredSince === undefined) return
    this.#expiredSince = undefined
    this.host.say('the credentials are valid again')
  }

  /** Many requests fail together: they wait for one new client. */
  async #renew(failed: Connection, error: unknown): Promise<void> {
    if (failed !== this.#connection) return
    this.#renewal ??= this.#reconnect(error).finally(() => (this.#renewal = undefined))
    await this.#renewal
  }

  async #reconnect(error: unknown): Promise<void> {
    const { clock, signal, target, isAttended } = this.host
    // Nothing is lost where nothing has begun.
    if (!isAttended && !this.#hasWorked) throw toServiceError(error, target)
    if (this.#expiredSince === undefined) {
      this.#expiredSince = clock.now()
      this.host.say(`Credentials expired: ${whatToDo(target)}; waiting`)
    } else if (!isAttended && clock.now() - this.#expiredSince >= MAX_EXPIRED_MS) {
      throw toServiceError(error, target)
    }
    await clock.sleep(RETRY_MS, signal)
    this.#connection.client.destroy()
    this.#connection = this.host.connect()
  }
}

/** Kinesis refused the credentials for their age, or their source has only old ones. */
export function isExpired(error: unknown): boolean {
  const { name, message } = error as Error
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError')
    return /expired|aws sso login|session token/i.test(message)
  return name === 'ExpiredTokenException' || name === 'ExpiredToken'
}

function whatToDo({ profile = process.env['AWS_PROFILE'] }: Target): string {
  if (profile === undefined && process.env['AWS_ACCESS_KEY_ID'] !== undefined)
    return 'those of the AWS_ variables stay as they are, so start again with others'
  return `run aws sso login${profile === undefined ? '' : ` --profile ${profile}`}`
}
