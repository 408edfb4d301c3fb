/** What tells of a person, and is masked. */
export type PersonalKind = 'email' | 'phone' | 'ip' | 'card' | 'iin' | 'iban'

/** A place in a text: code units [start, end). */
export interface Personal {
  readonly kind: PersonalKind
  readonly start: number
  readonly end: number
}
