import { computed, minus, over, plus, times } from '../arithmetic.ts'
import { dayOfWeek, isLeapYear, later } from '../clock.ts'
import { number, quantity } from '../entity.ts'
import type { Production } from '../production.ts'

/** An entity so many steps further on its ring: days of the week, months. */
const along = (ring: string, steps: string, direction: 1 | -1) =>
  computed([ring, steps], (from, n) => {
    let here = from
    for (let i = 0; i < quantity(n); i++) here = direction > 0 ? here.is.next : here.is.previous
    return here
  })

/** What can be reckoned: days, dates, the clock, money and sums of the real world, by kind. */
export const calendar: Record<string, Production> = {
  dayAfter: {
    weight: 2,
    pick: { d: 'days', n: 'spans' },
    given: { r: along('d', 'n', 1) },
    names: 'r of days',
    ask: `
      Today is {d}. What day is it in {n} days?           → In {n} days it is {r}.
      Бүгін {d}. {n} күннен кейін қай күн болады?         → {n} күннен кейін {r} болады.
      If today is {d}, which day comes {n} days later?    → In {n} days it is {r}.
      Бүгін {d} болса, {n} күннен кейін қай күн келеді?   → {n} күннен кейін {r} болады.`,
  },
  dayBefore: {
    weight: 1,
    pick: { d: 'days', n: 'spans' },
    given: { r: along('d', 'n', -1) },
    names: 'r of days',
    ask: `
      Today is {d}. What day was it {n} days ago?         → {n} days ago it was {r}.
      Бүгін {d}. {n} күн бұрын қай күн болды?             → {n} күн бұрын {r} болды.
      If today is {d}, which day was {n} days earlier?    → {n} days ago it was {r}.
      Бүгін {d} болса, {n} күн бұрын қай күн еді?         → {n} күн бұрын {r} болды.`,
  },
  monthAfter: {
    weight: 2,
    pick: { m: 'months', n: 'monthSteps' },
    given: { r: along('m', 'n', 1) },
    names: 'r of months',
    ask: `
      It is {m} now. Which month is it in {n} months?     → In {n} months it is {r}.
      Қазір {m}. {n} айдан кейін қай ай болады?           → {n} айдан кейін {r} болады.
      Which month comes {n} months after {m}?             → In {n} months it is {r}.
      {^m} айынан {n} ай өткен соң қай ай келеді?         → {n} айдан кейін {r} болады.`,
  },
  leapYear: {
    weight: 1,
    pick: { y: 'leapYears' },
    ask: `
      Is {y} a leap year?            → Yes, {y} is a leap year.
      {y} жыл — кібісе жыл ма?       → Иә, {y} жыл — кібісе жыл.
      Does the year {y} have 366 days? → Yes, {y} has 366 days.
      {y} жылы 366 күн бар ма?       → Иә, {y} жылы 366 күн бар.`,
  },
  commonYear: {
    weight: 1,
    pick: { y: 'commonYears' },
    ask: `
      Is {y} a leap year?            → No, {y} is not a leap year.
      {y} жыл — кібісе жыл ма?       → Жоқ, {y} жыл — кібісе жыл емес.
      Does the year {y} have 366 days? → No, {y} has 365 days.
      {y} жылы 366 күн бар ма?       → Жоқ, {y} жылы 365 күн бар.`,
  },
  february: {
    weight: 1,
    pick: { y: 'years' },
    given: { n: computed(['y'], (y) => number(isLeapYear(quantity(y)) ? 29 : 28)) },
    ask: `
      How many days are there in February {y}? → February {y} has {n} days.
      {y} жылдың ақпанында неше күн бар?       → {y} жылдың ақпанында {n} күн бар.
      How long is February {y}?                → February {y} has {n} days.
      {y} жылдың ақпаны неше күннен тұрады?    → {y} жылдың ақпанында {n} күн бар.`,
  },
  weekday: {
    weight: 3,
    pick: { y: 'years', m: 'months', d: 'm.dates' },
    given: {
      r: {
        uses: ['y', 'm', 'd', 'world'],
        tells: [],
        value: ({ y, m, d, world }) => {
          const day = dayOfWeek(quantity(y), world.has.months.indexOf(m) + 1, quantity(d))
          return world.has.days[day]
        },
      },
    },
    names: 'r of days',
    ask: `
      What day of the week is {d} {m} {y}?             → {d} {m} {y} is a {r}.
      {y} жылғы {d} {m} — аптаның қай күні?            → {y} жылғы {d} {m} — {r}.
      On which day of the week does {d} {m} {y} fall?  → {d} {m} {y} is a {r}.
      {y} жылғы {d} {m} аптаның қай күніне келеді?     → {y} жылғы {d} {m} — {r}.`,
  },
  timeLater: {
    weight: 2,
    pick: { t: 'clock', n: 'minutes' },
    given: { r: later('t', 'n') },
    names: 'r of clock',
    ask: `
      It is {t}. What time is it in {n} minutes?                   → In {n} minutes it is {r}.
      Сағат {t}. {n} минуттан кейін сағат неше болады?             → {n} минуттан кейін сағат {r} болады.
      The clock shows {t}. What does it show {n} minutes later?    → In {n} minutes it is {r}.
      Сағат {t} болды. {n} минут өткен соң сағат неше болады?      → {n} минуттан кейін сағат {r} болады.`,
  },
  timeEarlier: {
    weight: 1,
    pick: { t: 'clock', n: 'minutes' },
    given: { r: later('t', 'n', -1) },
    names: 'r of clock',
    ask: `
      It is {t}. What time was it {n} minutes ago?                 → {n} minutes ago it was {r}.
      Сағат {t}. {n} минут бұрын сағат неше болды?                 → {n} минут бұрын сағат {r} болды.
      The clock shows {t}. What did it show {n} minutes earlier?   → {n} minutes ago it was {r}.
      Сағат {t} болды. Осыдан {n} минут бұрын сағат неше еді?      → {n} минут бұрын сағат {r} болды.`,
  },
  monthsTogether: {
    weight: 1,
    pick: { m: 'months' },
    given: { r: plus('m.days', 'm.next.days') },
    ask: `
      How many days do {m} and {m.next} have together in a common year?  → {m.days} + {m.next.days} = {r} days.
      Кібісе емес жылы {m:and} {m.next} айларында барлығы неше күн бар?  → {m.days} + {m.next.days} = {r} күн.
      In a common year, how long are {m} and {m.next} together?          → {m.days} + {m.next.days} = {r} days.
      Кібісе емес жылы {m:and} {m.next} айлары барлығы неше күн?         → {m.days} + {m.next.days} = {r} күн.`,
  },
  ageLater: {
    weight: 2,
    pick: { x: 'people', n: 'few' },
    given: { r: plus('x.age', 'n') },
    ask: `
      How old will {x} be in {n} years?              → {x} is {x.age} now and will be {r} in {n} years.
      {n} жылдан кейін {x} неше жаста болады?        → {x} қазір {x.age} жаста, {n} жылдан кейін {r} жаста болады.
      What will the age of {x} be {n} years from now? → {x} is {x.age} now and will be {r} in {n} years.
      {n} жыл өткен соң {x} неше жасқа толады?       → {x} қазір {x.age} жаста, {n} жылдан кейін {r} жаста болады.`,
  },
  change: {
    weight: 2,
    pick: { g: 'goods', b: 'banknotes' },
    given: { r: minus('b', 'g.price') },
    ask: `
      You pay for {g:a} with {b} tenge. How much is the change?      → {^g:a} costs {g.price} tenge, so the change is {b} - {g.price} = {r} tenge.
      Бір {g} үшін {b} теңге бердің. Қайтарымы қанша?                → Бір {g} {g.price} теңге тұрады, сондықтан қайтарымы {b} - {g.price} = {r} теңге.
      How much money comes back from {b} tenge when you buy {g:a}?   → {^g:a} costs {g.price} tenge, so the change is {b} - {g.price} = {r} tenge.
      {b} теңгеге бір {g} алсаң, қайтарымы қанша болады?             → Бір {g} {g.price} теңге тұрады, сондықтан қайтарымы {b} - {g.price} = {r} теңге.`,
  },
  afford: {
    weight: 2,
    pick: { g: 'goods', b: 'banknotes' },
    given: { r: over('b', 'g.price') },
    ask: `
      How many {g:many} can you buy for {b} tenge?       → {^g:a} costs {g.price} tenge, so you can buy {r}.
      {b} теңгеге неше {g} сатып алуға болады?           → Бір {g} {g.price} теңге тұрады, сондықтан {r} {g} сатып алуға болады.
      You have {b} tenge. How many {g:many} can you get? → {^g:a} costs {g.price} tenge, so you can buy {r}.
      Сенде {b} теңге бар. Неше {g} сатып аласың?        → Бір {g} {g.price} теңге тұрады, сондықтан {r} {g} сатып алуға болады.`,
  },
  product: {
    weight: 2,
    pick: { a: 'factors', b: 'factors' },
    given: { c: times('a', 'b') },
    ask: `
      What is {a} * {b}?                               → {a} * {b} = {c}.
      {a} * {b} қанша болады?                          → {a} * {b} = {c}.
      How much is {a} times {b}?                       → {a} * {b} = {c}.
      {a} санын {b} санына көбейтсе, қанша болады?     → {a} * {b} = {c}.`,
  },
  largeSum: {
    weight: 2,
    pick: { a: 'twoDigits', b: 'twoDigits' },
    given: { c: plus('a', 'b') },
    ask: `
      What is {a} + {b}?                               → {a} + {b} = {c}.
      {a} + {b} қанша болады?                          → {a} + {b} = {c}.
      How much do {a} and {b} make?                    → {a} + {b} = {c}.
      {a} санына {b} санын қосса, қанша болады?        → {a} + {b} = {c}.`,
  },
}
