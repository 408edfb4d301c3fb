import { DataError } from '../base/index.ts'
import type { Entity, World } from '../data/index.ts'
import { table } from './table.ts'
import type { Paint } from './terminal.ts'

const shown = ['age', 'job', 'home', 'pet', 'food', 'season', 'month'] as const

/** What is known of a person: facts, ties, and the family as a tree. */
export function describePerson(world: World, name: string, paint: Paint, json = false): string {
  const person = find(world.facts.people, name)
  if (json) return JSON.stringify(recordOf(person))
  const unsaid = (entity: Entity, fact: string) => (entity.hides?.has(fact) ? [paint('yellow', 'told nowhere')] : [])
  const facts = shown.map((fact) => [fact, person.is[fact].en, person.is[fact].kk, ...unsaid(person, fact)])
  const kin = person.has.kin.map((tie) => [
    `${tie.is.role.en} · ${tie.is.role.kk}`,
    `${tie.is.who.en} · ${tie.is.who.kk}`,
    ...unsaid(tie, 'who'),
  ])
  return [
    paint('bold', `${person.en} · ${person.kk}`),
    table(facts),
    '',
    table(kin),
    '',
    familyTree(world.facts.people, person, paint).join('\n'),
  ].join('\n')
}

function find(people: readonly Entity[], name: string): Entity {
  const wanted = name.trim().toLowerCase()
  const person = people.find(({ en, kk }) => en.toLowerCase() === wanted || kk.toLowerCase() === wanted)
  if (person) return person
  const close = people.filter(({ en, kk }) =>
    [en, kk].some((each) => each.toLowerCase().startsWith(wanted.slice(0, 2))),
  )
  const some = (close.length > 0 ? close : people).slice(0, 6).map(({ en, kk }) => `${en} (${kk})`)
  throw new DataError(`world: nobody is called ${name}; there are ${some.join(', ')} and others`)
}

function recordOf(person: Entity): object {
  const both = ({ en, kk }: Entity) => ({ en, kk })
  return {
    name: both(person),
    facts: Object.fromEntries(shown.map((fact) => [fact, both(person.is[fact])])),
    kin: person.has.kin.map(({ is }) => ({ role: both(is.role), who: both(is.who) })),
    toldNowhere: [...(person.hides ?? [])],
  }
}

const relative = (of: Entity, ...roles: string[]): Entity | undefined =>
  of.has.kin.find(({ is }) => roles.includes(is.role.en))?.is.who

/** From the eldest down: a couple in a line, their children below. */
function familyTree(people: readonly Entity[], person: Entity, paint: Paint): string[] {
  const spouse = relative(person, 'husband', 'wife')
  const root = [person, spouse].flatMap((each) =>
    each ? [relative(each, 'grandfather') ?? relative(each, 'father')] : [],
  )
  const lines: string[] = []

  function draw(head: Entity, first: string, rest: string): void {
    const partner = relative(head, 'husband', 'wife')
    const couple = (partner ? [head, partner] : [head]).map((each) => {
      const text = `${each.en} ${each.is.age.en}`
      return each === person ? paint('bold', text) : text
    })
    lines.push(`${first}${couple.join(' + ')}${paint('dim', `  ${head.is.home.en}`)}`)
    const children = people.filter(
      (child) => relative(child, 'father', 'mother') === head || relative(child, 'mother') === head,
    )
    for (const [i, child] of children.entries()) {
      const isLast = i === children.length - 1
      draw(child, `${rest}${isLast ? '└─ ' : '├─ '}`, `${rest}${isLast ? '   ' : '│  '}`)
    }
  }
  draw(root.find((each) => each !== undefined) ?? person, '', '')
  return lines
}
