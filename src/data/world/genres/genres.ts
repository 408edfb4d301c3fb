import { ConfigError } from '../../../base/index.ts'
import type { Production } from '../production.ts'
import { calendar } from './calendar.ts'
import { dialogues } from './dialogues.ts'
import { instructions } from './instructions.ts'
import { questions } from './questions.ts'
import { stories } from './stories.ts'
import { tales } from './tales.ts'

/**
 * What documents are drawn from, by genre and kind. `short`: questions with answers and stories of one or two lines;
 * `tales`: longer stories; `dialogues`; `instructions`: a user and an assistant; `calendar`: reckoning with days, the
 * clock, money and numbers. No two kinds share a name.
 */
export const genres = {
  short: { ...questions, ...stories },
  tales,
  dialogues,
  instructions,
  calendar,
} satisfies Record<string, Record<string, Production>>

export type Genre = keyof typeof genres

/** Genres by how often, in proportion; or a list of genres, each as often. */
export type GenreMix = readonly Genre[] | Readonly<Partial<Record<Genre, number>>>

export interface Kind {
  readonly genre: Genre
  readonly kind: string
  readonly production: Production
}

/**
 * The kinds of a mix with weights, so that genres come as often as asked for.
 *
 * @throws ConfigError for a genre that does not exist, and when none is left
 */
export function kindsOf(mix: GenreMix): readonly Kind[] {
  const shares = Array.isArray(mix)
    ? (mix as readonly Genre[]).map((genre) => [genre, 1] as const)
    : Object.entries(mix)
  for (const [genre, share] of shares) {
    if (!Object.hasOwn(genres, genre))
      throw new ConfigError(`world: genres are ${Object.keys(genres).join(', ')}; got ${genre}`)
    if (!(Number(share) >= 0 && Number(share) < Infinity))
      throw new ConfigError(`world: the share of ${genre} must be a number from 0 on, got ${share}`)
  }
  const known = Object.keys(genres) as Genre[]
  // In the order of the table, whatever the order of the mix; a genre alone keeps the weights of its table as they are.
  const used = known.flatMap((genre) => {
    const share = shares.reduce((sum, [name, share]) => (name === genre ? sum + Number(share) : sum), 0)
    return share > 0 ? [{ genre, share }] : []
  })
  if (used.length === 0) throw new ConfigError(`world: no genre is left; there are ${known.join(', ')}`)
  return used.flatMap(({ genre, share }) => {
    const productions = Object.entries<Production>(genres[genre])
    const total = productions.reduce((sum, [, { weight }]) => sum + weight, 0)
    const scale = used.length === 1 ? 1 : share / total
    return productions.map(([kind, production]) => ({
      genre,
      kind,
      production: { ...production, weight: production.weight * scale },
    }))
  })
}
