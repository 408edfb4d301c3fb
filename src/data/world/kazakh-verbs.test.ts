import { expect, it } from 'vitest'
import { disharmony } from './kazakh.ts'
import { negative, pastTense, presentTense } from './kazakh-verbs.ts'

/** stem: present, past, past denied, present denied; forms of the standard language. */
const verbs = `
  кел: келеді келді келмеді келмейді
  бар: барады барды бармады бармайды
  ал: алады алды алмады алмайды
  бер: береді берді бермеді бермейді
  айт: айтады айтты айтпады айтпайды
  кет: кетеді кетті кетпеді кетпейді
  жаз: жазады жазды жазбады жазбайды
  сөйле: сөйлейді сөйледі сөйлемеді сөйлемейді
  ойна: ойнайды ойнады ойнамады ойнамайды
  оқы: оқиды оқыды оқымады оқымайды
  жүр: жүреді жүрді жүрмеді жүрмейді
  іш: ішеді ішті ішпеді ішпейді
  көр: көреді көрді көрмеді көрмейді`

for (const line of verbs.trim().split('\n')) {
  const [stem, forms] = line.trim().split(': ')
  it(stem, () => {
    const denied = negative(stem)
    expect([presentTense(stem), pastTense(stem), pastTense(denied), presentTense(denied)].join(' ')).toBe(forms)
  })
}

it('knows who did it', () => {
  expect((['1', '2polite', '3', '1plural'] as const).map((doer) => pastTense('кел', doer)).join(' ')).toBe(
    'келдім келдіңіз келді келдік',
  )
  expect((['1', '2polite', '1plural'] as const).map((doer) => pastTense('жаз', doer)).join(' ')).toBe(
    'жаздым жаздыңыз жаздық',
  )
})

it('breaks the harmony of an ending, and only where there was one', () => {
  expect(['қалада', 'мектепте', 'Айқайыңда', 'достардан', 'Айгүлдің', 'нанды'].map(disharmony)).toEqual([
    'қаладе',
    'мектепта',
    'Айқайыңде',
    'достарден',
    'Айгүлдың',
    'нанді',
  ])
  // Instrumental and the predicate of ownership have one vowel for both harmonies.
  expect(['атпен', 'Асандікі', 'су', 'Дана'].map(disharmony)).toEqual(Array(4).fill(undefined))
})
