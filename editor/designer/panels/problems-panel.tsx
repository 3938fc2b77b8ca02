/** What is wrong, in words; a click leads to where it is. */
import { Button } from '@mantine/core'
import { CircleCheck, Info, TriangleAlert } from 'lucide-react'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { findingWords, useFindingText } from '../deploy/finding-words.ts'
import { useDeployText } from '../deploy/text.ts'
import { onShownPlace } from '../deploy/title-of.ts'
import { kindOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { useDesignerText } from '../text.ts'
import { useSession } from '../use-session.ts'
import { useWorkspace } from '../use-workspace.ts'
import { Panel } from './panel.tsx'

export function ProblemsPanel({ onClose, onOpen }: { onClose: () => void; onOpen: (id: string) => void }) {
  const text = useDesignerText()
  const words = useDeployText().problems
  const findings = useFindingText()
  const session = useSession()
  const format = formats(useLanguage())
  const workspace = useWorkspace('problems', 'model', 'types')
  const { model, types } = workspace
  const nameOf = (id: string) => {
    const node = model.get(id)
    if (!node) return id
    return kindOf(node) === 'tab' ? textOf(node, 'label') : labelOf(node, types.get(node.type))
  }
  const whereOf = (id: string) => {
    const tab = model.get(String(model.get(id)?.z ?? ''))
    return tab ? textOf(tab, 'label') || textOf(tab, 'name') : ''
  }
  const advice = (session.lastCheck?.advice ?? []).filter(({ nodeId }) => model.get(nodeId) !== undefined)
  const go = (id: string) => {
    workspace.reveal(id)
    onOpen(id)
  }
  /** Selects everything that a hint is about. */
  const goAlong = (id: string, way: readonly string[]) => {
    workspace.reveal(id)
    workspace.select(onShownPlace(workspace, way))
  }
  return (
    <Panel title={text.problems.title} onClose={onClose}>
      <div className="problems-check">
        <Button
          variant="default"
          size="compact-sm"
          loading={session.deploy.is === 'checking'}
          disabled={session.load.is !== 'loaded'}
          onClick={() => void session.check()}
          data-testid="problems-check"
        >
          {words.check}
        </Button>
        {session.lastCheck && <span role="status">{words.checkedAt(format.time(session.lastCheck.at))}</span>}
      </div>
      {workspace.problems.size === 0 ? (
        <div className="panel-empty">
          <CircleCheck size={28} aria-hidden />
          <strong>{text.problems.none}</strong>
          <span>{text.problems.noneText}</span>
        </div>
      ) : (
        <ul className="problem-list" data-testid="problem-list">
          {[...workspace.problems].map(([id, list]) => (
            <li key={id}>
              <button type="button" onClick={() => go(id)} disabled={!model.get(id)} data-testid={`problem-${id || 'general'}`}>
                <TriangleAlert size={16} aria-hidden />
                <span>
                  <strong>{id ? nameOf(id) : text.problems.general}</strong>
                  {id && whereOf(id) && <em>{whereOf(id)}</em>}
                  {list.map((problem) => (
                    <span key={`${problem.property}${problem.message}`}>{problem.message}</span>
                  ))}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      {advice.length > 0 && (
        <>
          <h3 className="problems-hints">{words.hints}</h3>
          <ul className="problem-list" data-testid="hint-list">
            {advice.map(({ nodeId, message, about, way, ...more }) => (
              <li key={`${about} ${nodeId} ${message}`}>
                <button type="button" onClick={() => (way ? goAlong(nodeId, way) : go(nodeId))} data-about={about} data-testid={`hint-${nodeId}`}>
                  {about === 'motion' ? <TriangleAlert size={16} aria-hidden /> : <Info size={16} aria-hidden />}
                  <span>
                    <strong>{nameOf(nodeId)}</strong>
                    {whereOf(nodeId) && <em>{whereOf(nodeId)}</em>}
                    <span>{findingWords(findings, { message, ...more })}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  )
}
