import { elder, junior, plus, times } from '../arithmetic.ts'
import { choice, pick, say, sequence } from '../grammar.ts'
import type { Production } from '../production.ts'
import {
  alphabetical,
  ascending,
  backwards,
  capitals,
  declined,
  firstLetter,
  lastLetter,
  letters,
  plurals,
} from '../words.ts'

const frame = 'instruction'

/**
 * What an assistant is told to do, and does: explain, list, compare, count, rewrite, decline, translate, sort, solve.
 * By kind; questions → answers as in questions.ts, but between a user and an assistant.
 */
export const instructions: Record<string, Production> = {
  explainJob: {
    weight: 2,
    frame,
    pick: { j: 'jobs' },
    ask: `
      Explain in one sentence what {j:a} is.                → {^j:a} is a person who {j.work}.
      {^j} не істейтінін бір сөйлеммен айт.                 → {^j} {j.work}.
      Define the word "{j}".                                → {^j:a} is a person who {j.work}.
      «{^j}» деген сөзді түсіндір.                          → {^j} {j.work}.`,
  },
  listDays: {
    weight: 1,
    frame,
    pick: { d: 'days' },
    ask: `
      List the three days after {d}.                        → {d.next}, {d.next.next}, {d.next.next.next}.
      {^d:ablative} кейінгі үш күнді тізіп жаз.             → {^d.next}, {d.next.next}, {d.next.next.next}.
      Name the three days that follow {d}.                  → {d.next}, {d.next.next}, {d.next.next.next}.
      {^d:ablative} кейін келетін үш күнді ата.             → {^d.next}, {d.next.next}, {d.next.next.next}.`,
  },
  listMonths: {
    weight: 1,
    frame,
    pick: { m: 'months' },
    ask: `
      List the two months after {m}.                        → {m.next}, {m.next.next}.
      {^m:ablative} кейінгі екі айды тізіп жаз.             → {^m.next}, {m.next.next}.
      Name the two months that follow {m}.                  → {m.next}, {m.next.next}.
      {^m:ablative} кейін келетін екі айды ата.             → {^m.next}, {m.next.next}.`,
  },
  describe: {
    weight: 3,
    frame,
    pick: { x: 'people' },
    ask: `
      Say in one sentence who {x} is.                       → {x} is {x.job:a} from {x.home} and likes {x.food}.
      {x} кім екенін бір сөйлеммен айт.                     → {x} — {x.home} ауылының тұрғыны, кәсібі — {x.job}, {x.food:accusative} жақсы көреді.
      Introduce {x} in one sentence.                        → {x} is {x.job:a} from {x.home} and likes {x.food}.
      {x:accusative} бір сөйлеммен таныстыр.                → {x} — {x.home} ауылының тұрғыны, кәсібі — {x.job}, {x.food:accusative} жақсы көреді.`,
  },
  compareAges: {
    weight: 2,
    frame,
    pick: { x: 'people', y: 'x.others' },
    given: { older: elder('x', 'y'), younger: junior('x', 'y') },
    ask: `
      Compare the ages of {x} and {y}.                      → {older} is {older.age}, {younger} is {younger.age}, so {older} is older.
      {x:and} {y:genitive} жасын салыстыр.                  → {older} {older.age} жаста, {younger} {younger.age} жаста, сондықтан {older} үлкен.
      Say who is older, {x} or {y}, and why.                → {older} is {older.age}, {younger} is {younger.age}, so {older} is older.
      {x:and} {y:genitive} қайсысы үлкен екенін айт.        → {older} {older.age} жаста, {younger} {younger.age} жаста, сондықтан {older} үлкен.`,
  },
  countLetters: {
    weight: 1,
    frame,
    pick: { g: 'nouns' },
    given: { n: letters('g') },
    ask: `
      Count the letters of the word "{g}".                  → The word "{g}" has {n} letters.
      «{g}» сөзінің әріптерін сана.                         → «{g}» сөзінде {n} әріп бар.
      How many letters does the word "{g}" have?            → The word "{g}" has {n} letters.
      «{g}» сөзінде неше әріп бар?                          → «{g}» сөзінде {n} әріп бар.`,
  },
  letterOf: {
    weight: 1,
    frame,
    pick: { g: 'nouns' },
    given: { a: firstLetter('g'), z: lastLetter('g') },
    ask: `
      Give the first and the last letter of "{g}".          → {a}, {z}
      «{g}» сөзінің бірінші және соңғы әрпін жаз.           → {a}, {z}
      With which letters does "{g}" begin and end?          → {a}, {z}
      «{g}» сөзі қай әріптен басталып, қай әріппен бітеді?  → {a}, {z}`,
  },
  backwards: {
    weight: 1,
    frame,
    pick: { g: 'nouns' },
    given: { r: backwards('g') },
    ask: `
      Write the word "{g}" backwards.                       → {r}
      «{g}» сөзін керісінше жаз.                            → {r}
      Reverse the letters of "{g}".                         → {r}
      «{g}» сөзінің әріптерін соңынан басына қарай жаз.     → {r}`,
  },
  capitals: {
    weight: 1,
    frame,
    pick: { g: 'nouns' },
    given: { r: capitals('g') },
    ask: `
      Write the word "{g}" in capital letters.              → {r}
      «{g}» сөзін бас әріптермен жаз.                       → {r}
      Turn all letters of "{g}" into capitals.              → {r}
      «{g}» сөзінің барлық әріптерін бас әріпке айналдыр.   → {r}`,
  },
  plural: {
    weight: 2,
    frame,
    pick: { g: 'nouns' },
    given: { r: plurals('g') },
    ask: `
      Write the plural of "{g}".                            → {r}
      «{g}» сөзін көпше түрде жаз.                          → {r}
      What is the plural of the word "{g}"?                 → {r}
      «{g}» сөзінің көпше түрі қандай?                      → {r}`,
  },
  case: {
    weight: 3,
    frame,
    pick: { g: 'nouns', c: 'cases' },
    given: { r: declined('g', 'c') },
    ask: `
      Put the Kazakh word "{g/kk}" into the {c} case.       → {r}
      «{g}» сөзін {c} септігінде жаз.                       → {r}
      Write the {c} of the Kazakh word "{g/kk}".            → {r}
      «{g}» сөзін {c} септігіне қой.                        → {r}`,
  },
  mine: {
    weight: 1,
    frame,
    pick: { g: 'nouns' },
    ask: `
      Say "my {g}" in Kazakh.                               → менің {g/kk:my}
      «Менің» сөзінен кейін «{g}» сөзін дұрыс жалғаумен жаз. → менің {g:my}
      How do you say "my {g}" in Kazakh?                    → менің {g/kk:my}
      «{g}» сөзін «менің» сөзімен тіркестір.                → менің {g:my}`,
  },
  past: {
    weight: 1,
    frame,
    pick: { w: 'verbs' },
    ask: `
      Write the past tense of the verb "{w}".               → {w.past}
      «Ол» сөзімен «{w}» етістігін өткен шақта жаз.         → ол {w:past}
      Put the verb "{w}" into the past.                     → {w.past}
      «{w}» етістігін өткен шақтың үшінші жағында жаз.      → ол {w:past}`,
  },
  deny: {
    weight: 1,
    frame,
    pick: { w: 'verbs' },
    ask: `
      Make this negative: They {w.past} yesterday.          → They did not {w} yesterday.
      Болымсыз түрге айналдыр: Ол кеше {w:past}.            → Ол кеше {w:pastDenied}.
      Write the opposite of: They {w.past} yesterday.       → They did not {w} yesterday.
      Болымсыз сөйлем жаса: Ол кеше {w:past}.               → Ол кеше {w:pastDenied}.`,
  },
  toQuestion: {
    weight: 1,
    frame,
    pick: { g: 'nouns' },
    ask: `
      Turn into a question: This is {g:a}.                  → Is this {g:a}?
      Сұраулы сөйлемге айналдыр: Бұл — {g}.                 → Бұл — {g:asked}?
      Make a question of this sentence: This is {g:a}.      → Is this {g:a}?
      Мына сөйлемнен сұрақ жаса: Бұл — {g}.                 → Бұл — {g:asked}?`,
  },
  translateWord: {
    weight: 2,
    frame,
    pick: { g: 'nouns' },
    ask: `
      Translate into Kazakh: {g}                            → {g/kk}
      Ағылшын тіліне аудар: {g}                             → {g/en}
      What is "{g}" in Kazakh?                              → {g/kk}
      «{g}» сөзі ағылшынша қалай болады?                    → {g/en}`,
  },
  translateHome: {
    weight: 1,
    frame,
    pick: { x: 'people' },
    ask: `
      Translate into Kazakh: {x} lives in {x.home}.         → {x/kk} {x.home/kk:locative} тұрады.
      Ағылшын тіліне аудар: {x} {x.home:locative} тұрады.   → {x/en} lives in {x.home/en}.
      Say in Kazakh: {x} lives in {x.home}.                 → {x/kk} {x.home/kk:locative} тұрады.
      Ағылшынша айт: {x} {x.home:locative} тұрады.          → {x/en} lives in {x.home/en}.`,
  },
  translateFood: {
    weight: 1,
    frame,
    pick: { x: 'people' },
    ask: `
      Translate into Kazakh: {x} likes {x.food}.            → {x/kk} {x.food/kk:accusative} жақсы көреді.
      Ағылшын тіліне аудар: {x} {x.food:accusative} жақсы көреді. → {x/en} likes {x.food/en}.
      Say in Kazakh: {x} likes {x.food}.                    → {x/kk} {x.food/kk:accusative} жақсы көреді.
      Ағылшынша айт: {x} {x.food:accusative} жақсы көреді.  → {x/en} likes {x.food/en}.`,
  },
  translatePet: {
    weight: 1,
    frame,
    pick: { x: 'people' },
    ask: `
      Translate into Kazakh: {x} has {x.pet:a}.             → {x/kk:genitive} {x.pet/kk:his} бар.
      Ағылшын тіліне аудар: {x:genitive} {x.pet:his} бар.   → {x/en} has {x.pet/en:a}.
      Say in Kazakh: {x} has {x.pet:a}.                     → {x/kk:genitive} {x.pet/kk:his} бар.
      Ағылшынша айт: {x:genitive} {x.pet:his} бар.          → {x/en} has {x.pet/en:a}.`,
  },
  translateMonth: {
    weight: 1,
    frame,
    pick: { x: 'people' },
    ask: `
      Translate into Kazakh: {x} was born in {x.month}.     → {x/kk} {x.month/kk:locative} туған.
      Ағылшын тіліне аудар: {x} {x.month:locative} туған.   → {x/en} was born in {x.month/en}.
      Say in Kazakh: {x} was born in {x.month}.             → {x/kk} {x.month/kk:locative} туған.
      Ағылшынша айт: {x} {x.month:locative} туған.          → {x/en} was born in {x.month/en}.`,
  },
  sortNumbers: {
    weight: 2,
    frame,
    pick: { a: 'upToTen', b: 'upToTen except a', c: 'upToTen except a except b' },
    given: { r: ascending('a', 'b', 'c') },
    ask: `
      Sort these numbers, the smallest first: {a}, {b}, {c} → {r}
      Сандарды өсу ретімен жаз: {a}, {b}, {c}               → {r}
      Put in rising order: {a}, {b}, {c}                    → {r}
      Сандарды кішісінен үлкеніне қарай тізіп жаз: {a}, {b}, {c} → {r}`,
  },
  sortWords: {
    weight: 2,
    frame,
    pick: { g: 'goods', h: 'goods except g', i: 'goods except g except h' },
    given: { r: alphabetical('g', 'h', 'i') },
    ask: `
      Sort these words by the alphabet: {g}, {h}, {i}       → {r}
      Сөздерді әліпби ретімен жаз: {g}, {h}, {i}            → {r}
      Put in alphabetical order: {g}, {h}, {i}              → {r}
      Мына сөздерді әліпби бойынша тізіп жаз: {g}, {h}, {i} → {r}`,
  },
  more: {
    weight: 2,
    frame,
    pick: { g: 'goods', a: 'few', b: 'factors' },
    given: { c: plus('a', 'b') },
    ask: `
      Solve: a child has {a} {g:many} and gets {b} more. How many does the child have?  → {a} + {b} = {c}, so the child has {c} {g:many}.
      Есепті шығар: балада {a} {g} бар еді, оған тағы {b} {g} берді. Барлығы неше?      → {a} + {b} = {c}, демек балада {c} {g} бар.
      There were {a} {g:many} in a bag, and {b} more were put in. How many are there?   → {a} + {b} = {c}, so there are {c} {g:many}.
      Дорбада {a} {g} бар еді, тағы {b} {g} салды. Дорбада неше {g} бар?                → {a} + {b} = {c}, демек дорбада {c} {g} бар.`,
  },
  boxes: {
    weight: 2,
    frame,
    pick: { g: 'goods', a: 'few', b: 'factors' },
    given: { c: times('a', 'b') },
    ask: `
      Solve: there are {a} boxes with {b} {g:many} in each. How many {g:many} are there? → {a} * {b} = {c}, so there are {c} {g:many}.
      Есепті шығар: {a} қорап бар, әр қорапта {b} {g} бар. Барлығы неше {g} бар?         → {a} * {b} = {c}, демек барлығы {c} {g} бар.
      Each of {a} people carries {b} {g:many}. How many {g:many} do they carry?          → {a} * {b} = {c}, so there are {c} {g:many}.
      {a} адамның әрқайсысы {b} {g} алып келді. Олар барлығы неше {g} алып келді?        → {a} * {b} = {c}, демек барлығы {c} {g} бар.`,
  },
  chat: {
    weight: 3,
    frame,
    pick: { x: 'people' },
    tell: sequence(
      choice(
        say('', ''),
        say(
          'System: You are Alippe, an assistant who answers in one sentence.\n',
          'Жүйе: Сен — бір сөйлеммен жауап беретін Әліппе деген көмекшісің.\n',
        ),
      ),
      say('User: Tell me the village of {x}.\n', 'Пайдаланушы: {x:genitive} ауылын айт.\n'),
      say('Assistant: {x} lives in {x.home}.\n', 'Көмекші: {x} {x.home:locative} тұрады.\n'),
      choice(
        sequence(
          say('User: And what is it famous for?\n', 'Пайдаланушы: Ол ауыл немен танымал?\n'),
          say(
            'Assistant: {x.home} is famous for its {x.home.gift}.\n',
            'Көмекші: {x.home} ауылы {x.home.gift:his.instrumental} танымал.\n',
          ),
        ),
        pick(
          { k: 'x.kin' },
          say(
            'User: And where does the {k.role} of {x} live?\n',
            'Пайдаланушы: Ал {x:genitive} {k.role:his} қайда тұрады?\n',
          ),
          say(
            'Assistant: The {k.role} of {x} is {k.who}, and {k.who} lives in {k.who.home}.\n',
            'Көмекші: {x:genitive} {k.role:his} — {k.who}, {k.who} {k.who.home:locative} тұрады.\n',
          ),
        ),
      ),
      choice(
        say('User: Thank you.\nAssistant: You are welcome.\n', 'Пайдаланушы: Рақмет.\nКөмекші: Оқасы жоқ.\n'),
        say('', ''),
      ),
    ),
  },
}
