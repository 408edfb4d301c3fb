/**
 * The same few sentences in three languages, to hold tokenizers against each other when no texts are given. Written for
 * this; short, so the figures are a first impression.
 */
export const samples: Readonly<Record<string, string>> = {
  en:
    'In the morning the children walked to school through the snow. The teacher wrote a word on the board and asked ' +
    'what it meant. Nobody knew, so they opened the old book and read the page together. At noon the sun came out, and ' +
    'the mountains behind the town looked close enough to touch. Ten pupils stayed after class to finish their letters.',
  kk:
    'Таңертең балалар қар басып мектепке барды. Мұғалім тақтаға бір сөз жазып, оның мағынасын сұрады. Ешкім білмеді, ' +
    'сондықтан олар ескі кітапты ашып, бетті бірге оқыды. Түсте күн шығып, қаланың артындағы таулар қол созым жерде ' +
    'тұрғандай көрінді. Он оқушы хаттарын аяқтау үшін сабақтан кейін қалды.',
  ru:
    'Утром дети шли в школу по снегу. Учитель написал на доске слово и спросил, что оно значит. Никто не знал, поэтому ' +
    'они открыли старую книгу и вместе прочли страницу. В полдень вышло солнце, и горы за городом казались совсем ' +
    'близкими. Десять учеников остались после урока, чтобы закончить свои письма.',
}
