/** A Lambda context with so many milliseconds left. */
export const contextWith = (left: number): { getRemainingTimeInMillis(): number } => {
  const end = performance.now() + left
  return { getRemainingTimeInMillis: () => end - performance.now() }
}
