import type { Clock } from './clock'

/** Over what time is counted. */
const WINDOW_MS = 5000

/** How fast a count grows, over the last seconds. */
export class Rate {
  #marks: { at: number; count: number }[] = []

  constructor(private readonly clock: Clock) {}

  /** A second. @param count as it is now */
  perSecond(count: number): number {
    const at = this.clock.now()
    this.#marks.push({ at, count })
    const first = this.#marks.findLastIndex(mark => at - mark.at >= WINDOW_MS)
    if (first > 0) this.#marks = this.#marks.slice(first)
    const [from] = this.#marks
    return from!.at === at ? 0 : ((count - from!.count) / (at - from!.at)) * 1000
  }
}

/** Few are told with a digit after the point. */
export function rateText(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond).toLocaleString('en')} records/s`
}
