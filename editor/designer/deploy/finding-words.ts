/** What the server finds and refuses, in the person's language. Its own English words stand in where a code is not known here. */
import { type FindingParams, sentenceOf } from '../../../server/api/findings.ts'
import { ApiError } from '../../shared/api.ts'
import { designerFindings as de } from '../../shared/text/de/designer-findings.ts'
import { designerFindings as en } from '../../shared/text/en/designer-findings.ts'
import { catalogue } from '../../shared/text/index.ts'

export const useFindingText = catalogue(en, de)
export type FindingText = typeof en

interface Found {
  message: string
  code?: string | undefined
  params?: FindingParams | undefined
}

/** What was found at a node, to be read behind the node's name. */
export function findingWords(text: FindingText, { message, code, params }: Found): string {
  return sentenceOf(text.findings, { code, params }) ?? withoutName(message)
}

/** The server's sentences begin with the node's name and type. */
const withoutName = (message: string): string => /^".+?" \([^)]*\) (.*)$/s.exec(message)?.[1] ?? message

interface Refused {
  code: string
  message: string
  details?: unknown
}

/** Why something was refused, as a whole sentence. */
export function refusalWords(text: FindingText, { code, message, details }: Refused): string {
  if (!Object.hasOwn(text.refusals, code)) return message
  const facts = (typeof details === 'object' && details !== null ? details : {}) as Record<string, unknown>
  const { problems } = facts
  return text.refusals[code as keyof FindingText['refusals']]({ ...facts, count: Array.isArray(problems) ? problems.length : 1 })
}

/** The same of anything that a call may throw. */
export function errorWords(text: FindingText, error: unknown): string {
  return error instanceof ApiError ? refusalWords(text, error) : error instanceof Error ? error.message : String(error)
}
