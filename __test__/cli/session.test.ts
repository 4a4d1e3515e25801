/** Credentials that expire, with clients of the SDK and files of profiles. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as sdk from '@aws-sdk/client-kinesis'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ServiceError, connect, readTarget } from '../../src-js/cli/aws'
import { Session, isExpired } from '../../src-js/cli/session'
import { Turns } from '../../src-js/cli/turns'
import { FakeClock } from '../support/cli-clock'

const target = { stream: 's', profile: 'dev', region: undefined, endpoint: undefined }
const expired = Object.assign(new Error('The security token is expired'), { name: 'ExpiredTokenException' })

interface Made {
  /** How many clients were made. */
  count: number
}

function sessionOf(clock: FakeClock, isAttended: boolean, stop = new AbortController()) {
  const said: string[] = []
  const made: Made = { count: 0 }
  const session = new Session(
    {
      target,
      signal: stop.signal,
      clock,
      isAttended,
      connect: () => ({
        sdk,
        client: { number: made.count++, destroy: () => {} } as never,
        serverTime: () => 0
      }),
      say: text => said.push(text)
    },
    new Turns(2)
  )
  return { session, said, made }
}

describe('expired credentials', () => {
  beforeEach(() => void vi.stubEnv('AWS_ACCESS_KEY_ID', undefined))
  afterEach(() => void vi.unstubAllEnvs())

  it('on a terminal: one message, and attempts every 10 seconds, however long it takes', async () => {
    const clock = new FakeClock()
    const { session, said, made } = sessionOf(clock, true)
    const hour = 360
    const answers = await Promise.all(
      ['a', 'b', 'c'].map(name =>
        session.run(async ({ client }) => {
          if ((client as unknown as { number: number }).number < hour) throw expired
          return name
        })
      )
    )
    expect(answers).toEqual(['a', 'b', 'c'])
    expect(said).toEqual([
      'Credentials expired: run aws sso login --profile dev; waiting',
      'the credentials are valid again'
    ])
    expect(clock.slept).toEqual(Array<number>(hour).fill(10_000))
    expect(made.count).toBe(hour + 1)
  })

  it('in a pipe: the same for five minutes, then the end', async () => {
    const clock = new FakeClock()
    const { session, said } = sessionOf(clock, false)
    await session.run(async () => {})
    const refused = session.run(() => Promise.reject(expired))
    await expect(refused).rejects.toThrow(ServiceError)
    await expect(refused).rejects.toThrow(/^stream s, region of the profile, profile dev: .*have expired/)
    expect([said.length, clock.now()]).toEqual([1, 300_000])
  })

  it('in a pipe: the end at once, if they have expired before the beginning', async () => {
    const { session, said, made } = sessionOf(new FakeClock(), false)
    await expect(session.run(() => Promise.reject(expired))).rejects.toThrow(ServiceError)
    expect([said, made.count]).toEqual([[], 1])
  })

  it('ends at once when the command is stopped', async () => {
    const stop = new AbortController()
    const clock = new FakeClock()
    const { session } = sessionOf(clock, true, stop)
    const refused = session.run(async () => {
      if (clock.slept.length === 2) stop.abort()
      throw expired
    })
    await expect(refused).rejects.toBe(expired)
    expect(clock.slept).toHaveLength(2)
  })

  it('other failures are not waited for', async () => {
    const { session, said } = sessionOf(new FakeClock(), true)
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' })
    await expect(session.run(() => Promise.reject(denied))).rejects.toBe(denied)
    expect(said).toEqual([])
  })

  it('of variables are not to be renewed', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a')
    vi.stubEnv('AWS_PROFILE', undefined)
    const said: string[] = []
    const { signal } = new AbortController()
    const client = { destroy: () => {} } as never
    const host = {
      target: { ...target, profile: undefined },
      signal,
      clock: new FakeClock(),
      isAttended: false
    }
    const session = new Session(
      { ...host, connect: () => ({ sdk, client, serverTime: () => 0 }), say: text => said.push(text) },
      new Turns(1)
    )
    await session.run(async () => {})
    await expect(session.run(() => Promise.reject(expired))).rejects.toThrow(ServiceError)
    expect(said).toEqual([
      'Credentials expired: those of the AWS_ variables stay as they are, so start again with others; waiting'
    ])
  })

  it.each<[string, string, boolean]>([
    ['ExpiredTokenException', 'x', true],
    ['CredentialsProviderError', 'The SSO session associated with this profile has expired.', true],
    ['CredentialsProviderError', "Token is expired. To refresh this SSO session run 'aws sso login'", true],
    ['CredentialsProviderError', 'Could not load credentials from any providers', false],
    ['UnrecognizedClientException', 'x', false]
  ])('are told by %s: %s', (name, message, expected) => {
    expect(isExpired(Object.assign(new Error(message), { name }))).toBe(expected)
  })
})

describe('clients of the SDK', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kinesis-agg-profiles-'))
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_REGION', 'AWS_DEFAULT_REGION'])
      vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
    vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
    writeFileSync(join(folder, 'config'), '[profile dev]\nregion = eu-west-3\n')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  const store = (key: string) =>
    writeFileSync(
      join(folder, 'credentials'),
      `[dev]\naws_access_key_id = ${key}\naws_secret_access_key = s\naws_session_token = t\n`
    )

  it('read the files of profiles anew', async () => {
    store('old')
    const keyOf = async () => {
      const { client } = connect(readTarget('s', { profile: 'dev' }), 'tail')
      const { accessKeyId } = await client.config.credentials()
      const region = await client.config.region()
      client.destroy()
      return [accessKeyId, region]
    }
    expect(await keyOf()).toEqual(['old', 'eu-west-3'])
    store('new')
    expect(await keyOf()).toEqual(['new', 'eu-west-3'])
  })
})
