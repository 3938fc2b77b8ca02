/** What is needed against what is here, one line each, with the way to what is missing. */
import { CircleCheck, CircleHelp, TriangleAlert } from 'lucide-react'
import type { TemplateNeed } from '../../../server/api/templates/index.ts'
import { useChoices } from '../../designer/config/lists.ts'
import { useConnectors } from '../../shared/connections/use-connectors.ts'
import { needWords, useTemplatesText } from '../words.ts'

const ICONS = { yes: CircleCheck, no: TriangleAlert, unknown: CircleHelp } as const

export function NeedsList({ needs }: { needs: readonly TemplateNeed[] }) {
  const text = useTemplatesText()
  const { connectors } = useConnectors()
  const { choices: machines } = useChoices('machine')
  const names = {
    connector: (id: string) => connectors?.find((each) => each.id === id)?.label ?? id,
    machine: (id: string) => machines?.find((each) => each.id === id)?.name ?? id,
  }
  const words = { yes: text.there, no: text.notThere, unknown: text.notKnown }
  return (
    <ul className="templates-needs">
      {needs.map((need) => {
        const Icon = ICONS[need.isThere]
        const [what, how] = needWords(text, need, names)
        return (
          <li key={`${need.kind} ${need.name} ${need.machineId ?? ''}`} data-there={need.isThere} data-testid={`need-${need.name}`}>
            <Icon size={16} aria-hidden />
            <span>
              <strong>{what}</strong> <em>{words[need.isThere]}</em>
              {how && <span className="templates-dim">{how}</span>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}
