import { existsSync } from 'node:fs'

/** Whether there is such a file; one that the process may not look at is none. */
export function exists(path: string): boolean {
  try {
    return existsSync(path)
  } catch {
    return false
  }
}
