import type { Part, PartKind } from './parts'

/** What a kind of bytes takes of a record. */
export interface Cost {
  readonly kind: PartKind | 'data'
  /** Parts of this kind; 0 where there is nothing to count. */
  readonly count: number
  readonly bytes: number
}

const ORDER: Cost['kind'][] = [
  'magic',
  'key',
  'hashKey',
  'data',
  'record',
  'unknown',
  'unread',
  'md5',
  'plain'
]

/**
 * What costs how much, in the order of {@link ORDER}; kinds that are not there are left out. `record` is what the format
 * adds to the data of user records; that of keys counts as part of the keys.
 */
export function costsOf(parts: readonly Part[]): Cost[] {
  const costs = new Map<Cost['kind'], { count: number; bytes: number }>()
  const add = (kind: Cost['kind'], bytes: number): void => {
    const cost = costs.get(kind) ?? { count: 0, bytes: 0 }
    costs.set(kind, { count: cost.count + 1, bytes: cost.bytes + bytes })
  }
  for (const { kind, start, end, contentStart, contentEnd } of parts) {
    if (kind !== 'record') {
      add(kind, end - start)
      continue
    }
    add('data', contentEnd - contentStart)
    add('record', end - start - (contentEnd - contentStart))
  }
  return ORDER.flatMap(kind => {
    const cost = costs.get(kind)
    return cost === undefined ? [] : [{ kind, ...cost }]
  })
}
