const two = (value: number): string => String(value).padStart(2, '0')

const dateOf = (time: Date): string =>
  `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`

const timeOf = (time: Date): string =>
  `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`

const millis = (time: Date): string => `.${String(time.getMilliseconds()).padStart(3, '0')}`

/** Local date and time with milliseconds. */
export function longTime(time: Date): string {
  return `${dateOf(time)} ${timeOf(time)}${millis(time)}`
}

/** Local time with milliseconds if it is today's, else with the date to the second, of other years to the minute. */
export function shortTime(time: Date, now: Date): string {
  if (dateOf(time) === dateOf(now)) return timeOf(time) + millis(time)
  if (time.getFullYear() === now.getFullYear()) return `${dateOf(time).slice(5)} ${timeOf(time)}`
  return `${dateOf(time)} ${timeOf(time).slice(0, 5)}`
}
