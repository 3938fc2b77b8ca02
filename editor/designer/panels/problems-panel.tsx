/** What is wrong, in words; a click leads to where it is. */
import { CircleCheck, TriangleAlert } from 'lucide-react'
import type { FlowProblem } from '../../../server/api/flows.ts'
import { kindOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { Panel } from './panel.tsx'

export function ProblemsPanel({ onClose, onOpen }: { onClose: () => void; onOpen: (id: string) => void }) {
  const text = useDesignerText()
  const workspace = useWorkspace('problems', 'model', 'types')
  const { model, types } = workspace
  const all = [...workspace.problems.values()].flat()
  const nameOf = (id: string) => {
    const node = model.get(id)
    if (!node) return id
    return kindOf(node) === 'tab' ? textOf(node, 'label') : labelOf(node, types.get(node.type))
  }
  const whereOf = (id: string) => {
    const tab = model.get(String(model.get(id)?.['z'] ?? ''))
    return tab ? textOf(tab, 'label') || textOf(tab, 'name') : ''
  }
  const go = (problem: FlowProblem) => {
    const id = problem.nodeId
    if (id === undefined || !model.get(id)) return
    workspace.reveal(id)
    onOpen(id)
  }
  return (
    <Panel title={text.problems.title} onClose={onClose}>
      {all.length === 0 ? (
        <div className="panel-empty">
          <CircleCheck size={28} aria-hidden />
          <strong>{text.problems.none}</strong>
          <span>{text.problems.noneText}</span>
        </div>
      ) : (
        <ul className="problem-list" data-testid="problem-list">
          {all.map((problem) => (
            <li key={`${problem.nodeId}${problem.property}${problem.message}`}>
              <button
                type="button"
                onClick={() => go(problem)}
                disabled={!problem.nodeId || !model.get(problem.nodeId)}
                data-testid={`problem-${problem.nodeId ?? 'general'}`}
              >
                <TriangleAlert size={16} aria-hidden />
                <span>
                  <strong>{problem.nodeId ? nameOf(problem.nodeId) : text.problems.general}</strong>
                  {problem.nodeId && <em>{whereOf(problem.nodeId)}</em>}
                  <span>{problem.message}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
