/** The state of a document as word, shape and colour: what waits for a person stands out. */
import { CircleCheck, CircleDot, CircleSlash, UserCheck } from 'lucide-react'
import type { DocumentKind } from '../../../server/api/quality/documents/content.ts'
import { type DocumentState, isFinal, movesFrom } from '../../../server/api/quality/documents/workflow.ts'
import { useDocumentsText } from './use-documents-text.ts'

export function StateOf({ kind, state }: { kind: DocumentKind; state: DocumentState }) {
  const text = useDocumentsText()
  const waits = movesFrom(kind, state).some(([, { sense }]) => sense === 'yes')
  const isGood = state === 'closed' || state === 'released'
  const Icon = waits ? UserCheck : isGood ? CircleCheck : isFinal(kind, state) ? CircleSlash : CircleDot
  return (
    <span className="quality-pill" data-state={waits ? 'action' : isGood ? 'good' : undefined}>
      <Icon size={14} aria-hidden />
      {text.states[state]}
    </span>
  )
}
