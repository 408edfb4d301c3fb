import { plus } from '../arithmetic.ts'
import type { Grammar } from '../grammar.ts'
import { choice, given, pick, say, sequence, shuffled } from '../grammar.ts'
import type { Production } from '../production.ts'

/** A story ends its line. */
export const story = (...parts: Grammar[]): Grammar => sequence(...parts, say('\n', '\n'))

/**
 * Short stories and statements, by kind, English and Kazakh side by side. What is picked is picked where the text first
 * needs it, so that a reader can decide early and expectations share work.
 */
export const stories: Record<string, Production> = {
  portrait: {
    weight: 8,
    pick: { x: 'people' },
    tell: story(
      choice(
        say('{x} lives in {x.home}.', '{x} {x.home:locative} тұрады.'),
        say('{x} is from {x.home}.', '{x} — {x.home} ауылының тұрғыны.'),
      ),
      shuffled(
        3,
        say(' {^x.he} is {x.job:a}.', ' Ол — {x.job}.'),
        say(' {^x.he} likes {x.food}.', ' Ол {x.food:accusative} жақсы көреді.'),
        say(' {^x.he} has {x.pet:a}.', ' Оның {x.pet:his} бар.'),
        say(' {^x.he} is {x.age} years old.', ' Ол {x.age} жаста.'),
        say(' {^x.he} was born in {x.month}.', ' Ол {x.month:locative} туған.'),
        say(' {^x.his} favourite season is {x.season}.', ' Оның сүйікті мезгілі — {x.season}.'),
      ),
    ),
  },
  family: {
    weight: 3,
    pick: { x: 'people', k: 'x.kin' },
    tell: story(
      choice(
        say('{k.who} is the {k.role} of {x}.', '{k.who} — {x:genitive} {k.role:his}.'),
        say('{x} has {k.role:a}, {k.who}.', '{x:genitive} {k.who} деген {k.role:his} бар.'),
      ),
      say(' {k.who} is {k.who.age} years old.', ' {k.who} {k.who.age} жаста.'),
    ),
  },
  day: {
    weight: 2,
    pick: { x: 'people' },
    tell: story(
      choice(
        say('{x} is {x.job:a}: {x.he} {x.job.work}.', '{x} — {x.job}: ол {x.job.work}.'),
        say(
          'Every day {x} {x.job.work}, because {x.he} is {x.job:a}.',
          '{x} күн сайын {x.job.work}, өйткені ол — {x.job}.',
        ),
      ),
    ),
  },
  village: {
    weight: 2,
    pick: { v: 'villages' },
    tell: story(
      choice(
        say(
          '{v} stands {v.landscape} and is famous for its {v.gift}.',
          '{v} ауылы {v.landscape} орналасқан, ол {v.gift:his.instrumental} танымал.',
        ),
        say(
          'Everyone knows the {v.gift} of {v}, a village {v.landscape}.',
          '{^v.landscape} орналасқан {v} ауылын бәрі {v.gift:his.instrumental} таниды.',
        ),
      ),
    ),
  },
  stalls: {
    weight: 2,
    pick: { g: 'goods' },
    tell: story(
      say('At the market {g:a} costs {g.price} tenge', 'Базарда бір {g} {g.price} теңге тұрады'),
      pick({ h: 'goods except g' }, say(', and {h:a} {h.price} tenge.', ', ал бір {h} {h.price} теңге тұрады.')),
    ),
  },
  market: {
    weight: 4,
    pick: { x: 'people', s: 'seasons' },
    tell: story(
      say('In {s} {x} went to the market in {x.home}.', '{^s:locative} {x} {x.home} базарына барды.'),
      pick(
        { g: 'goods', h: 'goods except g' },
        sequence(
          say(' {^x.he} bought {g:a} and {h:a}', ' Ол {g:and} {h} сатып алып'),
          given({ t: plus('g.price', 'h.price') }, say(' and paid {t} tenge.', ', {t} теңге төледі.')),
        ),
      ),
    ),
  },
  lost: {
    weight: 3,
    pick: { x: 'people' },
    tell: story(
      choice(
        say('The {x.pet} of {x} was lost.', '{x:genitive} {x.pet:his} жоғалып кетті.'),
        say('One morning the {x.pet} of {x} ran away.', 'Бірде таңертең {x:genitive} {x.pet:his} қашып кетті.'),
      ),
      pick(
        { k: 'x.kin', p: 'hidingPlaces' },
        say(' {^x.his} {k.role} {k.who} found it {p}.', ' Оны {k.role:his} {k.who} {p} тапты.'),
      ),
    ),
  },
  gather: {
    weight: 3,
    pick: { x: 'people', g: 'goods', a: 'few' },
    tell: story(
      say('{x} had {a} {g:many}.', '{x:locative} {a} {g} бар еді.'),
      pick(
        { k: 'x.kin', b: 'few' },
        sequence(
          say(' {k.who} gave {x.him} {b} more.', ' {k.who} оған тағы {b} {g} берді.'),
          given({ c: plus('a', 'b') }, say(' Now {x} has {c} {g:many}.', ' Енді {x:locative} {c} {g} бар.')),
        ),
      ),
    ),
  },
  weather: {
    weight: 2,
    pick: { x: 'people', w: 'x.season.weather' },
    tell: story(
      say('{^x.season} came to {x.home}: {w}.', '{x.home} ауылына {x.season} келді: {w}.'),
      choice(
        say(
          ' {x} was glad, because {x.season} is {x.his} favourite season.',
          ' {x} қуанды, өйткені {x.season} — оның сүйікті мезгілі.',
        ),
        say(' {x} had been waiting for {x.season}.', ' {x} {x.season:accusative} күтіп жүрген еді.'),
      ),
    ),
  },
  visit: {
    weight: 3,
    pick: { x: 'visitors', k: 'x.relatives', m: 'months' },
    tell: story(
      say(
        'In {m} {x} visited {x.his} {k.role} {k.who} in {k.who.home}.',
        '{^m:locative} {x} {k.who.home} ауылына, {k.role:his} {k.who:dative} қонаққа барды.',
      ),
      pick(
        { t: 'topics' },
        say(' They ate {k.who.food} and talked about {t}.', ' Олар {k.who.food} жеп, {t} туралы әңгімелесті.'),
      ),
    ),
  },
  journey: {
    weight: 2,
    pick: { x: 'people', v: 'villages except x.home', w: 'ways' },
    tell: story(
      choice(
        say(
          '{x} went from {x.home} to {v} {w} to buy its {v.gift}.',
          '{x} {v:genitive} {v.gift:his.accusative} сатып алу үшін {x.home:ablative} {v:dative} {w} барды.',
        ),
        say(
          'To buy the {v.gift} of {v}, {x} set out from {x.home} {w}.',
          '{v:genitive} {v.gift:his.accusative} сатып алуға {x} {x.home:ablative} {w} шықты.',
        ),
      ),
    ),
  },
  birthday: {
    weight: 3,
    pick: { x: 'people' },
    tell: story(
      choice(
        say('In {x.month} {x} turned {x.age}.', '{^x.month:locative} {x} {x.age} жасқа толды.'),
        say('{x} was born in {x.month} and is {x.age} now.', '{x} {x.month:locative} туған, қазір {x.age} жаста.'),
      ),
      pick(
        { k: 'x.kin', g: 'goods' },
        say(' {^x.his} {k.role} {k.who} gave {x.him} {g:a}.', ' {^k.role:his} {k.who} оған {g} сыйлады.'),
      ),
    ),
  },
  meeting: {
    weight: 2,
    pick: { x: 'people' },
    tell: story(
      say('"Where are you going, {x}?" asked ', '«Қайда барасыз, {x}?» — деп сұрады '),
      pick({ y: 'people except x' }, say('{y}. "To ', '{y}. «')),
      pick(
        { v: 'villages' },
        say('{v},', '{v:dative} барамын,'),
        choice(
          pick({ g: 'goods' }, say(' to buy {g:a},"', ' {g} сатып аламын»,')),
          say(' to buy {v.gift},"', ' {v.gift} сатып аламын»,'),
        ),
      ),
      say(' said {x}.', ' — деді {x}.'),
    ),
  },
  calendar: {
    weight: 1,
    pick: { m: 'months' },
    tell: story(
      choice(
        say('{m} is {m.season:a} month and has {m.days} days.', '{^m} — {m.season} айы, онда {m.days} күн бар.'),
        say('{m} comes before {m.next}, in {m.season}.', '{^m} {m.next:ablative} бұрын келеді, ол — {m.season} айы.'),
      ),
    ),
  },
  animals: {
    weight: 1,
    pick: { a: 'animalsWithYoung' },
    tell: story(
      choice(
        say('Where the {a} goes, the {a.young} follows.', '{^a} қайда барса, {a.young:also} сонда барады.'),
        say('The {a.young} walks behind the {a}.', '{^a:genitive} артынан {a.young} ереді.'),
      ),
    ),
  },
}
