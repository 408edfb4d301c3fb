import { number, quantity } from './entity.ts'
import type { Grammar } from './grammar.ts'
import { choice, given, pick, say, sequence, shuffled } from './grammar.ts'

/** A story ends its line. */
const story = (...parts: Grammar[]): Grammar => sequence(...parts, say('\n', '\n'))

/**
 * Short stories and statements, by kind: the weight of the kind, and how it is said in English and Kazakh. What is
 * picked is picked where the text first needs it, so that a reader (and parse.ts) can decide early.
 */
export const stories: Record<string, readonly [weight: number, Grammar]> = {
  portrait: [
    8,
    pick(
      'x',
      'people',
      story(
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
    ),
  ],
  family: [
    3,
    pick(
      'x',
      'people',
      pick(
        'k',
        'x.kin',
        story(
          choice(
            say('{k.who} is the {k.role} of {x}.', '{k.who} — {x:genitive} {k.role:his}.'),
            say('{x} has {k.role:a}, {k.who}.', '{x:genitive} {k.who} деген {k.role:his} бар.'),
          ),
          say(' {k.who} is {k.who.age} years old.', ' {k.who} {k.who.age} жаста.'),
        ),
      ),
    ),
  ],
  work: [
    2,
    pick(
      'x',
      'people',
      story(
        choice(
          say('{x} is {x.job:a}: {x.he} {x.job.work}.', '{x} — {x.job}: ол {x.job.work}.'),
          say(
            'Every day {x} {x.job.work}, because {x.he} is {x.job:a}.',
            '{x} күн сайын {x.job.work}, өйткені ол — {x.job}.',
          ),
        ),
      ),
    ),
  ],
  village: [
    2,
    pick(
      'v',
      'villages',
      story(
        choice(
          say(
            '{v} stands {v.landscape} and is famous for its {v.gift}.',
            '{v} ауылы {v.landscape} орналасқан, ол {v.gift:his.instrumental} танымал.',
          ),
          say(
            'Everyone knows the {v.gift} of {v}, a village {v.landscape}.',
            '{^v.landscape} орналасқан {v} ауылын {v.gift:his.instrumental} бәрі біледі.',
          ),
        ),
      ),
    ),
  ],
  prices: [
    2,
    pick(
      'g',
      'goods',
      story(
        say('At the market {g:a} costs {g.price} tenge', 'Базарда бір {g} {g.price} теңге тұрады'),
        pick('h', 'goods', say(', and {h:a} {h.price} tenge.', ', ал бір {h} {h.price} теңге тұрады.'), 'g'),
      ),
    ),
  ],
  market: [
    4,
    pick(
      'x',
      'people',
      pick(
        's',
        'seasons',
        story(
          say('In {s} {x} went to the market in {x.home}.', '{^s:locative} {x} {x.home} базарына барды.'),
          pick(
            'g',
            'goods',
            pick(
              'h',
              'goods',
              sequence(
                say(' {^x.he} bought {g:a} and {h:a}', ' Ол {g:and} {h} сатып алып'),
                given(
                  't',
                  ['g', 'h'],
                  (g, h) => number(quantity(g.is.price) + quantity(h.is.price)),
                  say(' and paid {t} tenge.', ', {t} теңге төледі.'),
                ),
              ),
              'g',
            ),
          ),
        ),
      ),
    ),
  ],
  lost: [
    3,
    pick(
      'x',
      'people',
      story(
        choice(
          say('The {x.pet} of {x} was lost.', '{x:genitive} {x.pet:his} жоғалып кетті.'),
          say('One morning the {x.pet} of {x} ran away.', 'Бірде таңертең {x:genitive} {x.pet:his} қашып кетті.'),
        ),
        pick(
          'k',
          'x.kin',
          pick(
            'p',
            'hidingPlaces',
            say(' {^x.his} {k.role} {k.who} found it {p}.', ' Оны {k.role:his} {k.who} {p} тапты.'),
          ),
        ),
      ),
    ),
  ],
  gather: [
    3,
    pick(
      'x',
      'people',
      pick(
        'g',
        'goods',
        pick(
          'a',
          'few',
          story(
            say('{x} had {a} {g:many}.', '{x:locative} {a} {g} бар еді.'),
            pick(
              'k',
              'x.kin',
              pick(
                'b',
                'few',
                given(
                  'c',
                  ['a', 'b'],
                  (a, b) => number(quantity(a) + quantity(b)),
                  sequence(
                    say(' {k.who} gave {x.him} {b} more.', ' {k.who} оған тағы {b} {g} берді.'),
                    say(' Now {x} has {c} {g:many}.', ' Енді {x:locative} {c} {g} бар.'),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    ),
  ],
  weather: [
    2,
    pick(
      'x',
      'people',
      pick(
        'w',
        'x.season.weather',
        story(
          say('{^x.season} came to {x.home}: {w}.', '{x.home} ауылына {x.season} келді: {w}.'),
          choice(
            say(
              ' {x} was glad, because {x.season} is {x.his} favourite season.',
              ' {x} қуанды, өйткені {x.season} — оның сүйікті мезгілі.',
            ),
            say(' {x} had been waiting for {x.season}.', ' {x} {x.season:accusative} күтіп жүрген еді.'),
          ),
        ),
      ),
    ),
  ],
  visit: [
    3,
    pick(
      'x',
      'visitors',
      pick(
        'k',
        'x.relatives',
        pick(
          'm',
          'months',
          story(
            say(
              'In {m} {x} visited {x.his} {k.role} {k.who} in {k.who.home}.',
              '{^m:locative} {x} {k.who.home} ауылына, {k.role:his} {k.who:dative} қонаққа барды.',
            ),
            pick(
              't',
              'topics',
              say(' They ate {k.who.food} and talked about {t}.', ' Олар {k.who.food} жеп, {t} туралы әңгімелесті.'),
            ),
          ),
        ),
      ),
    ),
  ],
  journey: [
    2,
    pick(
      'x',
      'people',
      pick(
        'v',
        'villages',
        pick(
          'w',
          'ways',
          story(
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
        ),
        'x.home',
      ),
    ),
  ],
  birthday: [
    3,
    pick(
      'x',
      'people',
      story(
        choice(
          say('In {x.month} {x} turned {x.age}.', '{^x.month:locative} {x} {x.age} жасқа толды.'),
          say('{x} was born in {x.month} and is {x.age} now.', '{x} {x.month:locative} туған, қазір {x.age} жаста.'),
        ),
        pick(
          'k',
          'x.kin',
          pick(
            'g',
            'goods',
            say(' {^x.his} {k.role} {k.who} gave {x.him} {g:a}.', ' {^k.role:his} {k.who} оған {g} сыйлады.'),
          ),
        ),
      ),
    ),
  ],
  meeting: [
    3,
    pick(
      'x',
      'people',
      pick(
        'y',
        'people',
        pick(
          'v',
          'villages',
          story(
            say(
              '"Where are you going, {x}?" asked {y}. "To {v},',
              '«Қайда барасыз, {x}?» — деп сұрады {y}. «{v:dative} барамын,',
            ),
            choice(
              pick('g', 'goods', say(' to buy {g:a},"', ' {g} сатып аламын»,')),
              say(' to buy {v.gift},"', ' {v.gift} сатып аламын»,'),
            ),
            say(' said {x}.', ' — деді {x}.'),
          ),
        ),
        'x',
      ),
    ),
  ],
  calendar: [
    1,
    pick(
      'm',
      'months',
      story(
        choice(
          say('{m} is {m.season:a} month and has {m.days} days.', '{^m} — {m.season} айы, онда {m.days} күн бар.'),
          say('{m} comes before {m.next}, in {m.season}.', '{^m} {m.next:ablative} бұрын келеді, ол — {m.season} айы.'),
        ),
      ),
    ),
  ],
  animals: [
    1,
    pick(
      'a',
      'animalsWithYoung',
      story(
        choice(
          say('Where the {a} goes, the {a.young} follows.', '{^a} қайда барса, {a.young:also} сонда барады.'),
          say('The {a.young} walks behind the {a}.', '{^a:genitive} артынан {a.young} ереді.'),
        ),
      ),
    ),
  ],
}
