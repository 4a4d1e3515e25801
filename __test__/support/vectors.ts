import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A user record as the fixture tells it: data is base64, no hash key is `null`. */
export interface ExpectedRecord {
  partitionKey: string
  explicitHashKey: string | null
  data: string
}

export interface Vector {
  name: string
  /** base64 */
  record: string
  bytes: Buffer
  kind: 'records' | 'plain' | 'checksum' | 'malformed'
  /** Empty unless `kind` is `records`. */
  records: ExpectedRecord[]
}

interface VectorFile {
  vectors: { name: string; record: string; expect: { kind: Vector['kind']; records?: ExpectedRecord[] } }[]
}

const file = join(__dirname, '..', 'fixtures', 'vectors.json')

export const vectors: Vector[] = (JSON.parse(readFileSync(file, 'utf8')) as VectorFile).vectors.map(
  ({ name, record, expect: { kind, records = [] } }) => ({
    name,
    record,
    bytes: Buffer.from(record, 'base64'),
    kind,
    records
  })
)

/** The vector with this name. */
export function vector(name: string): Vector {
  const found = vectors.find(one => one.name === name)
  if (found === undefined) throw new Error(`no vector '${name}'`)
  return found
}

export const ofKind = (...kinds: Vector['kind'][]): Vector[] =>
  vectors.filter(({ kind }) => kinds.includes(kind))
