/** What a template takes along: what is in it and what it needs, its tests, programs and panels, and secrets that keep it from being made. */
import { Button, Checkbox } from '@mantine/core'
import { KeyRound } from 'lucide-react'
import { CELL } from '../../../server/api/panel-layouts.ts'
import type { FoundSecret } from '../../../server/api/templates/index.ts'
import { useCommonText } from '../../shared/theme.tsx'
import { useHost } from '../host/use-host.ts'
import type { TemplateDraft } from './draft.ts'
import type { Candidate } from './places.ts'
import { useExportText } from './text.ts'
import type { ExportPreview } from './use-export-preview.ts'

export function Contents({ preview, draft, onChange }: { preview: ExportPreview; draft: TemplateDraft; onChange: (changes: Partial<TemplateDraft>) => void }) {
  const text = useExportText()
  const words = text.contents
  const { workspace } = useHost()
  const common = useCommonText()
  const { nodes, nodeTypes, needs, takes, tests, programs, panels } = preview
  const count = nodes.filter(({ type }) => type !== 'tab' && type !== 'subflow' && type !== 'group' && type !== 'comment').length
  const modules = Object.entries(needs.modules)
  const toggle = (list: readonly string[], one: string, isIn: boolean) => (isIn ? list.filter((each) => each !== one) : [...list, one])
  return (
    <>
      <p data-testid="export-contents">
        {words.count(count)} {nodeTypes.map((type) => workspace.types.get(type)?.label ?? type).join(', ')}
      </p>
      <ul className="export-needs">
        <li>{words.takes[takes]}</li>
        {modules.map(([name, version]) => (
          <li key={name}>{words.module(name, version)}</li>
        ))}
        {needs.connectors.map((name) => (
          <li key={name}>{words.connector(name)}</li>
        ))}
      </ul>
      <p className="form-help">{words.credentials}</p>
      {tests.length === 0 ? (
        <p className="form-help">{words.noTests}</p>
      ) : (
        <fieldset className="export-list">
          <legend>{words.tests}</legend>
          {tests.map(({ id, name }) => (
            <Checkbox
              key={id}
              label={name}
              checked={!draft.testsLeft.includes(id)}
              onChange={(event) => onChange({ testsLeft: toggle(draft.testsLeft, id, event.currentTarget.checked) })}
              data-testid="export-test"
            />
          ))}
        </fieldset>
      )}
      {programs.length > 0 && (
        <fieldset className="export-list">
          <legend>{words.programs}</legend>
          {programs.map((name) => (
            <Checkbox
              key={name}
              label={name}
              description={words.programHint}
              checked={!draft.programsLeft.includes(name)}
              onChange={(event) => onChange({ programsLeft: toggle(draft.programsLeft, name, event.currentTarget.checked) })}
            />
          ))}
        </fieldset>
      )}
      {panels.length > 0 && (
        <fieldset className="export-list">
          <legend>{words.panels}</legend>
          {panels.map(({ key, scope: { place, role }, tabs, leftOut, why }) => {
            const where = place === undefined ? words.panelOf.shop : place === CELL ? words.panelOf.cell : place
            const left = leftOut.length ? ` ${words.panelLeftOut(leftOut.join(', '))}` : ''
            return (
              <Checkbox
                key={key}
                label={role === undefined ? where : `${where}, ${common.person.roles[role]}`}
                description={why === undefined ? words.panelTabs(tabs.map(({ name }) => name).join(', ')) + left : words.panelWhy[why]}
                checked={why === undefined && !draft.panelsLeft.includes(key)}
                disabled={why !== undefined}
                onChange={(event) => onChange({ panelsLeft: toggle(draft.panelsLeft, key, event.currentTarget.checked) })}
                data-testid="export-panel"
              />
            )
          })}
        </fieldset>
      )}
    </>
  )
}

export interface SecretsProps {
  secrets: readonly FoundSecret[]
  candidates: readonly Candidate[]
  onAsk: (candidate: Candidate) => void
}

/** Nothing is made while there is one: each with its place and the way out. */
export function Secrets({ secrets, candidates, onAsk }: SecretsProps) {
  const text = useExportText()
  const words = text.secrets
  if (secrets.length === 0) return null
  return (
    <div className="export-secrets" role="alert" data-testid="export-secrets">
      <h3>
        <KeyRound size={16} aria-hidden /> {words.title(secrets.length)}
      </h3>
      <ul>
        {secrets.map(({ where, text: why, nodeId, path }) => {
          const candidate = candidates.find((each) => each.nodeId === nodeId && each.path === path)
          return (
            <li key={`${where} ${why}`}>
              <span>
                <strong>{where}</strong>: {words.why[why as keyof typeof words.why] ?? why}
              </span>
              {candidate && (
                <Button variant="default" size="compact-sm" onClick={() => onAsk(candidate)} data-testid="export-ask-secret">
                  {words.ask}
                </Button>
              )}
            </li>
          )
        })}
      </ul>
      <p>{words.hint}</p>
    </div>
  )
}
