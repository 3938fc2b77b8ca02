/** The settings of what is being edited: a node, config node, tab, group or subflow. */
import { Button, Tabs } from '@mantine/core'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { may, useMe } from '../../shared/me.ts'
import { change } from '../model/commands.ts'
import { type FlowNode, kindOf, subflowOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { useFocusOnOpen } from '../panels/use-focus.ts'
import { hasStockDialog } from '../stock/index.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { ReadOnlyContext } from './code/code-editor.tsx'
import { EnvEditor } from './env/env-editor.tsx'
import { FormHead } from './form-head.tsx'
import { Appearance } from './object/appearance.tsx'
import { Notes } from './object/notes.tsx'
import { FieldTargetContext, fieldTargets } from './sample/field-target.ts'
import { EditedNodeContext, useSample } from './sample/use-sample.ts'
import { SettingsTab } from './settings-tab.tsx'
import { StockForm } from './stock-form.tsx'
import { useConfigText } from './text.ts'
import { useDraft } from './use-draft.tsx'
import { useWrong } from './use-wrong.ts'

export interface ConfigPanelProps {
  /** What is edited; the last is shown, those before it are gone back to. */
  path: readonly string[]
  onOpen: (id: string) => void
  onBack: () => void
  onClose: () => void
}

export function ConfigPanel({ path, onOpen, onBack, onClose }: ConfigPanelProps) {
  const { model } = useWorkspace('model')
  const id = path.at(-1)
  const node = id === undefined ? undefined : model.get(id)
  // undone or removed while it was open
  useEffect(() => {
    if (id !== undefined && !node) onClose()
  }, [id, node, onClose])
  if (!node) return null
  const hasBack = path.length > 1
  return <AnyForm key={node.id} node={node} hasBack={hasBack} onOpen={onOpen} onLeave={hasBack ? onBack : onClose} onClose={onClose} />
}

interface AnyFormProps {
  node: FlowNode
  hasBack: boolean
  onOpen: (id: string) => void
  onLeave: () => void
  onClose: () => void
}

/** Our own form, or the one that the node's module brings. */
function AnyForm(props: AnyFormProps) {
  const workspace = useWorkspace('types')
  const [isPlain, setPlain] = useState(false)
  // the environment of every flow is edited as that of a tab
  if (hasStockDialog(workspace, props.node) && props.node.type !== 'global-config' && !isPlain) return <StockForm {...props} onPlain={() => setPlain(true)} />
  return <NodeForm {...props} />
}

type TabName = 'settings' | 'environment' | 'appearance' | 'notes'

function tabsOf(node: FlowNode): TabName[] {
  switch (kindOf(node)) {
    case 'tab':
    case 'group':
      return ['settings', 'environment', 'notes']
    case 'subflow':
      return ['settings', 'environment', 'appearance', 'notes']
    case 'config':
      return node.type === 'global-config' ? ['environment'] : ['settings', 'notes']
    case 'junction':
      return ['settings']
    case 'node':
      return ['settings', 'appearance', 'notes']
  }
}

function NodeForm({ node, hasBack, onOpen, onLeave, onClose }: AnyFormProps) {
  const text = useDesignerText()
  const more = useConfigText()
  const root = useFocusOnOpen<HTMLFormElement>()
  const workspace = useWorkspace('model', 'types')
  const { model, types } = workspace
  const { me } = useMe()
  const type = types.get(node.type)
  const subflow = subflowOf(node)
  const definition = subflow === undefined ? undefined : model.get(subflow)
  const nameOf = (values: FlowNode) =>
    node.type === 'global-config' ? more.globalName : kindOf(node) === 'tab' ? textOf(values, 'label') : labelOf(values, type, definition)
  const draft = useDraft(node, nameOf(node))
  const { values, set } = draft
  const edited = useSample(node)
  const wrong = useWrong(node, type, values)
  const place = typeof node.z === 'string' ? model.get(node.z) : undefined
  const isLocked = place?.locked === true
  // until it is known who this is, the form is as for most: it takes the focus when it opens
  const mayChange = me === undefined || may(me, 'flows.deploy')
  const isReadOnly = isLocked || !mayChange
  const tabs = useMemo(() => tabsOf(node), [node])
  const label = nameOf(values)
  const [targets] = useState(fieldTargets)
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined)

  const done = () => {
    draft.apply()
    onLeave()
  }
  const discard = () => {
    draft.discard()
    onLeave()
  }
  const show = (id: string) => {
    draft.apply()
    onClose()
    workspace.reveal(id)
  }
  const common = { node, values, onChange: set }
  const env = { ...common, secrets: draft.secrets, onSecret: (name: string, value: string | undefined) => draft.setSecrets({ [name]: value }), isReadOnly }
  const fields = {
    settings: () => (
      <SettingsTab
        {...common}
        type={type}
        definition={definition}
        wrong={wrong}
        secrets={env.secrets}
        onSecret={env.onSecret}
        apply={draft.apply}
        onOpen={(id) => {
          draft.apply()
          onOpen(id)
        }}
        onShow={show}
        onClose={() => {
          draft.apply()
          onClose()
        }}
      />
    ),
    environment: () => <EnvEditor {...env} hasForm={node.type === 'subflow'} hint={envHint(node, more.env)} />,
    appearance: () => <Appearance {...common} />,
    notes: () => <Notes {...common} />,
  }
  return (
    <form
      ref={root}
      tabIndex={-1}
      className="panel"
      aria-label={text.config.label(label)}
      data-testid="config"
      onSubmit={(event) => {
        event.preventDefault()
        done()
      }}
      // going elsewhere counts as done: a deploy takes along what stands in the form. Lists and windows of its own fields lie elsewhere
      // in the page and belong to it all the same: React tells their focus here
      onBlur={({ currentTarget, relatedTarget }) => {
        if (relatedTarget instanceof Node && !currentTarget.contains(relatedTarget)) leaving.current = setTimeout(draft.apply)
      }}
      onFocus={() => clearTimeout(leaving.current)}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          event.stopPropagation()
          done()
        }
        if (event.key === 'Escape' && !event.defaultPrevented && !closesList(event)) {
          event.stopPropagation()
          discard()
        }
      }}
    >
      <FormHead node={node} type={type} label={label} hasBack={hasBack} onDone={done} />
      {isReadOnly && (
        <div className="config-lock" role="status">
          <span>{isLocked ? more.locked : more.readOnly}</span>
          {isLocked && mayChange && (
            <Button variant="default" size="compact-sm" onClick={() => place && change(model, place.id, { locked: false })} data-testid="config-unlock">
              {more.unlock}
            </Button>
          )}
        </div>
      )}
      <ReadOnlyContext value={isReadOnly}>
        <EditedNodeContext value={edited}>
          <FieldTargetContext value={targets}>
            <Tabs defaultValue={tabs[0] ?? 'settings'} keepMounted={false} className="config-pages">
              {tabs.length > 1 && (
                <Tabs.List className="config-tabs">
                  {tabs.map((name) => (
                    <Tabs.Tab key={name} value={name} data-testid={`config-tab-${name}`}>
                      {more.tabs[name]}
                    </Tabs.Tab>
                  ))}
                </Tabs.List>
              )}
              {tabs.map((name) => (
                <Tabs.Panel key={name} value={name} className="panel-body">
                  <fieldset className="config-fields" disabled={isReadOnly}>
                    {fields[name]()}
                  </fieldset>
                </Tabs.Panel>
              ))}
            </Tabs>
          </FieldTargetContext>
        </EditedNodeContext>
      </ReadOnlyContext>
      <footer className="panel-foot">
        {wrong.size > 0 && (
          <Button
            variant="subtle"
            size="compact-sm"
            className="config-wrong"
            onClick={() => root.current?.querySelector<HTMLElement>('[aria-invalid="true"],[data-error] input')?.focus()}
            data-testid="config-wrong"
          >
            {more.wrongCount(wrong.size)}
          </Button>
        )}
        <Button variant="default" onClick={discard} disabled={!draft.isDirty} data-testid="config-discard">
          {text.config.cancel}
        </Button>
        <Button type="submit" data-testid="config-done">
          {text.config.done}
        </Button>
      </footer>
    </form>
  )
}

/** Esc in an open list, menu or window of a field closes that one only. */
function closesList({ target, currentTarget }: KeyboardEvent<HTMLElement>): boolean {
  if (!(target instanceof Element)) return false
  return !currentTarget.contains(target) || target.getAttribute('aria-expanded') === 'true'
}

function envHint(node: FlowNode, text: ReturnType<typeof useConfigText>['env']): string {
  switch (kindOf(node)) {
    case 'group':
      return text.groupHint
    case 'subflow':
      return text.subflowHint
    case 'config':
      return text.globalHint
    default:
      return text.tabHint
  }
}
