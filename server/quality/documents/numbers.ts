/** Numbers of documents: the pattern of each kind, and the next one by it. */
import type { Transaction } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { DocumentKind, DocumentNumbering } from '../../api/index.ts'
import { numberingOf, numberText, type PatternProblem, patternProblem } from '../../api/quality/documents/numbering.ts'
import type { Database } from '../../store/index.ts'
import type { Db } from '../contract.ts'
import { seriesOf, takeNext } from '../numbers.ts'

const DEFAULTS: Record<DocumentKind, string> = {
  ncr: 'NCR-{YYYY}-{####}',
  capa: 'CAPA-{YYYY}-{####}',
  '8d': '8D-{YYYY}-{####}',
  'control-plan': 'CP-{####}',
}

/** The day by this computer's clock, `2026-03-31`. */
export function dayOf(date: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export async function patternOf(db: Db, kind: DocumentKind): Promise<string> {
  const row = await db.selectFrom('qualityNumbering').select('pattern').where('kind', '=', kind).executeTakeFirst()
  return row?.pattern ?? DEFAULTS[kind]
}

export async function takeNumber(tx: Transaction<Database>, kind: DocumentKind, now: Date): Promise<string> {
  return takeNext(tx, numberingOf(await patternOf(tx, kind), dayOf(now)))
}

export async function numberingView(db: Db, kind: DocumentKind, now: Date): Promise<DocumentNumbering> {
  const pattern = await patternOf(db, kind)
  const numbering = numberingOf(pattern, dayOf(now))
  const row = await db.selectFrom('qualityNumber').select('last').where('scope', '=', seriesOf(numbering)).executeTakeFirst()
  return { kind, pattern, next: numberText(numbering, Number(row?.last ?? 0) + 1) }
}

const PROBLEMS: Record<PatternProblem, string> = {
  'number-missing': 'The number itself is missing: write {####} where it stands.',
  'number-twice': 'The number stands there twice: keep one {####}.',
  'unknown-place': 'In braces there may be {YYYY}, {YY}, {MM} and {####}.',
  'beside-figures': 'Figures directly beside the number would make two numbers look alike: put a dash between them.',
  'too-long': 'The pattern is longer than 40 characters.',
}
/** @throws UserError pattern-invalid */
export function checkPattern(pattern: string): void {
  const problem = patternProblem(pattern)
  if (problem !== undefined) throw new UserError({ code: 'pattern-invalid', message: PROBLEMS[problem], details: { problem } })
}
