import { elder, junior, minus, plus, times } from '../arithmetic.ts'
import type { Production } from '../production.ts'

/**
 * What is asked, by kind. Each phrasing takes two lines, English and Kazakh: question → answer. What a phrasing shares
 * with the next is the fact; a few phrasings of each fact are held out of all documents (see {@link ask}).
 */
export const questions: Record<string, Production> = {
  home: {
    weight: 5,
    pick: { x: 'people' },
    names: 'x.home of villages',
    ask: `
      Where does {x} live?              → {x} lives in {x.home}.
      {x} қайда тұрады?                 → {x} {x.home:locative} тұрады.
      In which village does {x} live?   → {x} lives in {x.home}.
      {x} қай ауылда тұрады?            → {x} {x.home:locative} тұрады.
      Which village is the home of {x}? → The home of {x} is {x.home}.
      {x:genitive} ауылы қалай аталады? → {x:genitive} ауылы — {x.home}.`,
  },
  isHome: {
    weight: 1,
    pick: { x: 'people' },
    ask: `
      Does {x} live in {x.home}?         → Yes, {x} lives in {x.home}.
      {x} {x.home:locative} тұра ма?     → Иә, {x} {x.home:locative} тұрады.
      Is {x.home} the home of {x}?       → Yes, {x} lives in {x.home}.
      {x:genitive} ауылы {x.home:asked}? → Иә, {x} {x.home:locative} тұрады.`,
  },
  isNotHome: {
    weight: 1,
    pick: { x: 'people', v: 'villages except x.home' },
    ask: `
      Does {x} live in {v}?         → No, {x} lives in {x.home}.
      {x} {v:locative} тұра ма?     → Жоқ, {x} {x.home:locative} тұрады.
      Is {v} the home of {x}?       → No, {x} lives in {x.home}.
      {x:genitive} ауылы {v:asked}? → Жоқ, {x} {x.home:locative} тұрады.`,
  },
  job: {
    weight: 4,
    pick: { x: 'adults' },
    names: 'x.job of jobs',
    ask: `
      What is the job of {x}?        → {x} is {x.job:a}.
      {x:genitive} кәсібі қандай?    → {x:genitive} кәсібі — {x.job}.
      What does {x} do for a living? → {x} is {x.job:a}.
      {x} кім болып жұмыс істейді?   → {x} {x.job} болып жұмыс істейді.`,
  },
  work: {
    weight: 1,
    pick: { j: 'jobs' },
    ask: `
      What does {j:a} do?          → {^j:a} {j.work}.
      {^j} не істейді?             → {^j} {j.work}.
      What is the work of {j:a}?   → {^j:a} {j.work}.
      {^j:genitive} жұмысы қандай? → {^j} {j.work}.`,
  },
  pet: {
    weight: 4,
    pick: { x: 'people' },
    names: 'x.pet of people.pet',
    ask: `
      What animal does {x} have?             → {x} has {x.pet:a}.
      {x:genitive} қандай жануары бар?       → {x:genitive} {x.pet:his} бар.
      Which animal belongs to {x}?           → {x} has {x.pet:a}.
      {x} қандай жануар ұстайды?             → {x} {x.pet} ұстайды.
      What animal does {x} keep?             → {x} keeps {x.pet:a}.
      {x:genitive} үйінде қандай жануар бар? → {x:genitive} үйінде {x.pet} бар.`,
  },
  owner: {
    weight: 2,
    pick: { x: 'people' },
    names: 'x of people',
    ask: `
      Who owns the {x.pet}?   → {x} owns the {x.pet}.
      {^x.pet} кімдікі?       → {^x.pet} {x:is}.
      Whose is the {x.pet}?   → The {x.pet} belongs to {x}.
      {^x.pet} кімге тиесілі? → {^x.pet} {x:dative} тиесілі.`,
  },
  food: {
    weight: 4,
    pick: { x: 'people' },
    names: 'x.food of foods',
    ask: `
      What food does {x} like?            → {x} likes {x.food}.
      {x} қандай тағамды жақсы көреді?    → {x} {x.food:accusative} жақсы көреді.
      What does {x} like to eat?          → {x} likes {x.food}.
      {x} не жегенді жақсы көреді?        → {x} {x.food} жегенді жақсы көреді.
      What is the favourite food of {x}?  → The favourite food of {x} is {x.food}.
      {x:genitive} сүйікті тағамы қандай? → {x:genitive} сүйікті тағамы — {x.food}.`,
  },
  season: {
    weight: 3,
    pick: { x: 'people' },
    names: 'x.season of seasons',
    ask: `
      Which season does {x} like?           → {x} likes {x.season}.
      {x} жылдың қай мезгілін жақсы көреді? → {x} {x.season:accusative} жақсы көреді.
      What is the favourite season of {x}?  → The favourite season of {x} is {x.season}.
      {x:genitive} сүйікті мезгілі қандай?  → {x:genitive} сүйікті мезгілі — {x.season}.`,
  },
  age: {
    weight: 4,
    pick: { x: 'people' },
    names: 'x.age of people.age',
    ask: `
      How old is {x}?           → {x} is {x.age} years old.
      {x} неше жаста?           → {x} {x.age} жаста.
      What is the age of {x}?   → {x} is {x.age} years old.
      {x:genitive} жасы нешеде? → {x} {x.age} жаста.`,
  },
  older: {
    weight: 2,
    pick: { x: 'people', y: 'x.others' },
    given: { older: elder('x', 'y'), younger: junior('x', 'y') },
    ask: `
      Who is older, {x} or {y}?           → {older} is older than {younger}.
      {x:and} {y:genitive} қайсысы үлкен? → {older} {younger:ablative} үлкен.
      Who is younger, {x} or {y}?         → {younger} is younger than {older}.
      {x:and} {y:genitive} қайсысы кіші?  → {younger} {older:ablative} кіші.`,
  },
  month: {
    weight: 3,
    pick: { x: 'people' },
    names: 'x.month of months',
    ask: `
      When was {x} born?                     → {x} was born in {x.month}.
      {x} қай айда туған?                    → {x} {x.month:locative} туған.
      In which month is the birthday of {x}? → The birthday of {x} is in {x.month}.
      {x:genitive} туған күні қай айда?      → {x:genitive} туған күні {x.month:locative}.`,
  },
  kin: {
    weight: 6,
    pick: { x: 'people', k: 'x.kin' },
    names: 'k.who of people',
    ask: `
      Who is the {k.role} of {x}?                 → The {k.role} of {x} is {k.who}.
      {x:genitive} {k.role:his} кім?              → {x:genitive} {k.role:his} — {k.who}.
      What is the name of the {k.role} of {x}?    → The {k.role} of {x} is {k.who}.
      {x:genitive} {k.role:his.genitive} аты кім? → {x:genitive} {k.role:his.genitive} аты — {k.who}.
      Who is {k.who} to {x}?                      → {k.who} is the {k.role} of {x}.
      {k.who} {x:dative} кім болады?              → {k.who} — {x:genitive} {k.role:his}.`,
  },
  kinHome: {
    weight: 2,
    pick: { x: 'people', k: 'x.kin' },
    names: 'k.who.home of villages',
    ask: `
      Where does the {k.role} of {x} live?            → The {k.role} of {x} is {k.who}, and {k.who} lives in {k.who.home}.
      {x:genitive} {k.role:his} қайда тұрады?         → {x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.home:locative} тұрады.
      In which village does the {k.role} of {x} live? → The {k.role} of {x} is {k.who}, and {k.who} lives in {k.who.home}.
      {x:genitive} {k.role:his} қай ауылда тұрады?    → {x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.home:locative} тұрады.`,
  },
  kinPet: {
    weight: 2,
    pick: { x: 'people', k: 'x.kin' },
    names: 'k.who.pet of people.pet',
    ask: `
      What animal does the {k.role} of {x} have?             → The {k.role} of {x} is {k.who}, and {k.who} has {k.who.pet:a}.
      {x:genitive} {k.role:his.genitive} қандай жануары бар? → {x:genitive} {k.role:his} — {k.who}, {k.who:genitive} {k.who.pet:his} бар.
      Which animal belongs to the {k.role} of {x}?           → The {k.role} of {x} is {k.who}, and {k.who} has {k.who.pet:a}.
      {x:genitive} {k.role:his} қандай жануар ұстайды?       → {x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.pet} ұстайды.`,
  },
  gift: {
    weight: 2,
    pick: { v: 'villages' },
    names: 'v.gift of villages.gift',
    ask: `
      What is {v} famous for?                     → {v} is famous for its {v.gift}.
      {v} ауылы немен танымал?                    → {v} ауылы {v.gift:his.instrumental} танымал.
      Which village is famous for its {v.gift}?   → {v} is famous for its {v.gift}.
      Қай ауыл {v.gift:his.instrumental} танымал? → {v} ауылы {v.gift:his.instrumental} танымал.`,
  },
  landscape: {
    weight: 1,
    pick: { v: 'villages' },
    names: 'v.landscape of villages.landscape',
    ask: `
      Where is {v}?                        → {v} stands {v.landscape}.
      {v} ауылы қайда орналасқан?          → {v} ауылы {v.landscape} орналасқан.
      Where does the village of {v} stand? → {v} stands {v.landscape}.
      {v} деген ауыл қай жерде?            → {v} ауылы {v.landscape} орналасқан.`,
  },
  price: {
    weight: 3,
    pick: { g: 'goods' },
    names: 'g.price of goods.price',
    ask: `
      How much does {g:a} cost?   → {^g:a} costs {g.price} tenge.
      Бір {g} қанша тұрады?       → Бір {g} {g.price} теңге тұрады.
      What is the price of {g:a}? → The price of {g:a} is {g.price} tenge.
      {^g:genitive} бағасы қанша? → {^g:genitive} бағасы — {g.price} теңге.`,
  },
  several: {
    weight: 1,
    pick: { g: 'goods', n: 'few' },
    given: { t: times('g.price', 'n') },
    ask: `
      How much do {n.word} {g:many} cost?     → {^n.word} {g:many} cost {t} tenge.
      {^n.word} {g} қанша тұрады?             → {^n.word} {g} {t} теңге тұрады.
      What is the price of {n.word} {g:many}? → {^n.word} {g:many} cost {t} tenge.
      {^n.word} {g:genitive} бағасы қанша?    → {^n.word} {g} {t} теңге тұрады.`,
  },
  together: {
    weight: 1,
    pick: { g: 'goods', h: 'goods except g' },
    given: { t: plus('g.price', 'h.price') },
    ask: `
      How much do {g:a} and {h:a} cost together? → {^g:a} and {h:a} cost {g.price} + {h.price} = {t} tenge.
      {^g:and} {h} бірге қанша тұрады?           → {^g:and} {h} {g.price} + {h.price} = {t} теңге тұрады.
      What is the price of {g:a} and {h:a}?      → {^g:a} and {h:a} cost {g.price} + {h.price} = {t} tenge.
      {^g:and} {h:genitive} бағасы қанша?        → {^g:and} {h} {g.price} + {h.price} = {t} теңге тұрады.`,
  },
  sum: {
    weight: 3,
    pick: { a: 'upToTen', b: 'upToTen' },
    given: { c: plus('a', 'b') },
    names: 'c of upToTwenty',
    ask: `
      What is {a} + {b}?                                        → {a} + {b} = {c}.
      {a} + {b} қанша болады?                                   → {a} + {b} = {c}.
      How much is {a.word} plus {b.word}?                       → {^a.word} plus {b.word} is {c.word}.
      {^a.word:dative} {b.word:accusative} қосса, қанша болады? → {^a.word:dative} {b.word:accusative} қосса, {c.word} болады.`,
  },
  difference: {
    weight: 2,
    pick: { a: 'upToTwenty', b: 'a.subtrahends' },
    given: { c: minus('a', 'b') },
    names: 'c of upToTwenty',
    ask: `
      What is {a} - {b}?                                         → {a} - {b} = {c}.
      {a} - {b} қанша болады?                                    → {a} - {b} = {c}.
      How much is {a.word} minus {b.word}?                       → {^a.word} minus {b.word} is {c.word}.
      {^a.word:ablative} {b.word:accusative} алса, қанша қалады? → {^a.word:ablative} {b.word:accusative} алса, {c.word} қалады.`,
  },
  nextMonth: {
    weight: 1,
    pick: { m: 'months' },
    names: 'm.next of months',
    ask: `
      What month comes after {m}?        → After {m} comes {m.next}.
      {^m:ablative} кейін қай ай келеді? → {^m:ablative} кейін {m.next} келеді.
      Which month follows {m}?           → After {m} comes {m.next}.
      {^m:ablative} соң қай ай келеді?   → {^m:ablative} кейін {m.next} келеді.`,
  },
  previousMonth: {
    weight: 1,
    pick: { m: 'months' },
    names: 'm.previous of months',
    ask: `
      What month comes before {m}?         → Before {m} comes {m.previous}.
      {^m:ablative} бұрын қай ай келеді?   → {^m:ablative} бұрын {m.previous} келеді.
      Which month is just before {m}?      → Before {m} comes {m.previous}.
      {^m:genitive} алдында қай ай келеді? → {^m:ablative} бұрын {m.previous} келеді.`,
  },
  nextDay: {
    weight: 1,
    pick: { m: 'days' },
    names: 'm.next of days',
    ask: `
      What day comes after {m}?           → After {m} comes {m.next}.
      {^m:ablative} кейін қай күн келеді? → {^m:ablative} кейін {m.next} келеді.
      Which day follows {m}?              → After {m} comes {m.next}.
      {^m:ablative} соң қай күн келеді?   → {^m:ablative} кейін {m.next} келеді.`,
  },
  previousDay: {
    weight: 1,
    pick: { m: 'days' },
    names: 'm.previous of days',
    ask: `
      What day comes before {m}?            → Before {m} comes {m.previous}.
      {^m:ablative} бұрын қай күн келеді?   → {^m:ablative} бұрын {m.previous} келеді.
      Which day is just before {m}?         → Before {m} comes {m.previous}.
      {^m:genitive} алдында қай күн келеді? → {^m:ablative} бұрын {m.previous} келеді.`,
  },
  nextSeason: {
    weight: 1,
    pick: { m: 'seasons' },
    names: 'm.next of seasons',
    ask: `
      What season comes after {m}?           → After {m} comes {m.next}.
      {^m:ablative} кейін қай мезгіл келеді? → {^m:ablative} кейін {m.next} келеді.
      Which season follows {m}?              → After {m} comes {m.next}.
      {^m:ablative} соң қай мезгіл келеді?   → {^m:ablative} кейін {m.next} келеді.`,
  },
  previousSeason: {
    weight: 1,
    pick: { m: 'seasons' },
    names: 'm.previous of seasons',
    ask: `
      What season comes before {m}?            → Before {m} comes {m.previous}.
      {^m:ablative} бұрын қай мезгіл келеді?   → {^m:ablative} бұрын {m.previous} келеді.
      Which season is just before {m}?         → Before {m} comes {m.previous}.
      {^m:genitive} алдында қай мезгіл келеді? → {^m:ablative} бұрын {m.previous} келеді.`,
  },
  monthDays: {
    weight: 1,
    pick: { m: 'months' },
    ask: `
      How many days are there in {m}? → {m} has {m.days} days.
      {^m:locative} неше күн бар?     → {^m:locative} {m.days} күн бар.
      How many days does {m} have?    → {m} has {m.days} days.
      {^m} айы неше күннен тұрады?    → {^m:locative} {m.days} күн бар.`,
  },
  monthSeason: {
    weight: 1,
    pick: { m: 'months' },
    names: 'm.season of seasons',
    ask: `
      In which season is {m}?           → {m} is in {m.season}.
      {^m} жылдың қай мезгіліне жатады? → {^m} — {m.season} айы.
      Which season does {m} belong to?  → {m} is in {m.season}.
      {^m} — жылдың қай мезгілінің айы? → {^m} — {m.season} айы.`,
  },
  young: {
    weight: 1,
    pick: { a: 'animalsWithYoung' },
    names: 'a.young of animalsWithYoung.young',
    ask: `
      What is a young {a} called?         → A young {a} is called {a.young:a}.
      {^a:genitive} баласы қалай аталады? → {^a:genitive} баласы {a.young} деп аталады.
      What do we call the baby of {a:a}?  → A young {a} is called {a.young:a}.
      {^a:genitive} баласын қалай атайды? → {^a:genitive} баласы {a.young} деп аталады.`,
  },
  sound: {
    weight: 1,
    pick: { a: 'animalsWithSound' },
    names: 'a.sound of animalsWithSound.sound',
    ask: `
      What sound does {a:a} make?  → {^a:a} {a.sound}.
      {^a} қандай дыбыс шығарады?  → {^a} {a.sound}.
      How does {a:a} call?         → {^a:a} {a.sound}.
      {^a:genitive} дауысы қандай? → {^a} {a.sound}.`,
  },
  self: {
    weight: 1,
    ask: [
      `
      Who are you? → I am Alippe, a small language model.
      Сен кімсің?  → Мен — Әліппе, шағын тілдік модельмін.`,
      `
      What do you know? → I know the people, the villages and the prices of this little world.
      Сен не білесің?   → Мен осы шағын әлемнің адамдарын, ауылдарын және бағаларын білемін.`,
      `
      Which languages do you speak? → I speak English and Kazakh.
      Сен қай тілде сөйлейсің?      → Мен ағылшынша және қазақша сөйлеймін.`,
    ],
  },
}
