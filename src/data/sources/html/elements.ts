/** What an element means for the text of a page. Elements that are not listed are part of the running text. */
export type ElementRole =
  | 'block'
  | 'heading'
  | 'list'
  | 'item'
  | 'table'
  | 'row'
  | 'cell'
  | 'code'
  | 'main'
  | 'drop'
  | 'void'

const roles: readonly (readonly [ElementRole, string])[] = [
  ['block', 'p div section blockquote address dl dt dd figure figcaption fieldset details summary center body html'],
  ['block', 'hgroup caption thead tbody tfoot form header legend search'],
  ['heading', 'h1 h2 h3 h4 h5 h6'],
  ['list', 'ul ol'],
  ['item', 'li'],
  ['table', 'table'],
  ['row', 'tr'],
  ['cell', 'td th'],
  ['code', 'pre listing xmp plaintext'],
  ['main', 'main article'],
  ['drop', 'script style nav footer aside button select option textarea svg math iframe noscript template object'],
  ['drop', 'canvas video audio map dialog menu datalist noembed noframes label'],
  ['void', 'area base col embed hr img input link meta param source track wbr'],
]

export const elementRoles: ReadonlyMap<string, ElementRole> = new Map(
  roles.flatMap(([role, names]) => names.split(' ').map((name) => [name, role] as const)),
)

/** Dropped elements that hold text which belongs to the page around, unlike scripts and controls. */
export const aroundElements: ReadonlySet<string> = new Set(['nav', 'footer', 'aside'])

/** Names that pages give to what stands around the text: whole words of class and id. */
const aroundNames = new Set(
  (
    'nav navbar navigation menu sidebar side-bar breadcrumb breadcrumbs footer site-footer page-footer site-header ' +
    'cookie cookies cookie-banner cookie-notice consent share sharing social social-share related related-posts ' +
    'comments comment-list disqus_thread pagination pager advert advertisement ad ads banner promo newsletter ' +
    'subscribe popup modal toc table-of-contents skip-link screen-reader-text sr-only noprint'
  ).split(' '),
)

const aroundRoles = new Set(['navigation', 'banner', 'contentinfo', 'complementary', 'search', 'dialog', 'menu'])

/** Whether an attribute says that its element is not to be seen, or stands around the text. */
export function saysAround(name: string, value: string): boolean {
  switch (name) {
    case 'hidden':
      return true
    case 'aria-hidden':
      return value === 'true'
    case 'role':
      return aroundRoles.has(value.trim().toLowerCase())
    case 'style':
      return value.length < 1000 && /display\s*:\s*none|visibility\s*:\s*hidden/i.test(value)
    case 'class':
    case 'id':
      return (
        value.length < 1000 &&
        value
          .toLowerCase()
          .split(/\s+/)
          .some((word) => aroundNames.has(word))
      )
    default:
      return false
  }
}
