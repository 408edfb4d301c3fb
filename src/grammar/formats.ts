/** Years, months and days that there are; leap years have a 29th of February. */
const date =
  '\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))' +
  '|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29'
/** Of RFC 3339, without leap seconds. */
const time = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)'
const byte = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)'
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?'

/** The formats of JSON Schema that there are, as regular expressions of the whole string. */
export const formats: ReadonlyMap<string, string> = new Map([
  ['date', date],
  ['time', time],
  ['date-time', `(?:${date})T${time}`],
  ['uuid', '[\\da-fA-F]{8}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{4}-[\\da-fA-F]{12}'],
  ['email', `[a-zA-Z0-9_+-]+(?:\\.[a-zA-Z0-9_+-]+){0,5}@${label}(?:\\.${label}){1,5}`],
  ['ipv4', `${byte}\\.${byte}\\.${byte}\\.${byte}`],
])
