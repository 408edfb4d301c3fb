import { number, quantity } from './entity.ts'
import type { Grammar } from './grammar.ts'
import { ask, choice, given, pick } from './grammar.ts'

/** Questions with their answers, by kind: the weight of the kind, and how it is said in English and Kazakh. */
export const questions: Record<string, readonly [weight: number, Grammar]> = {
  home: [
    4,
    pick(
      'x',
      'people',
      ask(
        'home',
        ['x'],
        [
          ['Where does {x} live?', '{x} lives in {x.home}.'],
          ['{x} қайда тұрады?', '{x} {x.home:locative} тұрады.'],
        ],
        [
          ['In which village does {x} live?', '{x} lives in {x.home}.'],
          ['{x} қай ауылда тұрады?', '{x} {x.home:locative} тұрады.'],
        ],
        [
          ['Which village is the home of {x}?', 'The home of {x} is {x.home}.'],
          ['{x:genitive} ауылы қалай аталады?', '{x:genitive} ауылы — {x.home}.'],
        ],
      ),
    ),
  ],
  isHome: [
    2,
    pick(
      'x',
      'people',
      choice(
        ask(
          'yes',
          ['x'],
          [
            ['Does {x} live in {x.home}?', 'Yes, {x} lives in {x.home}.'],
            ['{x} {x.home:locative} тұра ма?', 'Иә, {x} {x.home:locative} тұрады.'],
          ],
          [
            ['Is {x.home} the home of {x}?', 'Yes, {x} lives in {x.home}.'],
            ['{x:genitive} ауылы {x.home:asked}?', 'Иә, {x} {x.home:locative} тұрады.'],
          ],
        ),
        pick(
          'v',
          'villages',
          ask(
            'no',
            ['x', 'v'],
            [
              ['Does {x} live in {v}?', 'No, {x} lives in {x.home}.'],
              ['{x} {v:locative} тұра ма?', 'Жоқ, {x} {x.home:locative} тұрады.'],
            ],
            [
              ['Is {v} the home of {x}?', 'No, {x} lives in {x.home}.'],
              ['{x:genitive} ауылы {v:asked}?', 'Жоқ, {x} {x.home:locative} тұрады.'],
            ],
          ),
          'x.home',
        ),
      ),
    ),
  ],
  job: [
    3,
    pick(
      'x',
      'adults',
      ask(
        'job',
        ['x'],
        [
          ['What is the job of {x}?', '{x} is {x.job:a}.'],
          ['{x:genitive} кәсібі қандай?', '{x:genitive} кәсібі — {x.job}.'],
        ],
        [
          ['What does {x} do for a living?', '{x} is {x.job:a}.'],
          ['{x} кім болып жұмыс істейді?', '{x} {x.job} болып жұмыс істейді.'],
        ],
      ),
    ),
  ],
  work: [
    1,
    pick(
      'j',
      'jobs',
      ask(
        'work',
        ['j'],
        [
          ['What does {j:a} do?', '{^j:a} {j.work}.'],
          ['{^j} не істейді?', '{^j} {j.work}.'],
        ],
        [
          ['What is the work of {j:a}?', '{^j:a} {j.work}.'],
          ['{^j:genitive} жұмысы қандай?', '{^j} {j.work}.'],
        ],
      ),
    ),
  ],
  pet: [
    3,
    pick(
      'x',
      'people',
      ask(
        'pet',
        ['x'],
        [
          ['What animal does {x} have?', '{x} has {x.pet:a}.'],
          ['{x:genitive} қандай жануары бар?', '{x:genitive} {x.pet:his} бар.'],
        ],
        [
          ['Which animal belongs to {x}?', '{x} has {x.pet:a}.'],
          ['{x} қандай жануар ұстайды?', '{x} {x.pet} ұстайды.'],
        ],
        [
          ['What animal does {x} keep?', '{x} keeps {x.pet:a}.'],
          ['{x:genitive} үйінде қандай жануар бар?', '{x:genitive} үйінде {x.pet} бар.'],
        ],
      ),
    ),
  ],
  owner: [
    2,
    pick(
      'x',
      'people',
      ask(
        'owner',
        ['x'],
        [
          ['Who owns the {x.pet}?', '{x} owns the {x.pet}.'],
          ['{^x.pet} кімдікі?', '{^x.pet} {x:is}.'],
        ],
        [
          ['Whose is the {x.pet}?', 'The {x.pet} belongs to {x}.'],
          ['{^x.pet} кімге тиесілі?', '{^x.pet} {x:dative} тиесілі.'],
        ],
      ),
    ),
  ],
  food: [
    3,
    pick(
      'x',
      'people',
      ask(
        'food',
        ['x'],
        [
          ['What food does {x} like?', '{x} likes {x.food}.'],
          ['{x} қандай тағамды жақсы көреді?', '{x} {x.food:accusative} жақсы көреді.'],
        ],
        [
          ['What does {x} like to eat?', '{x} likes {x.food}.'],
          ['{x} не жегенді жақсы көреді?', '{x} {x.food} жегенді жақсы көреді.'],
        ],
        [
          ['What is the favourite food of {x}?', 'The favourite food of {x} is {x.food}.'],
          ['{x:genitive} сүйікті тағамы қандай?', '{x:genitive} сүйікті тағамы — {x.food}.'],
        ],
      ),
    ),
  ],
  season: [
    2,
    pick(
      'x',
      'people',
      ask(
        'season',
        ['x'],
        [
          ['Which season does {x} like?', '{x} likes {x.season}.'],
          ['{x} жылдың қай мезгілін жақсы көреді?', '{x} {x.season:accusative} жақсы көреді.'],
        ],
        [
          ['What is the favourite season of {x}?', 'The favourite season of {x} is {x.season}.'],
          ['{x:genitive} сүйікті мезгілі қандай?', '{x:genitive} сүйікті мезгілі — {x.season}.'],
        ],
      ),
    ),
  ],
  age: [
    3,
    pick(
      'x',
      'people',
      ask(
        'age',
        ['x'],
        [
          ['How old is {x}?', '{x} is {x.age} years old.'],
          ['{x} неше жаста?', '{x} {x.age} жаста.'],
        ],
        [
          ['What is the age of {x}?', '{x} is {x.age} years old.'],
          ['{x:genitive} жасы нешеде?', '{x} {x.age} жаста.'],
        ],
      ),
    ),
  ],
  older: [
    2,
    pick(
      'x',
      'people',
      pick(
        'y',
        'x.others',
        given(
          'older',
          ['x', 'y'],
          (x, y) => (quantity(x.is.age) > quantity(y.is.age) ? x : y),
          given(
            'younger',
            ['x', 'y', 'older'],
            (x, y, older) => (older === x ? y : x),
            ask(
              'older',
              ['x', 'y'],
              [
                ['Who is older, {x} or {y}?', '{older} is older than {younger}.'],
                ['{x:and} {y:genitive} қайсысы үлкен?', '{older} {younger:ablative} үлкен.'],
              ],
              [
                ['Who is younger, {x} or {y}?', '{younger} is younger than {older}.'],
                ['{x:and} {y:genitive} қайсысы кіші?', '{younger} {older:ablative} кіші.'],
              ],
            ),
          ),
        ),
      ),
    ),
  ],
  month: [
    2,
    pick(
      'x',
      'people',
      ask(
        'month',
        ['x'],
        [
          ['When was {x} born?', '{x} was born in {x.month}.'],
          ['{x} қай айда туған?', '{x} {x.month:locative} туған.'],
        ],
        [
          ['In which month is the birthday of {x}?', 'The birthday of {x} is in {x.month}.'],
          ['{x:genitive} туған күні қай айда?', '{x:genitive} туған күні {x.month:locative}.'],
        ],
      ),
    ),
  ],
  kin: [
    5,
    pick(
      'x',
      'people',
      pick(
        'k',
        'x.kin',
        ask(
          'kin',
          ['x', 'k'],
          [
            ['Who is the {k.role} of {x}?', 'The {k.role} of {x} is {k.who}.'],
            ['{x:genitive} {k.role:his} кім?', '{x:genitive} {k.role:his} — {k.who}.'],
          ],
          [
            ['What is the name of the {k.role} of {x}?', 'The {k.role} of {x} is {k.who}.'],
            ['{x:genitive} {k.role:his.genitive} аты кім?', '{x:genitive} {k.role:his.genitive} аты — {k.who}.'],
          ],
          [
            ['Who is {k.who} to {x}?', '{k.who} is the {k.role} of {x}.'],
            ['{k.who} {x:dative} кім болады?', '{k.who} — {x:genitive} {k.role:his}.'],
          ],
        ),
      ),
    ),
  ],
  kinHome: [
    2,
    pick(
      'x',
      'people',
      pick(
        'k',
        'x.kin',
        ask(
          'kinHome',
          ['x', 'k'],
          [
            [
              'Where does the {k.role} of {x} live?',
              'The {k.role} of {x} is {k.who}, and {k.who} lives in {k.who.home}.',
            ],
            [
              '{x:genitive} {k.role:his} қайда тұрады?',
              '{x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.home:locative} тұрады.',
            ],
          ],
          [
            [
              'In which village does the {k.role} of {x} live?',
              'The {k.role} of {x} is {k.who}, and {k.who} lives in {k.who.home}.',
            ],
            [
              '{x:genitive} {k.role:his} қай ауылда тұрады?',
              '{x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.home:locative} тұрады.',
            ],
          ],
        ),
      ),
    ),
  ],
  kinPet: [
    2,
    pick(
      'x',
      'people',
      pick(
        'k',
        'x.kin',
        ask(
          'kinPet',
          ['x', 'k'],
          [
            [
              'What animal does the {k.role} of {x} have?',
              'The {k.role} of {x} is {k.who}, and {k.who} has {k.who.pet:a}.',
            ],
            [
              '{x:genitive} {k.role:his.genitive} қандай жануары бар?',
              '{x:genitive} {k.role:his} — {k.who}, {k.who:genitive} {k.who.pet:his} бар.',
            ],
          ],
          [
            [
              'Which animal belongs to the {k.role} of {x}?',
              'The {k.role} of {x} is {k.who}, and {k.who} has {k.who.pet:a}.',
            ],
            [
              '{x:genitive} {k.role:his} қандай жануар ұстайды?',
              '{x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.pet} ұстайды.',
            ],
          ],
        ),
      ),
    ),
  ],
  gift: [
    2,
    pick(
      'v',
      'villages',
      ask(
        'gift',
        ['v'],
        [
          ['What is {v} famous for?', '{v} is famous for its {v.gift}.'],
          ['{v} ауылы немен танымал?', '{v} ауылы {v.gift:his.instrumental} танымал.'],
        ],
        [
          ['Which village is famous for its {v.gift}?', '{v} is famous for its {v.gift}.'],
          ['Қай ауыл {v.gift:his.instrumental} танымал?', '{v} ауылы {v.gift:his.instrumental} танымал.'],
        ],
      ),
    ),
  ],
  landscape: [
    1,
    pick(
      'v',
      'villages',
      ask(
        'landscape',
        ['v'],
        [
          ['Where is {v}?', '{v} stands {v.landscape}.'],
          ['{v} ауылы қайда орналасқан?', '{v} ауылы {v.landscape} орналасқан.'],
        ],
        [
          ['Where does the village of {v} stand?', '{v} stands {v.landscape}.'],
          ['{v} деген ауыл қай жерде?', '{v} ауылы {v.landscape} орналасқан.'],
        ],
      ),
    ),
  ],
  price: [
    3,
    pick(
      'g',
      'goods',
      ask(
        'price',
        ['g'],
        [
          ['How much does {g:a} cost?', '{^g:a} costs {g.price} tenge.'],
          ['Бір {g} қанша тұрады?', 'Бір {g} {g.price} теңге тұрады.'],
        ],
        [
          ['What is the price of {g:a}?', 'The price of {g:a} is {g.price} tenge.'],
          ['{^g:genitive} бағасы қанша?', '{^g:genitive} бағасы — {g.price} теңге.'],
        ],
      ),
    ),
  ],
  total: [
    2,
    pick(
      'g',
      'goods',
      choice(
        pick(
          'n',
          'few',
          given(
            't',
            ['g', 'n'],
            (g, n) => number(quantity(g.is.price) * quantity(n)),
            ask(
              'several',
              ['g', 'n'],
              [
                ['How much do {n.word} {g:many} cost?', '{^n.word} {g:many} cost {t} tenge.'],
                ['{^n.word} {g} қанша тұрады?', '{^n.word} {g} {t} теңге тұрады.'],
              ],
              [
                ['What is the price of {n.word} {g:many}?', '{^n.word} {g:many} cost {t} tenge.'],
                ['{^n.word} {g:genitive} бағасы қанша?', '{^n.word} {g} {t} теңге тұрады.'],
              ],
            ),
          ),
        ),
        pick(
          'h',
          'goods',
          given(
            't',
            ['g', 'h'],
            (g, h) => number(quantity(g.is.price) + quantity(h.is.price)),
            ask(
              'together',
              ['g', 'h'],
              [
                [
                  'How much do {g:a} and {h:a} cost together?',
                  '{^g:a} and {h:a} cost {g.price} + {h.price} = {t} tenge.',
                ],
                ['{^g:and} {h} бірге қанша тұрады?', '{^g:and} {h} {g.price} + {h.price} = {t} теңге тұрады.'],
              ],
              [
                ['What is the price of {g:a} and {h:a}?', '{^g:a} and {h:a} cost {g.price} + {h.price} = {t} tenge.'],
                ['{^g:and} {h:genitive} бағасы қанша?', '{^g:and} {h} {g.price} + {h.price} = {t} теңге тұрады.'],
              ],
            ),
          ),
          'g',
        ),
      ),
    ),
  ],
  sum: [
    3,
    pick(
      'a',
      'upToTen',
      pick(
        'b',
        'upToTen',
        given(
          'c',
          ['a', 'b'],
          (a, b) => number(quantity(a) + quantity(b)),
          ask(
            'sum',
            ['a', 'b'],
            [
              ['What is {a} + {b}?', '{a} + {b} = {c}.'],
              ['{a} + {b} қанша болады?', '{a} + {b} = {c}.'],
            ],
            [
              ['How much is {a.word} plus {b.word}?', '{^a.word} plus {b.word} is {c.word}.'],
              [
                '{^a.word:dative} {b.word:accusative} қосса, қанша болады?',
                '{^a.word:dative} {b.word:accusative} қосса, {c.word} болады.',
              ],
            ],
          ),
        ),
      ),
    ),
  ],
  difference: [
    2,
    pick(
      'a',
      'upToTwenty',
      pick(
        'b',
        'a.subtrahends',
        given(
          'c',
          ['a', 'b'],
          (a, b) => number(quantity(a) - quantity(b)),
          ask(
            'difference',
            ['a', 'b'],
            [
              ['What is {a} - {b}?', '{a} - {b} = {c}.'],
              ['{a} - {b} қанша болады?', '{a} - {b} = {c}.'],
            ],
            [
              ['How much is {a.word} minus {b.word}?', '{^a.word} minus {b.word} is {c.word}.'],
              [
                '{^a.word:ablative} {b.word:accusative} алса, қанша қалады?',
                '{^a.word:ablative} {b.word:accusative} алса, {c.word} қалады.',
              ],
            ],
          ),
        ),
      ),
    ),
  ],
  nextMonth: [1, around('months', 'month', 'ай')],
  nextDay: [1, around('days', 'day', 'күн')],
  nextSeason: [1, around('seasons', 'season', 'мезгіл')],
  monthDays: [
    1,
    pick(
      'm',
      'months',
      ask(
        'monthDays',
        ['m'],
        [
          ['How many days are there in {m}?', '{m} has {m.days} days.'],
          ['{^m:locative} неше күн бар?', '{^m:locative} {m.days} күн бар.'],
        ],
        [
          ['How many days does {m} have?', '{m} has {m.days} days.'],
          ['{^m} айы неше күннен тұрады?', '{^m:locative} {m.days} күн бар.'],
        ],
      ),
    ),
  ],
  monthSeason: [
    1,
    pick(
      'm',
      'months',
      ask(
        'monthSeason',
        ['m'],
        [
          ['In which season is {m}?', '{m} is in {m.season}.'],
          ['{^m} жылдың қай мезгіліне жатады?', '{^m} — {m.season} айы.'],
        ],
        [
          ['Which season does {m} belong to?', '{m} is in {m.season}.'],
          ['{^m} — жылдың қай мезгілінің айы?', '{^m} — {m.season} айы.'],
        ],
      ),
    ),
  ],
  young: [
    1,
    pick(
      'a',
      'animalsWithYoung',
      ask(
        'young',
        ['a'],
        [
          ['What is a young {a} called?', 'A young {a} is called {a.young:a}.'],
          ['{^a:genitive} баласы қалай аталады?', '{^a:genitive} баласы {a.young} деп аталады.'],
        ],
        [
          ['What do we call the baby of {a:a}?', 'A young {a} is called {a.young:a}.'],
          ['{^a:genitive} баласын қалай атайды?', '{^a:genitive} баласы {a.young} деп аталады.'],
        ],
      ),
    ),
  ],
  sound: [
    1,
    pick(
      'a',
      'animalsWithSound',
      ask(
        'sound',
        ['a'],
        [
          ['What sound does {a:a} make?', '{^a:a} {a.sound}.'],
          ['{^a} қандай дыбыс шығарады?', '{^a} {a.sound}.'],
        ],
        [
          ['How does {a:a} call?', '{^a:a} {a.sound}.'],
          ['{^a:genitive} дауысы қандай?', '{^a} {a.sound}.'],
        ],
      ),
    ),
  ],
  self: [
    1,
    choice(
      ask(
        'who',
        [],
        [
          ['Who are you?', 'I am Alippe, a small language model.'],
          ['Сен кімсің?', 'Мен — Әліппе, шағын тілдік модельмін.'],
        ],
      ),
      ask(
        'what',
        [],
        [
          ['What do you know?', 'I know the people, the villages and the prices of this little world.'],
          ['Сен не білесің?', 'Мен осы шағын әлемнің адамдарын, ауылдарын және бағаларын білемін.'],
        ],
      ),
      ask(
        'languages',
        [],
        [
          ['Which languages do you speak?', 'I speak English and Kazakh.'],
          ['Сен қай тілде сөйлейсің?', 'Мен ағылшынша және қазақша сөйлеймін.'],
        ],
      ),
    ),
  ],
}

