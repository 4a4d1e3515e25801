/** `; did you mean 'x'?` of the nearest name, if one is near, else nothing. */
export function suggest(given: string, names: readonly string[]): string {
  const near = names
    .map(name => ({ name, distance: distance(given, name) }))
    .toSorted((a, b) => a.distance - b.distance)[0]!
  return near.distance <= 2 && near.distance < near.name.length - 1 ? `; did you mean '${near.name}'?` : ''
}

/** Characters to insert, leave out or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      next.push(Math.min(row[j]! + (a[i] === b[j] ? 0 : 1), row[j + 1]! + 1, next[j]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
