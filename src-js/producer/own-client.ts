import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis'
// webpack warns of an import by name.
import * as nodeModule from 'node:module'
import { join } from 'node:path'
import type { KinesisClientLike } from './types'

declare const OWN_MODULE: { filename: string } | undefined

/**
 * A client that keeps its connections. The SDK's default of Kinesis clients speaks HTTP/2, and opens a connection for each
 * request.
 */
export function makeClient(config: object): KinesisClientLike {
  const handler = 'requestHandler' in config ? undefined : keptAlive()
  return new KinesisClient({
    ...config,
    ...(handler !== undefined && { requestHandler: handler })
  } as KinesisClientConfig)
}

/** The SDK's own handler of HTTP/1.1. It comes with the client; in a bundle it may be out of reach. */
function keptAlive(): object | undefined {
  try {
    const here = OWN_MODULE === undefined ? join(process.cwd(), 'index.js') : OWN_MODULE.filename
    const client = nodeModule.createRequire(here).resolve('@aws-sdk/client-kinesis')
    const { NodeHttpHandler } = nodeModule.createRequire(client)('@smithy/node-http-handler') as {
      NodeHttpHandler: new () => object
    }
    return new NodeHttpHandler()
  } catch {
    return undefined
  }
}
