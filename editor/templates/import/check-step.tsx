/** What stands against an import, and what a person should know before it. */
import { Checkbox } from '@mantine/core'
import { CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { FlowNode } from '../../../server/api/flows.ts'
import type { ImportPreview, TemplateNeed } from '../../../server/api/templates/index.ts'
import { useFindingText } from '../../designer/deploy/finding-words.ts'
import { NeedsList } from '../detail/needs-list.tsx'
import { panelWords, problemWords, type TemplatesText, useTemplatesText } from '../words.ts'
import type { Decisions } from './conflicts.tsx'

/** What a deploy would refuse without; what a machine can do is a person's matter. */
const stops = ({ kind, isThere }: TemplateNeed) => isThere === 'no' && kind !== 'machine' && kind !== 'connector'

/** How many things are to be done before it can be imported. */
function openThings({ needs, problems, programs, conflicts }: ImportPreview, withoutPrograms: boolean, decisions: Decisions): number {
  const inTheWay = withoutPrograms ? [] : programs.filter(({ state }) => state === 'other-content' || state === 'not-allowed')
  const undecided = conflicts.filter(({ key }) => decisions[key] === undefined)
  return needs.filter(stops).length + problems.length + inTheWay.length + undecided.length
}

export interface CheckStepProps {
  preview: ImportPreview
  /** What runs now. */
  before: readonly FlowNode[]
  /** Something in the form is wrong or missing. */
  isFormWrong: boolean
  /** It is of something else than what stands in the form. */
  isLooking: boolean
  withoutPrograms: boolean
  withoutPanels: boolean
  decisions: Decisions
  onWithoutPrograms: (isOn: boolean) => void
  onWithoutPanels: (isOn: boolean) => void
}

export function CheckStep({
  preview,
  before,
  isFormWrong,
  isLooking,
  withoutPrograms,
  withoutPanels,
  decisions,
  onWithoutPrograms,
  onWithoutPanels,
}: CheckStepProps) {
  const text = useTemplatesText()
  const words = text.wizard
  const findings = useFindingText()
  const { needs, problems, advice, programs, panels, changes, parameterProblems } = preview
  const nameOf = (id: string | undefined): string => {
    const node = [...(changes.put as FlowNode[]), ...before].find((each) => each.id === id)
    return node ? String(node.name || node.label || node.type) : ''
  }
  const isBlocked = programs.some(({ state }) => state === 'other-content' || state === 'not-allowed')
  const count = openThings(preview, withoutPrograms, decisions)
  const isWrong = isFormWrong || parameterProblems.length > 0
  return (
    <div className="templates-check" data-testid="import-check">
      {isWrong && (
        <p className="templates-line" data-state="missing">
          <TriangleAlert size={16} aria-hidden /> {words.fillFirst}
        </p>
      )}
      {count > 0 ? (
        <p className="templates-line" data-state="missing">
          <TriangleAlert size={16} aria-hidden /> {words.notReady(count)}
        </p>
      ) : (
        !isWrong &&
        !isLooking &&
        preview.isReady && (
          <p className="templates-line" data-state="there" data-testid="import-ready">
            <CircleCheck size={16} aria-hidden /> {words.ready}
          </p>
        )
      )}
      {needs.length > 0 && <NeedsList needs={needs} />}
      {problems.length > 0 && (
        <ul className="templates-needs">
          {problems.map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same may be found twice
            <li key={`${problem.nodeId ?? ''} ${index}`} data-there="no">
              <TriangleAlert size={16} aria-hidden />
              <span>
                <strong>{nameOf(problem.nodeId) || words.problem}</strong>
                <span className="templates-dim">{problemWords(findings, problem)}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {programs.length > 0 && (
        <>
          <h3>{words.programs}</h3>
          <ul className="templates-lines">
            {programs.map(({ name, state }) => (
              <li key={name} data-state={state}>
                {name}: {words.programStates[state]}
              </li>
            ))}
          </ul>
        </>
      )}
      {(isBlocked || withoutPrograms) && (
        <Checkbox
          label={words.withoutPrograms}
          checked={withoutPrograms}
          onChange={(event) => onWithoutPrograms(event.currentTarget.checked)}
          data-testid="without-programs"
        />
      )}
      {panels.length > 0 && (
        <>
          <h3>{words.panels}</h3>
          <ul className="templates-lines" data-testid="import-panels">
            {panels.map((panel) => (
              <li key={panel.name} data-state={panel.state}>
                <PanelLine panel={panel} text={text} />
              </li>
            ))}
          </ul>
          <Checkbox
            label={words.withoutPanels}
            checked={withoutPanels}
            onChange={(event) => onWithoutPanels(event.currentTarget.checked)}
            data-testid="without-panels"
          />
        </>
      )}
      {advice.length > 0 && (
        <>
          <h3>{words.advice}</h3>
          <ul className="templates-needs">
            {advice.map((one) => (
              <li key={`${one.about} ${one.nodeId}`} data-there="unknown">
                <Info size={16} aria-hidden />
                <span>
                  <strong>{nameOf(one.nodeId)}</strong> <span className="templates-dim">{problemWords(findings, one)}</span>
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function PanelLine({ panel: { name, scope, state, tabs, hiddenFrom }, text }: { panel: ImportPreview['panels'][number]; text: TemplatesText }) {
  const words = text.wizard
  const roles: Readonly<Record<string, string>> = text.panelOf.roles
  return (
    <>
      {scope ? panelWords(scope, text) : name}: {words.panelStates[state]}
      <span className="templates-dim">
        {tabs.length > 0 && ` ${words.panelTabs(tabs.map((tab) => tab.name).join(', '))}`}
        {hiddenFrom.length > 0 && ` ${words.panelHidden(hiddenFrom.map((role) => roles[role] ?? role).join(', '))}`}
      </span>
    </>
  )
}
