/** A document on paper: what its form shows, on what it is based, who decided, and how it came to be. */
import type { DocumentSummary, QualityDocument } from '../../api/index.ts'
import type { ControlPlanRow, DispositionRow, DocumentAction, Evidence } from '../../api/quality/documents/content.ts'
import { FORMS, type Spec } from '../../api/quality/documents/form.ts'
import type { DocumentRevision } from '../../api/quality/documents/routes.ts'
import { de } from '../../api/quality/documents/words/de.ts'
import { en } from '../../api/quality/documents/words/en.ts'
import { type CsvCell, factsTable, type ReportContent, type ReportLanguage, tableOf, wordsOf } from '../reports/index.ts'

export const documentWords = (language: ReportLanguage) => (language === 'de' ? de : en)

export interface DocumentReport {
  document: QualityDocument
  revisions: readonly DocumentRevision[]
  language: ReportLanguage
  /** What machines are called, by id. */
  machines: ReadonlyMap<string, string>
}

export function documentContent({ document, revisions, language, machines }: DocumentReport): ReportContent[] {
  const text = documentWords(language)
  const { formats } = wordsOf(language)
  const { report, rows: words } = text
  const content = document.content as Record<string, unknown>
  const day = (value: unknown) => (typeof value === 'string' && value !== '' ? formats.date(new Date(`${value}T12:00:00`)) : '')
  const heading = (said: string): ReportContent => ({ text: said, style: 'heading' })
  const machineName = (id: unknown) => (typeof id === 'string' ? (machines.get(id) ?? id) : undefined)

  const short = ({ field, as }: Spec): string | undefined => {
    const value = content[field]
    if (value === undefined || value === '') return undefined
    if (as === 'day') return day(value)
    if (as === 'machine') return machineName(value)
    if (as === 'choice') return (text.choices as Readonly<Record<string, string>>)[String(value)] ?? String(value)
    return String(value)
  }
  const actions = (list: readonly DocumentAction[]) =>
    tableOf(
      [words.what, words.owner, words.dueOn, words.doneOn, words.result],
      list.map(({ what, owner, dueOn, doneOn, result }) => [what, owner ?? '', day(dueOn), day(doneOn), result ?? '']),
      ['*', 'auto', 'auto', 'auto', '*'],
    )
  const dispositions = (list: readonly DispositionRow[]) =>
    tableOf(
      [words.what, words.quantity, words.instruction],
      list.map(({ what, quantity, instruction }) => [text.choices[what], formats.integer(quantity), instruction ?? '']),
      ['auto', 'auto', '*'],
    )
  const team = (list: readonly { name: string; role?: string }[]) =>
    tableOf(
      [words.name, words.role],
      list.map(({ name, role }) => [name, role ?? '']),
      ['*', '*'],
    )
  const PLAN = [
    'operation',
    'process',
    'characteristic',
    'special',
    'specification',
    'evaluation',
    'sample',
    'frequency',
    'control',
    'reaction',
    'owner',
  ] as const
  const planRows = (list: readonly ControlPlanRow[]) =>
    tableOf(
      PLAN.map((field) => text.plan[field]),
      list.map((row) => PLAN.map((field) => (field === 'process' ? [row.process, machineName(row.machineId)].filter(Boolean).join(', ') : (row[field] ?? '')))),
      PLAN.map((field) => (field === 'reaction' || field === 'characteristic' || field === 'control' ? '*' : 'auto')),
    )
  const long = ({ field, as }: Spec): ReportContent[] => {
    const label: ReportContent = { text: text.fields[field], style: 'label' }
    const value = content[field]
    const list = (Array.isArray(value) ? value : []) as never
    if (as === 'area') return value ? [label, { text: String(value), margin: [0, 0, 0, 6] }] : []
    if (as === 'lines')
      return (list as string[]).length ? [label, { text: (list as string[]).join(field === 'serials' ? ', ' : '\n'), margin: [0, 0, 0, 6] }] : []
    if ((list as unknown[]).length === 0) return []
    if (as === 'actions') return [label, actions(list)]
    if (as === 'dispositions') return [label, dispositions(list)]
    if (as === 'team') return [team(list)]
    return as === 'rows' ? [planRows(list)] : []
  }
  const parts = FORMS[document.kind].flatMap(({ id, rows }): ReportContent[] => {
    const specs = rows.flat().filter(({ field }) => field !== 'title')
    const facts = specs.map((spec) => [text.fields[spec.field], LONG.has(spec.as) ? undefined : short(spec)] as const)
    const said: ReportContent[] = [...(facts.some(([, value]) => value) ? [factsTable(facts)] : []), ...specs.filter(({ as }) => LONG.has(as)).flatMap(long)]
    return said.length ? [heading(text.sections[id]), ...said] : []
  })
  const links = (content.links ?? []) as readonly Evidence[]
  return [
    factsTable([
      [report.number, document.number],
      [report.state, text.states[document.state]],
      [report.revision, String(document.revision)],
      [report.opened, `${document.openedBy}, ${formats.dateTime(new Date(document.openedAt))}`],
      [report.issue, document.releases > 0 ? String(document.releases) : undefined],
    ]),
    ...parts,
    heading(report.evidence),
    links.length
      ? tableOf(
          [report.kind, report.shows, report.id],
          links.map(({ kind, id, text: shows }) => [text.evidence[kind], shows, id]),
          ['auto', '*', 'auto'],
        )
      : { text: report.none, style: 'note' },
    ...(document.followed.length
      ? [
          heading(report.followed),
          tableOf(
            [report.number, report.what, report.state],
            document.followed.map(({ number, title, state }) => [number, title, text.states[state]]),
            ['auto', '*', 'auto'],
          ),
        ]
      : []),
    heading(report.decisions),
    document.decisions.length
      ? tableOf(
          [report.decision, report.by, report.at, report.revision, report.why],
          document.decisions.map(({ isYes, by, at, revision, reason }) => [
            isYes ? report.approved : report.refused,
            by,
            formats.dateTime(new Date(at)),
            String(revision),
            reason ?? '',
          ]),
          ['auto', 'auto', 'auto', 'auto', '*'],
        )
      : { text: report.none, style: 'note' },
    heading(report.history),
    tableOf(
      [report.revision, report.what, report.by, report.at, report.state, report.why],
      revisions.map(({ revision, act, by, at, state, reason }) => [
        String(revision),
        act === 'open' ? report.openedIt : act === 'save' ? report.written : text.moves[act],
        by,
        formats.dateTime(new Date(at)),
        text.states[state],
        reason ?? '',
      ]),
      ['auto', 'auto', 'auto', 'auto', 'auto', '*'],
    ),
  ]
}

const LONG: ReadonlySet<Spec['as']> = new Set(['area', 'lines', 'actions', 'dispositions', 'team', 'rows'])

/** A list of documents for spreadsheets and programs. */
export function* listRows(documents: Iterable<DocumentSummary>): Generator<readonly CsvCell[]> {
  yield [
    'number',
    'kind',
    'state',
    'title',
    'part',
    'machine',
    'severity',
    'quantity',
    'owner',
    'due',
    'overdue',
    'opened by',
    'opened at',
    'changed at',
    'revision',
  ]
  for (const one of documents)
    yield [
      one.number,
      one.kind,
      one.state,
      one.title,
      one.part,
      one.machineId,
      one.severity,
      one.quantity,
      one.owner,
      one.dueOn,
      one.isOverdue,
      one.openedBy,
      one.openedAt,
      one.changedAt,
      one.revision,
    ]
}