/** What comes after and before in a ring: months, days, seasons. */
function around(list: string, en: string, kk: string): Grammar {
  const after = `What ${en} comes after {m}?`
  const before = `What ${en} comes before {m}?`
  return pick(
    'm',
    list,
    choice(
      ask(
        `after ${list}`,
        ['m'],
        [
          [after, 'After {m} comes {m.next}.'],
          [`{^m:ablative} кейін қай ${kk} келеді?`, '{^m:ablative} кейін {m.next} келеді.'],
        ],
        [
          [`Which ${en} follows {m}?`, 'After {m} comes {m.next}.'],
          [`{^m:ablative} соң қай ${kk} келеді?`, '{^m:ablative} кейін {m.next} келеді.'],
        ],
      ),
      ask(
        `before ${list}`,
        ['m'],
        [
          [before, 'Before {m} comes {m.previous}.'],
          [`{^m:ablative} бұрын қай ${kk} келеді?`, '{^m:ablative} бұрын {m.previous} келеді.'],
        ],
        [
          [`Which ${en} is just before {m}?`, 'Before {m} comes {m.previous}.'],
          [`{^m:genitive} алдында қай ${kk} келеді?`, '{^m:ablative} бұрын {m.previous} келеді.'],
        ],
      ),
    ),
  )
}
