import { times } from '../arithmetic.ts'
import { later } from '../clock.ts'
import { choice, pick, say, sequence } from '../grammar.ts'
import type { Production } from '../production.ts'

/** Two people talk, a line each with the name before it; what they say of themselves is true. By kind. */
export const dialogues: Record<string, Production> = {
  whereYouLive: {
    weight: 3,
    pick: { x: 'people', y: 'people except x' },
    tell: sequence(
      say('{x}: Where do you live, {y}?\n', '{x}: {y}, сіз қайда тұрасыз?\n'),
      say('{y}: I live in {y.home}. And you?\n', '{y}: Мен {y.home:locative} тұрамын. Ал сіз ше?\n'),
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
    pick: { x: 'adults', y: 'adults except x' },
    tell: sequence(
      say('{x}: What do you do, {y}?\n', '{x}: {y}, сіз кім болып жұмыс істейсіз?\n'),
      say('{y}: I am {y.job:a}. And you?\n', '{y}: Мен {y.job} болып жұмыс істеймін. Ал сіз ше?\n'),
      say('{x}: I am {x.job:a}.\n', '{x}: Мен {x.job} болып жұмыс істеймін.\n'),
    ),
  },
  yourAnimal: {
    weight: 2,
    pick: { x: 'people', y: 'people except x' },
    tell: sequence(
      say('{x}: Do you have an animal, {y}?\n', '{x}: {y}, сізде жануар бар ма?\n'),
      say('{y}: Yes, I have {y.pet:a}.\n', '{y}: Иә, менде {y.pet} бар.\n'),
      choice(
        say('{x}: And I have {x.pet:a}.\n', '{x}: Ал менде {x.pet} бар.\n'),
        say('{x}: I like {y.pet.species:many}.\n', '{x}: Мен {y.pet.species:many.accusative} жақсы көремін.\n'),
      ),
    ),
  },
  yourKin: {
    weight: 3,
    pick: { x: 'people', k: 'x.kin' },
    tell: sequence(
      pick(
        { y: 'people except x except k.who' },
        say('{y}: Who is your {k.role}, {x}?\n', '{y}: {x}, сіздің {k.role:your} кім?\n'),
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
  },
  shop: {
    weight: 3,
    pick: { x: 'people', y: 'adults except x', g: 'goods', n: 'few' },
    given: { t: times('g.price', 'n') },
    tell: sequence(
      say('{x}: How much does {g:a} cost, {y}?\n', '{x}: {y}, бір {g} қанша тұрады?\n'),
      say('{y}: {g.price} tenge.\n', '{y}: {g.price} теңге.\n'),
      say(
        '{x}: Then I will take {n.word}. How much is that together?\n',
        '{x}: Онда {n.word} {g} аламын. Барлығы қанша болады?\n',
      ),
      say('{y}: {n} * {g.price} = {t} tenge.\n', '{y}: {n} * {g.price} = {t} теңге.\n'),
    ),
  },
  plan: {
    weight: 2,
    pick: { x: 'people', y: 'people except x', v: 'villages except x.home', d: 'days' },
    tell: sequence(
      say('{x}: {y}, shall we go to {v} on {d}?\n', '{x}: {y}, {d} күні {v:dative} барайық па?\n'),
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
  },
  bus: {
    weight: 2,
    pick: { x: 'people', y: 'people except x', t: 'clock', n: 'minutes' },
    given: { r: later('t', 'n') },
    tell: sequence(
      say('{x}: What time is it, {y}?\n', '{x}: {y}, сағат неше болды?\n'),
      say('{y}: It is {t}. The bus comes in {n} minutes.\n', '{y}: Сағат {t}. Автобус {n} минуттан кейін келеді.\n'),
      say('{x}: So it comes at {r}.\n', '{x}: Демек, автобус сағат {r} болғанда келеді.\n'),
    ),
  },
  yourFood: {
    weight: 2,
    pick: { x: 'people', y: 'people except x' },
    tell: sequence(
      say('{x}: What do you like to eat, {y}?\n', '{x}: {y}, сіз қандай тағамды жақсы көресіз?\n'),
      say('{y}: I like {y.food}. And you?\n', '{y}: Мен {y.food:accusative} жақсы көремін. Ал сіз ше?\n'),
      say('{x}: I like {x.food}.\n', '{x}: Мен {x.food:accusative} жақсы көремін.\n'),
    ),
  },
}
