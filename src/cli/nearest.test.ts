import { expect, it } from 'vitest'
import { nearest } from './nearest.ts'

it('guesses only what is near', () => {
  expect(nearest('gofer', ['gopher', 'c4'])).toBe('gopher')
  expect(nearest('Language', ['language', 'length'])).toBe('language')
  expect(nearest('colour', ['gopher', 'c4'])).toBeUndefined()
  expect(nearest('x'.repeat(1e6), ['gopher'])).toBeUndefined()
})
