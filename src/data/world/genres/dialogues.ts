import { times } from '../arithmetic.ts'
import { later } from '../clock.ts'
import { choice, given, pick, say, sequence } from '../grammar.ts'
import type { Production } from '../production.ts'

/** The first line begins with who speaks, so that a reader knows one of the two before the other is sought. */
const begins = say('{x}: ', '{x}: ')

/** Two people talk, a line each with the name before it; what they say of themselves is true. By kind. */
export const dialogues: Record<string, Production> = {
  whereYouLive: {
    weight: 3,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { y: 'people except x' },
        say('Where do you live, {y}?\n', '{y}, сіз қайда тұрасыз?\n'),
        say('{y}: I live in {y.home}. And you?\n', '{y}: Мен {y.home:locative} тұрамын. Ал сіз ше?\n'),
      ),
      choice(
        say('{x}: I live in {x.home}.\n', '{x}: Мен {x.home:locative} тұрамын.\n'),
        say(
          '{x}: My village is {x.home}, {x.home.landscape}.\n',
          '{x}: Менің ауылым — {x.home}, ол {x.home.landscape} орналасқан.\n',
        ),
      ),
    ),
  },
  whatYouDo: {
    weight: 2,
    pick: { x: 'adults' },
    tell: sequence(
      begins,
      pick(
        { y: 'adults except x' },
        say('What do you do, {y}?\n', '{y}, сіз кім болып жұмыс істейсіз?\n'),
        say('{y}: I am {y.job:a}. And you?\n', '{y}: Мен {y.job} болып жұмыс істеймін. Ал сіз ше?\n'),
      ),
      say('{x}: I am {x.job:a}.\n', '{x}: Мен {x.job} болып жұмыс істеймін.\n'),
    ),
  },
  yourAnimal: {
    weight: 2,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { y: 'people except x' },
        say('Do you have an animal, {y}?\n', '{y}, сізде жануар бар ма?\n'),
        say('{y}: Yes, I have {y.pet:a}.\n', '{y}: Иә, менде {y.pet} бар.\n'),
        choice(
          say('{x}: And I have {x.pet:a}.\n', '{x}: Ал менде {x.pet} бар.\n'),
          say('{x}: I like {y.pet.species:many}.\n', '{x}: Мен {y.pet.species:many.accusative} жақсы көремін.\n'),
        ),
      ),
    ),
  },
  yourKin: {
    weight: 3,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { k: 'x.kin' },
        say('I want to see my {k.role}.\n', 'Мен {k.role:my.accusative} көргім келеді.\n'),
        pick(
          { y: 'people except x except k.who' },
          say('{y}: Who is your {k.role}?\n', '{y}: Сіздің {k.role:your} кім?\n'),
          say('{x}: My {k.role} is {k.who}.\n', '{x}: Менің {k.role:my} — {k.who}.\n'),
          choice(
            sequence(
              say('{y}: And how old is {k.who}?\n', '{y}: Ал {k.who} неше жаста?\n'),
              say('{x}: {k.who} is {k.who.age} years old.\n', '{x}: {k.who} {k.who.age} жаста.\n'),
            ),
            sequence(
              say('{y}: And where does {k.who} live?\n', '{y}: Ал {k.who} қайда тұрады?\n'),
              say('{x}: {k.who} lives in {k.who.home}.\n', '{x}: {k.who} {k.who.home:locative} тұрады.\n'),
            ),
          ),
        ),
      ),
    ),
  },
  shop: {
    weight: 3,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { y: 'adults except x' },
        say('Good day, {y}. ', 'Сәлеметсіз бе, {y}. '),
        pick(
          { g: 'goods' },
          say('How much does {g:a} cost?\n', 'Бір {g} қанша тұрады?\n'),
          say('{y}: {g.price} tenge.\n', '{y}: {g.price} теңге.\n'),
          pick(
            { n: 'few' },
            say(
              '{x}: Then I will take {n.word}. How much is that together?\n',
              '{x}: Онда {n.word} {g} аламын. Барлығы қанша болады?\n',
            ),
            given(
              { t: times('g.price', 'n') },
              say('{y}: {n} * {g.price} = {t} tenge.\n', '{y}: {n} * {g.price} = {t} теңге.\n'),
            ),
          ),
        ),
      ),
    ),
  },
  plan: {
    weight: 2,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { y: 'people except x' },
        say('{y}, ', '{y}, '),
        pick(
          { d: 'days' },
          say('on {d} ', '{d} күні '),
          pick({ v: 'villages except x.home' }, say('shall we go to {v}?\n', '{v:dative} барайық па?\n')),
          choice(
            say('{y}: Yes, I am free on {d}.\n', '{y}: Иә, {d} күні мен боспын.\n'),
            sequence(
              say(
                '{y}: On {d} I have work. Let us go on {d.next}.\n',
                '{y}: {^d} күні жұмысым бар. {^d.next} күні барайық.\n',
              ),
              say('{x}: Good, then on {d.next}.\n', '{x}: Жақсы, онда {d.next} күні барайық.\n'),
            ),
          ),
        ),
      ),
    ),
  },
  bus: {
    weight: 2,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { y: 'people except x' },
        say('What time is it, {y}?\n', '{y}, сағат неше болды?\n'),
        pick(
          { t: 'clock' },
          say('{y}: It is {t}. ', '{y}: Сағат {t}. '),
          pick(
            { n: 'minutes' },
            say('The bus comes in {n} minutes.\n', 'Автобус {n} минуттан кейін келеді.\n'),
            given(
              { r: later('t', 'n') },
              say('{x}: So it comes at {r}.\n', '{x}: Демек, автобус сағат {r} болғанда келеді.\n'),
            ),
          ),
        ),
      ),
    ),
  },
  yourFood: {
    weight: 2,
    pick: { x: 'people' },
    tell: sequence(
      begins,
      pick(
        { y: 'people except x' },
        say('What do you like to eat, {y}?\n', '{y}, сіз қандай тағамды жақсы көресіз?\n'),
        say('{y}: I like {y.food}. And you?\n', '{y}: Мен {y.food:accusative} жақсы көремін. Ал сіз ше?\n'),
      ),
      say('{x}: I like {x.food}.\n', '{x}: Мен {x.food:accusative} жақсы көремін.\n'),
    ),
  },
}
