/** Whether an answer to a question fits what was asked: for panels, and for rehearsals, which must judge the same. Pure. */
import { UserError } from '../../base/errors.ts'
import type { StepAsk } from '../api/steps.ts'

export interface GivenAnswer {
  choice: StepAsk['choices'][number]
  values: Readonly<Record<string, unknown>>
  comment?: string | undefined
  /** Who answers, by name. */
  by: string
}

/**
 * @returns the values that were asked for
 * @throws UserError not-allowed, comment-missing, value-missing
 */
export function checkAnswer(ask: StepAsk, { choice, values: entered, comment, by }: GivenAnswer): Record<string, string | number> {
  if (ask.notBy?.includes(by))
    throw new UserError({ code: 'not-allowed', status: 403, message: 'Somebody else has to answer this: you did the work, or have answered already.' })
  if (ask.needsComment?.includes(choice.key) && !comment?.trim())
    throw new UserError({ code: 'comment-missing', message: `Write why in the comment, then press "${choice.label}" again.` })
  const values: Record<string, string | number> = {}
  for (const { key, label, kind } of ask.fields) {
    const value = entered[key]
    const isGood = kind === 'number' ? typeof value === 'number' && Number.isFinite(value) : typeof value === 'string' && value.trim() !== ''
    if (isGood) values[key] = value as string | number
    else if (choice.kind === 'yes')
      throw new UserError({ code: 'value-missing', message: `Enter ${label}${kind === 'number' ? ' as a number' : ''} first.`, details: { key } })
  }
  return values
}
