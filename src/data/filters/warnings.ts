// What websites say of themselves, in small letters. Words alone count, whatever stands between them.

import { list } from './list.ts'

/** That JavaScript is to be switched on. */
export const javascriptPhrases = list(`
  enable javascript, javascript is disabled, javascript is required, javascript must be enabled, requires
  javascript, turn on javascript, javascript is not enabled, javascript enabled browser, javascript қосыңыз,
  javascript өшірілген, javascript өшірулі, javascript қосулы болуы, включите javascript, включить javascript,
  javascript отключен, javascript отключён, требуется javascript, javascript aktivieren, javascript ist deaktiviert,
  activer javascript, activez javascript, javascript est désactivé, habilitar javascript, activar javascript, active
  javascript, habilite o javascript, javascript etkinleştirin, javascript devre dışı, увімкніть javascript,
  javascript ни кошуңуз, javascript ni yoqing, 启用javascript, 開啟javascript, javascriptを有効
`)

/** Terms, privacy, cookies. */
export const policyPhrases = list(`
  terms of use, terms of service, privacy policy, cookie policy, uses cookies, use of cookies, use cookies, accept
  cookies, cookie settings, all rights reserved, құпиялылық саясаты, құпиялық саясаты, cookie файлдарын, cookies
  файлдарын, пайдалану шарттары, барлық құқықтар қорғалған, барлық құқығы қорғалған, политика конфиденциальности,
  политикой конфиденциальности, политику конфиденциальности, пользовательское соглашение, пользовательского
  соглашения, использует cookie, использует файлы cookie, используем файлы cookie, используем cookie, файлов cookie,
  все права защищены, купуялык саясаты, бардык укуктар корголгон, хосусийлык сәясәте, барлык хокуклар якланган,
  maxfiylik siyosati, barcha huquqlar himoyalangan, gizlilik politikası, çerez politikası, çerezleri kullan, tüm
  hakları saklıdır, datenschutzerklärung, verwendet cookies, verwenden cookies, alle rechte vorbehalten, politique
  de confidentialité, utilise des cookies, utilisation de cookies, utilisons des cookies, tous droits réservés,
  política de privacidad, utiliza cookies, utilizamos cookies, uso de cookies, todos los derechos reservados,
  política de privacidade, todos os direitos reservados, tutti i diritti riservati, politika privatnosti, політика
  конфіденційності, всі права захищені, 隐私政策, 隱私政策, 使用条款, 版权所有, プライバシーポリシー, 利用規約, سياسة الخصوصية, ملفات تعريف
  الارتباط, جميع الحقوق محفوظة
`)

/** Text that only fills space. */
export const placeholderPhrases = ['lorem ipsum']
