/** What may be written in a document: checked against its schema, its state, and the calendar. */
import { UserError } from '../../../base/errors.ts'
import { checkerOf } from '../../../base/schema.ts'
import { CONTENTS, type KindAndContent } from '../../api/index.ts'
import { isDay } from '../../api/quality/documents/complete.ts'
import type { DocumentKind } from '../../api/quality/documents/content.ts'
import { mayWrite } from '../../api/quality/documents/workflow.ts'
import { sameJson } from '../../api/same-json.ts'

/** All of them by kind, as one. */
export const together = (kind: DocumentKind, content: object): KindAndContent => ({ kind, content }) as KindAndContent

/** @throws UserError invalid-input, day-invalid */
export function readContent(kind: DocumentKind, content: unknown): KindAndContent {
  const read = checkerOf(CONTENTS[kind]).parse(content, 'The document') as KindAndContent['content']
  const days = [...textsIn(read)].filter((text) => /^\d{4}-\d{2}-\d{2}$/.test(text))
  const wrong = days.find((day) => !isDay(day))
  if (wrong !== undefined)
    throw new UserError({ code: 'day-invalid', message: `${wrong} is no day of the calendar. Choose another one.`, details: { day: wrong } })
  return together(kind, read)
}

/**
 * Whether all that is different may be changed in that state.
 * @throws UserError document-fixed
 */
export function checkWrites(kind: DocumentKind, state: string, before: object, after: object): void {
  const was = before as Record<string, unknown>
  const is = after as Record<string, unknown>
  const changed = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((field) => !sameJson(was[field] ?? null, is[field] ?? null))
  const fixed = changed.filter((field) => !mayWrite(kind, state, field))
  if (fixed.length)
    throw new UserError({
      code: 'document-fixed',
      status: 409,
      message: `In this state (${state}) of the document ${fixed.join(', ')} can no longer be changed: others rely on it. Take it back to an earlier state first, with the reason.`,
      details: { state, fields: fixed },
    })
}

/** Every text in it, at any depth. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) yield* textsIn(one)
}
/** For the search: what people wrote, small. */
export const wordsOf = (number: string, content: object): string => [number, ...textsIn(content)].join(' ').toLowerCase().slice(0, 100_000)
