/**
 * CPU time of this process over a run in milliseconds, the least of three runs. Elapsed time would depend on what else
 * the machine does.
 */
export async function leastCpuMs(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(start)
    least = Math.min(least, (user + system) / 1000)
  }
  return least
}
