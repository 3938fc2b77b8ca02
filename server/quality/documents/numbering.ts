/** The patterns of numbers as a shop sets them: each change is a version, which can be put back. */
import { DOCUMENT_KINDS, type DocumentKind, type DocumentNumbering, listDocumentNumbering, setDocumentNumbering } from '../../api/index.ts'
import type { Audit } from '../../audit/contract.ts'
import type { Caller } from '../../auth/caller.ts'
import { handle, type RouteHandler } from '../../http/handler.ts'
import type { Store } from '../../store/index.ts'
import { type KeptVersions, requireContent } from '../../versions/index.ts'
import { checkPattern, numberingView, patternOf } from './numbers.ts'

export function createNumbering(deps: { db: Store['db']; audit: Audit; versions: Pick<KeptVersions, 'keep' | 'own'>; clock: () => Date }): {
  routes: RouteHandler[]
} {
  const { db, audit, versions, clock } = deps
  const setPatterns = async (patterns: Readonly<Partial<Record<DocumentKind, string>>>, caller: Caller, reason: string | undefined, restoredFrom?: string) => {
    for (const pattern of Object.values(patterns)) checkPattern(pattern)
    await db.transaction().execute(async (tx) => {
      for (const [kind, pattern] of Object.entries(patterns) as [DocumentKind, string][])
        await tx
          .insertInto('qualityNumbering')
          .values({ kind, pattern })
          .onConflict((conflict) => conflict.column('kind').doUpdateSet({ pattern }))
          .execute()
      const content = Object.fromEntries(await Promise.all(DOCUMENT_KINDS.map(async (kind) => [kind, await patternOf(tx, kind)] as const)))
      await versions.keep(tx, {
        kind: 'setting',
        subject: 'quality-numbering',
        title: 'Numbers of documents of quality',
        content,
        author: caller,
        reason,
        ...(restoredFrom === undefined ? {} : { restoredFrom }),
      })
    })
    audit.record({ caller, action: 'quality-document.numbering', detail: { patterns, reason } })
  }
  versions.own(
    { kind: 'setting', subject: 'quality-numbering' },
    {
      sees: 'quality.view',
      changes: 'quality.edit',
      restore: ({ caller, version, reason }) => setPatterns(requireContent(version) as Partial<Record<DocumentKind, string>>, caller, reason, version.id),
    },
  )
  return {
    routes: [
      handle(listDocumentNumbering, () => Promise.all(DOCUMENT_KINDS.map((kind) => numberingView(db, kind, clock())))),
      handle(setDocumentNumbering, async ({ params: { kind }, body: { pattern, reason }, caller }): Promise<DocumentNumbering> => {
        await setPatterns({ [kind]: pattern }, caller, reason)
        return numberingView(db, kind, clock())
      }),
    ],
  }
}
