import { computed, minus, plus, times } from '../arithmetic.ts'
import { number, quantity } from '../entity.ts'
import { choice, given, pick, say } from '../grammar.ts'
import type { Production } from '../production.ts'
import { story } from './stories.ts'

/** Longer stories of one paragraph, by kind: people do things one after the other, and what they say and pay is true. */
export const tales: Record<string, Production> = {
  fair: {
    weight: 3,
    pick: { x: 'people', k: 'x.kin' },
    tell: story(
      say(
        'One morning {x} set out from {x.home} to the fair.',
        'Бір күні таңертең {x} {x.home:ablative} жәрмеңкеге шықты.',
      ),
      choice(
        say(' The road was long, but the weather was fine.', ' Жол ұзақ еді, бірақ ауа райы жақсы болды.'),
        say(' It rained all the way, so {x.he} walked slowly.', ' Жол бойы жаңбыр жауды, сондықтан ол баяу жүрді.'),
      ),
      pick(
        { g: 'goods', h: 'goods except g' },
        say(
          ' At the fair {x} looked at the {g:many} and the {h:many} for a long time.',
          ' Жәрмеңкеде {x} {g:many.and} {h:many.dative} ұзақ қарады.',
        ),
        pick(
          { n: 'few' },
          given(
            { t: times('g.price', 'n'), rest: computed(['n'], (n) => number(quantity(n) - 1)) },
            say(
              ' In the end {x.he} bought {n.word} {g:many} for {t} tenge.',
              ' Ақырында ол {t} теңгеге {n.word} {g} сатып алды.',
            ),
            say(
              ' At home {x.he} gave one to {x.his} {k.role} {k.who} and had {rest} left.',
              ' Үйде ол {k.role:his} {k.who:dative} бір {g} берді, өзінде {rest} {g} қалды.',
            ),
          ),
        ),
      ),
      choice(
        say(' Both were happy.', ' Екеуі де қуанды.'),
        say(
          ' In the evening they drank tea and talked about the fair.',
          ' Кешке олар шай ішіп, жәрмеңке туралы әңгімелесті.',
        ),
      ),
    ),
  },
  search: {
    weight: 3,
    pick: { x: 'people', k: 'x.kin' },
    tell: story(
      choice(
        say('The {x.pet} of {x} did not come home in the evening.', '{x:genitive} {x.pet:his} кешке үйге келмеді.'),
        say(
          'In the evening {x} saw that {x.his} {x.pet} was gone.',
          'Кешке {x} {x.pet:his.genitive} жоғалғанын көрді.',
        ),
      ),
      say(
        ' First {x} asked {x.his} {k.role} {k.who}, but {k.who} had not seen it.',
        ' Алдымен {x} {k.role:his} {k.who:ablative} сұрады, бірақ {k.who} оны көрмеген еді.',
      ),
      pick(
        { p: 'hidingPlaces', q: 'hidingPlaces except p' },
        say(' Then {x.he} looked {p}, but found nothing.', ' Содан кейін ол {p} іздеді, бірақ таппады.'),
        say(' At last {x.he} found it {q}.', ' Ақыры ол оны {q} тапты.'),
      ),
      say(
        ' The {x.pet.species} was hungry, so {x} took it home and fed it.',
        ' {^x.pet.species:genitive} қарны ашқан екен, сондықтан {x} оны үйге алып келіп, тамақ берді.',
      ),
    ),
  },
  guest: {
    weight: 3,
    pick: { x: 'visitors', k: 'x.relatives' },
    tell: story(
      pick(
        { m: 'months' },
        say(
          'In {m} {x} missed {x.his} {k.role} {k.who}.',
          '{^m} айында {x} {k.role:his.accusative}, {k.who:accusative}, сағынды.',
        ),
      ),
      say(
        ' {x} lives in {x.home}, and {k.who} lives in {k.who.home}.',
        ' {x} {x.home:locative}, ал {k.who} {k.who.home:locative} тұрады.',
      ),
      pick(
        { w: 'ways', g: 'goods' },
        say(' {^x.he} went there {w} and took {g:a} as a present.', ' Ол сонда {w} барды және сыйлыққа бір {g} алды.'),
      ),
      say(' {k.who} was glad and put {k.who.food} on the table.', ' {k.who} қуанып, дастарқанға {k.who.food} қойды.'),
      pick({ t: 'topics' }, say(' They talked about {t} until night.', ' Олар түнге дейін {t} туралы әңгімелесті.')),
    ),
  },
  counting: {
    weight: 3,
    pick: { x: 'people', d: 'days', a: 'few', g: 'goods' },
    tell: story(
      say('On {d} {x} had {a} {g:many}.', '{^d} күні {x:locative} {a} {g} болды.'),
      pick(
        { k: 'x.kin', b: 'few' },
        say(' On {d.next} {k.who} gave {x.him} {b} more.', ' {^d.next} күні {k.who} оған тағы {b} {g} берді.'),
        pick(
          { c: 'couple' },
          say(' On {d.next.next} {x.he} gave {c} to a friend.', ' {^d.next.next} күні ол досына {c} {g} берді.'),
          given(
            { s: plus('a', 'b') },
            given(
              { r: minus('s', 'c') },
              say(
                ' {a} + {b} - {c} = {r}, so now {x} has {r} of them.',
                ' {a} + {b} - {c} = {r}, сондықтан енді {x:locative} {r} {g} бар.',
              ),
            ),
          ),
        ),
      ),
    ),
  },
  lesson: {
    weight: 2,
    pick: { x: 'pupils' },
    tell: story(
      pick(
        { a: 'upToTen', b: 'upToTen' },
        say(
          'At school the teacher asked {x} how much {a} + {b} is.',
          'Мектепте мұғалім {x:ablative} {a} + {b} қанша болатынын сұрады.',
        ),
        given(
          { c: plus('a', 'b') },
          choice(
            say(' {x} said at once: {c}.', ' {x} бірден {c} деп жауап берді.'),
            pick(
              { w: 'upToTwenty except c' },
              say(
                ' First {x} said {w}, but that was wrong. Then {x.he} counted again and said {c}.',
                ' Алдымен {x} {w} деді, бірақ бұл қате еді. Содан кейін ол қайта санап, {c} деді.',
              ),
            ),
          ),
        ),
      ),
      say(' The teacher was pleased.', ' Мұғалім риза болды.'),
      pick(
        { k: 'x.kin' },
        say(
          ' At home {x} told {x.his} {k.role} {k.who} about it.',
          ' Үйде {x} бұл туралы {k.role:his} {k.who:dative} айтты.',
        ),
      ),
    ),
  },
  yearRound: {
    weight: 2,
    pick: { x: 'people', w: 'x.season.weather' },
    tell: story(
      say(
        '{x} likes {x.season} more than the other seasons.',
        '{x} {x.season:accusative} басқа мезгілдерден артық көреді.',
      ),
      say(' When {x.season} came to {x.home}, {w}.', ' {x.home} ауылына {x.season} келгенде, {w}.'),
      say(
        ' {x} took {x.his} {x.pet} and went out of the village.',
        ' {x} {x.pet:his.accusative} алып, ауыл сыртына шықты.',
      ),
      choice(
        say(' They came home only in the evening.', ' Олар үйге тек кешке келді.'),
        say(
          ' But after {x.season} comes {x.season.next}, and {x} waited a whole year again.',
          ' Бірақ {x.season:ablative} кейін {x.season.next} келеді, сондықтан {x} тағы бір жыл күтті.',
        ),
      ),
    ),
  },
  helping: {
    weight: 2,
    pick: { x: 'adults', k: 'x.kin' },
    tell: story(
      say(
        '{x} from {x.home} is {x.job:a} and {x.job.work}.',
        '{x.home} ауылынан шыққан {x} — {x.job}, ол {x.job.work}.',
      ),
      pick(
        { d: 'days' },
        say(
          ' On {d} there was much work, and {x.his} {k.role} {k.who} came to help.',
          ' {^d} күні жұмыс көп болды, сондықтан {k.role:his} {k.who} көмекке келді.',
        ),
      ),
      say(' They worked together until the evening.', ' Олар кешке дейін бірге жұмыс істеді.'),
      say(
        ' After that they ate {x.food}, because {x} likes it.',
        ' Содан кейін олар {x.food} жеді, өйткені {x} оны жақсы көреді.',
      ),
    ),
  },
}
