/** The verification report as figures and as a file. */
import type { Figure, ReferenceSet, ReferenceSubject } from '../../../nodes/quality/engine/reference/index.ts'

export interface SubjectReport {
  subject: ReferenceSubject
  sets: readonly ReferenceSet[]
}

export function counts(reports: readonly SubjectReport[]): { figures: number; differing: number } {
  const all = reports.flatMap(({ sets }) => sets.flatMap(({ figures }) => figures))
  return { figures: all.length, differing: all.filter(({ isWithin }) => !isWithin).length }
}

/** As many digits as the published figure has, and some more where that would hide a difference. */
export function shownAs({ published, ours, isWithin }: Figure): string {
  if (!Number.isFinite(ours)) return String(ours)
  const digits = published
    .replace(/e.*$/i, '')
    .replace(/^[^1-9]*/, '')
    .replace('.', '').length
  const precision = Math.min(15, Math.max(1, digits) + (isWithin ? 1 : 6))
  return String(Number(ours.toPrecision(precision)))
}

const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** One row a figure, with a header row; numbers in full. */
export function csvOf(reports: readonly SubjectReport[], made: { at: string; version?: string | undefined }): string {
  const head = ['subject', 'set', 'source', 'values', 'figure', 'published', 'ours', 'difference', 'may differ by', 'agrees', 'note', 'calculated', 'product']
  const rows = reports.flatMap(({ subject, sets }) =>
    sets.flatMap(({ title, source, size, figures }) =>
      figures.map(({ quantity, published, ours, tolerance, isWithin, note }) => [
        subject,
        title,
        source,
        String(size),
        quantity,
        published,
        String(ours),
        String(ours - Number(published)),
        String(tolerance),
        isWithin ? 'yes' : 'no',
        note ?? '',
        made.at,
        made.version ?? '',
      ]),
    ),
  )
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('')
}
