/** What was imported here: its version, what was changed since, updates, and removing it as a whole. */
import { Button } from '@mantine/core'
import { ArrowUpCircle, CircleCheck, CircleDashed, PencilLine } from 'lucide-react'
import { useState } from 'react'
import type { Me } from '../../../server/api/people.ts'
import type { Template, TemplateImport } from '../../../server/api/templates/index.ts'
import { may } from '../../shared/me.ts'
import { formats, useLanguage } from '../../shared/text/index.ts'
import { inLanguage, useTemplatesText } from '../words.ts'
import { RemoveDialog } from './remove-dialog.tsx'

const ICONS = { deployed: CircleCheck, draft: PencilLine, gone: CircleDashed } as const

export interface ImportedProps {
  imports: readonly TemplateImport[]
  templates: readonly Template[]
  me: Me | undefined
  onChanged: () => void
}

export function Imported({ imports, templates, me, onChanged }: ImportedProps) {
  const text = useTemplatesText()
  const [removing, setRemoving] = useState<TemplateImport>()
  if (imports.length === 0)
    return (
      <div className="templates-empty" data-testid="imported-empty">
        <h2>{text.imported.empty}</h2>
        <p>{text.imported.emptyText}</p>
        <Button component="a" variant="default" href="#">
          {text.imported.toGallery}
        </Button>
      </div>
    )
  return (
    <>
      <ul className="templates-imports" data-testid="imported">
        {imports.map((each) => (
          <Line
            key={each.id}
            one={each}
            template={templates.find(({ id }) => id === each.templateId)}
            mayChange={may(me, 'flows.deploy')}
            onRemove={() => setRemoving(each)}
          />
        ))}
      </ul>
      {removing && (
        <RemoveDialog
          one={removing}
          onClose={() => setRemoving(undefined)}
          onRemoved={() => {
            setRemoving(undefined)
            onChanged()
          }}
        />
      )}
    </>
  )
}

function Line({ one, template, mayChange, onRemove }: { one: TemplateImport; template: Template | undefined; mayChange: boolean; onRemove: () => void }) {
  const text = useTemplatesText()
  const words = text.imported
  const language = useLanguage()
  const Icon = ICONS[one.state]
  const tab = one.tabs[0]
  const change = `#imported/${encodeURIComponent(one.id)}`
  return (
    <li data-testid={`imported-${one.templateId}`}>
      <div className="templates-import-what">
        <h2>{one.name}</h2>
        <p className="templates-dim">
          {words.from(template ? inLanguage(template, language).name : one.templateId, one.version)} · {words.at(formats(language).dateTime(one.at), one.by)}
        </p>
        <p className="templates-import-facts">
          <span className="templates-badge" data-state={one.state === 'deployed' ? 'plain' : 'missing'} data-testid="import-state">
            <Icon size={14} aria-hidden /> {words.states[one.state]}
          </span>
          {one.state === 'deployed' && <span>{one.changedHere === 0 ? words.unchanged : words.changed(one.changedHere)}</span>}
          {one.tests > 0 && <span>{text.testsCount(one.tests)}</span>}
          {one.newVersion !== undefined && (
            <span className="templates-badge" data-state="update">
              <ArrowUpCircle size={14} aria-hidden /> {words.updateThere(one.newVersion)}
            </span>
          )}
        </p>
      </div>
      <div className="templates-actions">
        {one.state !== 'gone' && (
          <Button component="a" variant="default" href={tab ? `/#flow/${encodeURIComponent(tab.id)}` : '/'}>
            {words.open}
          </Button>
        )}
        {mayChange && template && one.state === 'deployed' && (
          <Button component="a" variant={one.newVersion === undefined ? 'default' : 'filled'} href={change} data-testid="update">
            {one.newVersion === undefined ? words.change : words.update(one.newVersion)}
          </Button>
        )}
        {mayChange && (
          <Button variant="subtle" color="red" onClick={onRemove} data-testid="remove">
            {words.remove}
          </Button>
        )}
      </div>
    </li>
  )
}
