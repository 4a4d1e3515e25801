// A whole Kinesis in one process on loopback, for the demo and the tests.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NodeHttpHandler } from '@smithy/node-http-handler'

const START_MS = 60_000

/**
 * A port that nobody listens on now. No system gives one below 32,768 to those who ask for any, or to a connection, so
 * that nobody else takes it before the server does.
 */
async function freePort() {
  for (;;) {
    const port = 16_384 + Math.floor(Math.random() * 16_384)
    const server = createServer().listen(port, '127.0.0.1')
    try {
      await once(server, 'listening')
    } catch {
      continue
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

/** @param {number} port */
async function listens(port) {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/**
 * Starts the server.
 *
 * @param {Record<string, string>} [settings] more of its environment variables
 * @returns {Promise<{ endpoint: string, tlsPort: number, pid: number | undefined,
 *   clientOptions: import('@aws-sdk/client-kinesis').KinesisClientConfig, stop(): Promise<void> }>}
 */
export async function startKinesis(settings = {}) {
  const require = createRequire(import.meta.url)
  const main = require.resolve('kinesis-local/main.js')
  const port = await freePort()
  const tlsPort = await freePort()
  const server = spawn(process.execPath, ['--require', require.resolve('./kinesis-local-read.cjs'), main], {
    // It reads its certificate from the folder that it runs in.
    cwd: dirname(main),
    env: {
      PATH: process.env['PATH'],
      KINESIS_MOCK_PLAIN_PORT: String(port),
      KINESIS_MOCK_TLS_PORT: String(tlsPort),
      LOG_LEVEL: 'ERROR',
      SHARD_LIMIT: '100',
      CREATE_STREAM_DURATION: '1ms',
      DELETE_STREAM_DURATION: '1ms',
      SPLIT_SHARD_DURATION: '1ms',
      MERGE_SHARDS_DURATION: '1ms',
      ...settings
    },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  let complaint = ''
  server.stderr.on('data', chunk => (complaint = (complaint + chunk).slice(-2000)))
  const ended = once(server, 'exit')
  const killAtExit = () => server.kill('SIGKILL')
  process.once('exit', killAtExit)

  const stop = async () => {
    process.off('exit', killAtExit)
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL')
      await ended
    }
  }
  const deadline = Date.now() + START_MS
  while (!(await listens(port))) {
    if (server.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`kinesis-local did not start: ${complaint || 'no word from it'}`)
    }
    await sleep(50)
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    tlsPort,
    pid: server.pid,
    clientOptions: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      // The SDK's default for Kinesis is HTTP/2, which the plain port does not speak.
      requestHandler: new NodeHttpHandler()
    },
    stop
  }
}
