/** What was changed here and in the template, each in another way: a person decides which one stays. */
import { Button, SegmentedControl } from '@mantine/core'
import type { ImportConflict } from '../../../server/api/templates/index.ts'
import { shown } from '../../designer/deploy/property-diff.tsx'
import { useTemplatesText } from '../words.ts'

export type Decisions = Readonly<Record<string, 'ours' | 'theirs'>>

export interface ConflictsProps {
  conflicts: readonly ImportConflict[]
  decisions: Decisions
  onDecide: (decisions: Decisions) => void
}

export function Conflicts({ conflicts, decisions, onDecide }: ConflictsProps) {
  const text = useTemplatesText().wizard
  const all = (side: 'ours' | 'theirs') => onDecide({ ...decisions, ...Object.fromEntries(conflicts.map(({ key }) => [key, side])) })
  return (
    <div className="templates-conflicts" data-testid="conflicts">
      <h3>{text.conflicts}</h3>
      <p className="templates-dim">{text.conflictsHint}</p>
      {conflicts.length > 1 && (
        <div className="templates-actions">
          <Button variant="default" size="xs" onClick={() => all('ours')} data-testid="conflicts-ours">
            {text.oursAll}
          </Button>
          <Button variant="default" size="xs" onClick={() => all('theirs')} data-testid="conflicts-theirs">
            {text.theirsAll}
          </Button>
        </div>
      )}
      <ul>
        {conflicts.map((conflict) => {
          const { key, name, nodeType, property, kind, base } = conflict
          const properties: Readonly<Record<string, string>> = nodeType === 'panel' ? text.panelProperties : {}
          const about = [nodeType === 'panel' ? text.panelWord : nodeType, property && (properties[property] ?? property)]
          return (
            <li key={key} data-open={decisions[key] === undefined || undefined}>
              <p>
                <strong>{name}</strong> <span className="templates-dim">{about.filter(Boolean).join(' · ')}</span>
              </p>
              <dl>
                {kind === 'changed' && (
                  <div>
                    <dt>{text.wasBefore}</dt>
                    <dd>{shown(base) ?? '–'}</dd>
                  </div>
                )}
                <div>
                  <dt>{text.ours}</dt>
                  <dd>{shown(conflict.ours) ?? text.removedWord}</dd>
                </div>
                <div>
                  <dt>{text.theirs}</dt>
                  <dd>{shown(conflict.theirs) ?? text.removedWord}</dd>
                </div>
              </dl>
              <SegmentedControl
                aria-label={`${name} ${property ?? ''}`}
                // none is chosen until a person does
                value={decisions[key] ?? ''}
                onChange={(side) => onDecide({ ...decisions, [key]: side as 'ours' | 'theirs' })}
                data={[
                  { value: 'ours', label: text.ours },
                  { value: 'theirs', label: text.theirs },
                ]}
                data-testid={`conflict-${key}`}
              />
            </li>
          )
        })}
      </ul>
    </div>
  )
}
