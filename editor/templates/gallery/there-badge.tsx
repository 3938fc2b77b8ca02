/** Whether what a template needs is here: word, shape and colour. */
import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { TemplateNeed } from '../../../server/api/templates/index.ts'
import { useTemplatesText } from '../words.ts'

export function ThereBadge({ needs, isMissing }: { needs: readonly TemplateNeed[]; isMissing: boolean }) {
  const text = useTemplatesText()
  const missing = needs.filter(({ isThere }) => isThere === 'no')
  const isForOthers = missing.length > 0 && missing.every(({ kind }) => kind === 'capability')
  const isSure = needs.every(({ isThere }) => isThere === 'yes')
  const Icon = isMissing ? TriangleAlert : CircleCheck
  return (
    <span className="templates-badge" data-state={isMissing ? 'missing' : 'there'}>
      <Icon size={14} aria-hidden /> {isForOthers ? text.forOthers : isMissing ? text.missing(missing.length) : isSure ? text.allThere : text.allThereChoose}
    </span>
  )
}
