import { readFileSync } from 'node:fs'
import type { Shard } from '../index'
import { UsageError } from './usage-error'

/**
 * What is made of the shards that `aws kinesis list-shards` printed into a file.
 *
 * @param make throws if they cannot be right
 * @throws UsageError
 */
export function fromShardsFile<T>(file: string, make: (shards: Shard[]) => T): T {
  try {
    const json = JSON.parse(readFileSync(file, 'utf8')) as { Shards?: Shard[] } | Shard[]
    return make((Array.isArray(json) ? json : json?.Shards) as Shard[])
  } catch (error) {
    throw new UsageError(
      `--shards takes the JSON of "aws kinesis list-shards"; ${file}: ${(error as Error).message}`
    )
  }
}
