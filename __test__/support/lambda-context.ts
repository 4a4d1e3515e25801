/** A Lambda context with so many milliseconds left. */
export const contextWith = (left: number): { getRemainingTimeInMillis(): number } => {
  const end = performance.now() + left
  return { getRemainingTimeInMillis: () => end - performance.now() }
}

/** A Lambda context whose time stands still until the test takes it away. */
export class StillContext {
  left: number

  constructor(left: number) {
    this.left = left
  }

  getRemainingTimeInMillis(): number {
    return this.left
  }
}
