// What websites put around a text, in small letters and by words alone. Every list holds for every text: a Kazakh page has
// Russian and English buttons.

import { list } from './list.ts'

/** Lines that are nothing else. */
export const wholeLines: Readonly<Record<string, readonly string[]>> = {
  en: list(`
    read more, continue reading, learn more, show more, load more, see more, see also, view all, more, share, share
    this, share on facebook, share on twitter, share on x, tweet, pin it, print, email, like, log in, login, sign
    in, sign up, register, log out, my account, subscribe, subscribe now, follow us, home, menu, search, skip to
    content, skip to main content, skip to navigation, back to top, next, previous, previous post, next post, newer
    posts, older posts, leave a reply, leave a comment, reply, post a comment, no comments, related posts, related
    articles, advertisement, sponsored, about us, contact us, contact, terms of use, terms of service, privacy
    policy, cookie policy, accept, accept all, accept cookies, reject all, i agree, got it, download, table of
    contents, edit, copy link, close
  `),
  kk: list(`
    толығырақ, толық оқу, әрі қарай, әрі қарай оқу, жалғасын оқу, тағы, тағы көрсету, барлығы, барлығын көру,
    бөлісу, бөлісіңіз, достарыңмен бөліс, басып шығару, ұнайды, жазылу, бізге жазылыңыз, кіру, шығу, тіркелу, басты
    бет, мәзір, іздеу, жоғарыға, келесі, алдыңғы, артқа, пікір қалдыру, пікір жазу, пікірлер, жауап беру, ұқсас
    жаңалықтар, ұқсас мақалалар, оқи отырыңыз, тағы оқыңыз, жарнама, біз туралы, байланыс, байланыстар, құпиялылық
    саясаты, қабылдау, келісемін, жүктеу, жүктеп алу, жабу, мазмұны
  `),
  ru: list(`
    читать далее, читать дальше, читать полностью, подробнее, показать ещё, показать еще, смотреть все, все новости,
    поделиться, поделиться в соцсетях, распечатать, печать, нравится, подписаться, подписывайтесь, войти, вход,
    выйти, регистрация, зарегистрироваться, главная, главная страница, меню, поиск, наверх, следующая, предыдущая,
    далее, назад, оставить комментарий, комментарии, нет комментариев, ответить, читайте также, похожие статьи,
    похожие новости, реклама, о нас, контакты, политика конфиденциальности, принять, согласен, пользовательское
    соглашение, скачать, закрыть, содержание
  `),
  ky: list(`
    кененирээк, толугу менен окуу, дагы, бөлүшүү, кирүү, чыгуу, катталуу, башкы бет, меню, издөө, кийинки, мурунку,
    комментарий калтыруу, биз жөнүндө, байланыш, жарнама, жүктөө
  `),
  tt: list(`
    тулырак, дәвамын уку, уртаклашу, керү, чыгу, теркәлү, баш бит, эзләү, алдагы, комментарий калдыру, безнең
    турыда, элемтә, реклама, йөкләү
  `),
  uz: list(`
    batafsil, davomini oʻqish, ulashish, kirish, chiqish, roʻyxatdan oʻtish, bosh sahifa, qidirish, keyingi,
    oldingi, izoh qoldirish, biz haqimizda, bogʻlanish, reklama, yuklab olish, батафсил, улашиш, бош саҳифа, қидириш
  `),
  tr: list(`
    devamını oku, daha fazla, paylaş, giriş yap, giriş, çıkış, kayıt ol, üye ol, ana sayfa, anasayfa, menü, ara,
    yukarı, sonraki, önceki, yorum yap, yorumlar, hakkımızda, iletişim, reklam, gizlilik politikası, kabul et,
    indir, kapat
  `),
  de: list(`
    weiterlesen, mehr lesen, mehr erfahren, mehr anzeigen, teilen, drucken, anmelden, abmelden, registrieren,
    startseite, menü, suche, nach oben, weiter, zurück, kommentar schreiben, kommentare, antworten, anzeige,
    werbung, über uns, kontakt, impressum, datenschutz, datenschutzerklärung, akzeptieren, herunterladen, schließen
  `),
  fr: list(`
    lire la suite, en savoir plus, voir plus, partager, imprimer, se connecter, connexion, déconnexion, inscription,
    s inscrire, accueil, menu, rechercher, haut de page, suivant, précédent, laisser un commentaire, commentaires,
    répondre, publicité, à propos, contact, mentions légales, politique de confidentialité, accepter, télécharger,
    fermer
  `),
  es: list(`
    leer más, seguir leyendo, ver más, compartir, imprimir, iniciar sesión, cerrar sesión, registrarse, inicio,
    menú, buscar, volver arriba, siguiente, anterior, deja un comentario, comentarios, responder, publicidad,
    quiénes somos, contacto, aviso legal, política de privacidad, aceptar, descargar, cerrar
  `),
  zh: list(`
    阅读更多, 阅读全文, 查看更多, 分享, 登录, 注册, 首页, 搜索, 返回顶部, 下一页, 上一页, 发表评论, 关于我们, 联系我们, 隐私政策, 广告
  `),
  ar: list(`
    اقرأ المزيد, المزيد, مشاركة, شارك, تسجيل الدخول, التسجيل, الرئيسية, القائمة, بحث, التالي, السابق, اترك تعليقا,
    من نحن, اتصل بنا, سياسة الخصوصية, إعلان
  `),
}

/** Beginnings of lines; such a line has few words in all. */
export const beginnings: Readonly<Record<string, readonly string[]>> = {
  en: list(`
    posted by, posted on, posted in, filed under, tagged with, share this, copyright, all rights reserved, click
    here, follow us, sign up for, subscribe to, we use cookies, this site uses cookies, this website uses cookies,
    by continuing to use, you must be logged in, powered by, last updated, photo by
  `),
  kk: list(`
    бөлісу, авторлық құқық, барлық құқықтар қорғалған, сайт материалдарын пайдалану, жарияланған күні, оқылды,
    қаралды, телеграм арнамызға
  `),
  ru: list(`
    поделиться, все права защищены, при использовании материалов, при копировании материалов, подписывайтесь на, мы
    используем cookie, мы используем файлы cookie, этот сайт использует, опубликовано, просмотров, источник фото
  `),
}
