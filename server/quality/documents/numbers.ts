/**
 * Numbers of documents. The number is counted up in the transaction that opens the document: the row of its scope is locked until that
 * commits, so that there is no gap when it fails, and nobody gets the same one.
 */
import type { Transaction } from 'kysely'
import { UserError } from '../../../base/errors.ts'
import type { DocumentKind, DocumentNumbering } from '../../api/index.ts'
import { type Numbering, numberingOf, numberText, type PatternProblem, patternProblem } from '../../api/quality/documents/numbering.ts'
import type { Database } from '../../store/index.ts'
import type { Db } from '../contract.ts'

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

const scopeOf = ({ before, after }: Numbering) => `${before}\n${after}`

export async function patternOf(db: Db, kind: DocumentKind): Promise<string> {
  const row = await db.selectFrom('qualityNumbering').select('pattern').where('kind', '=', kind).executeTakeFirst()
  return row?.pattern ?? DEFAULTS[kind]
}

export async function takeNumber(tx: Transaction<Database>, kind: DocumentKind, now: Date): Promise<string> {
  const numbering = numberingOf(await patternOf(tx, kind), dayOf(now))
  const { last } = await tx
    .insertInto('qualityNumber')
    .values({ scope: scopeOf(numbering), last: 1 })
    .onConflict((conflict) => conflict.column('scope').doUpdateSet((e) => ({ last: e('qualityNumber.last', '+', 1) })))
    .returning('last')
    .executeTakeFirstOrThrow()
  return numberText(numbering, Number(last))
}

export async function numberingView(db: Db, kind: DocumentKind, now: Date): Promise<DocumentNumbering> {
  const pattern = await patternOf(db, kind)
  const numbering = numberingOf(pattern, dayOf(now))
  const row = await db.selectFrom('qualityNumber').select('last').where('scope', '=', scopeOf(numbering)).executeTakeFirst()
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
