const months = 'January February March April May June July August September October November December'.split(' ')
const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')

/**
 * A date in the words of Python's strftime, in English whatever the language of the machine: models were trained so.
 * Local time. A directive that is not known stays as it is written.
 *
 * @example
 * strftime(new Date(2026, 10, 20), '%d %b %Y') // '20 Nov 2026'
 */
export function strftime(date: Date, format: string): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const dayOfYear = () =>
    1 +
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) / 86_400_000
  const directives: Readonly<Record<string, () => string>> = {
    Y: () => String(date.getFullYear()),
    y: () => two(date.getFullYear() % 100),
    m: () => two(date.getMonth() + 1),
    B: () => months[date.getMonth()],
    b: () => months[date.getMonth()].slice(0, 3),
    d: () => two(date.getDate()),
    e: () => String(date.getDate()).padStart(2),
    j: () => String(dayOfYear()).padStart(3, '0'),
    A: () => days[date.getDay()],
    a: () => days[date.getDay()].slice(0, 3),
    H: () => two(date.getHours()),
    I: () => two(date.getHours() % 12 || 12),
    p: () => (date.getHours() < 12 ? 'AM' : 'PM'),
    M: () => two(date.getMinutes()),
    S: () => two(date.getSeconds()),
    '%': () => '%',
  }
  return format.replace(/%(-?)([A-Za-z%])/g, (whole, bare, name) => {
    const text = directives[name]?.()
    return text === undefined ? whole : bare ? text.replace(/^[0 ]+(?=.)/, '') : text
  })
}
