/** The words of this page, and why the server refused something, in the reader's language. */
import { type FindingText, refusalWords } from '../designer/deploy/finding-words.ts'
import { ApiError } from '../shared/api.ts'
import { environment as de } from '../shared/text/de/environment.ts'
import { environmentRefusals } from '../shared/text/de/environment-refusals.ts'
import { environment as en } from '../shared/text/en/environment.ts'
import { catalogue, type Language } from '../shared/text/index.ts'

export const useEnvironmentText = catalogue(en, de)

export function errorWords(error: unknown, language: Language, findings: FindingText): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error)
  const details = (typeof error.details === 'object' && error.details !== null ? error.details : {}) as Record<string, unknown>
  const own = language === 'de' ? environmentRefusals[error.code]?.(details) : undefined
  return own ?? refusalWords(findings, error)
}
