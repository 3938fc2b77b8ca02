/** Content of a document while it is edited: no DOM. */
import type { DocumentKind } from '../../../server/api/quality/documents/content.ts'
import { FORMS, type Spec } from '../../../server/api/quality/documents/form.ts'

/** A row of a document that is new. */
export const newRowId = (): string => crypto.randomUUID().slice(0, 18)

/** What a day is here and now, `2026-03-31`. */
export function todayHere(): string {
  const now = new Date()
  const two = (n: number) => String(n).padStart(2, '0')
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`
}

const LISTS: readonly Spec['as'][] = ['lines', 'actions', 'dispositions', 'team', 'rows']
/** As the server will have it: tidy, and lists are there also when they are empty. */
export function whole(kind: DocumentKind, content: object): Record<string, unknown> {
  const lists = FORMS[kind].flatMap(({ rows }) => rows.flat().flatMap(({ field, as }) => (LISTS.includes(as) ? [[field, []] as const] : [])))
  return { links: [], ...Object.fromEntries(lists), ...tidy(content) }
}

/** Without what is empty: a field that is left blank is not in the document. */
export function tidy(content: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).flatMap(([key, value]): [string, unknown][] => {
      if (value === '' || value === undefined || value === null) return []
      if (!Array.isArray(value)) return [[key, value]]
      const list = (value as unknown[])
        .map((one) => (typeof one === 'object' && one !== null ? tidy(one) : one))
        .filter((one) => (typeof one === 'string' ? one.trim() !== '' : true))
      return [[key, list]]
    }),
  )
}
