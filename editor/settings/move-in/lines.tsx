/** Lines of the report: what is dangerous first, each with what to do next. */
import { CircleCheck, Info, OctagonAlert, Wrench } from 'lucide-react'
import type { MoveInLine } from '../../../server/api/move-in.ts'
import { useLineWords, useMoveInText } from './words.ts'

const ICONS = { danger: OctagonAlert, todo: Wrench, note: Info, good: CircleCheck }
const ORDER = ['danger', 'todo', 'note', 'good'] as const

export function Lines({ lines }: { lines: readonly MoveInLine[] }) {
  const text = useMoveInText()
  const words = useLineWords()
  const sorted = lines.toSorted((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level))
  return (
    <ul className="move-in-lines">
      {sorted.map((line) => {
        const Icon = ICONS[line.level]
        const { says, next } = words(line)
        return (
          <li key={`${line.code} ${JSON.stringify(line.params)}`} data-level={line.level} data-testid={`line-${line.code}`}>
            <Icon size={16} aria-hidden />
            <div>
              {line.level !== 'note' && <strong>{text.levels[line.level]}: </strong>}
              {says}
              {next !== undefined && <p>{next}</p>}
            </div>
          </li>
        )
      })}
    </ul>
  )
}

/** How much there is to do, in a few words. */
export function LineCount({ lines }: { lines: readonly MoveInLine[] }) {
  const text = useMoveInText()
  const count = (level: MoveInLine['level']) => lines.filter((line) => line.level === level).length
  const [dangers, todos] = [count('danger'), count('todo')]
  if (!dangers && !todos) return <span className="settings-dim">{text.allWell}</span>
  return (
    <span className="move-in-count">
      {dangers > 0 && (
        <span data-level="danger">
          <OctagonAlert size={14} aria-hidden /> {text.count.danger(String(dangers))}
        </span>
      )}
      {todos > 0 && (
        <span data-level="todo">
          <Wrench size={14} aria-hidden /> {text.count.todo(String(todos))}
        </span>
      )}
    </span>
  )
}
