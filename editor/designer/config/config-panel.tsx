/**
 * The settings of what is being edited. Changes are a draft until Done, until one goes elsewhere, or until they are
 * discarded; each Done is one step of the history, so undo takes it back.
 */
import { Anchor, Button, CloseButton, Switch, Textarea, TextInput } from '@mantine/core'
import { ChevronLeft, ExternalLink } from 'lucide-react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { NodeType } from '../../../server/api/flows.ts'
import { may, useMe } from '../../shared/me.ts'
import { TypeIcon } from '../canvas/icons.tsx'
import { addConfigNode, change } from '../model/commands.ts'
import { type FlowNode, kindOf, subflowOf, textOf } from '../model/raw.ts'
import { labelOf } from '../model/scene.ts'
import { useFocusOnOpen } from '../panels/use-focus.ts'
import { useDesignerText } from '../text.ts'
import { useWorkspace } from '../use-workspace.ts'
import { checkConfig, withDefaults } from './check.ts'
import { HelpText } from './help-text.tsx'
import { PlainForm } from './plain-form.tsx'
import { fieldsOf } from './schema.ts'
import { SchemaForm } from './schema-form.tsx'

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
  return <NodeForm key={node.id} node={node} hasBack={path.length > 1} onOpen={onOpen} onBack={onBack} onClose={onClose} />
}

function NodeForm({
  node,
  hasBack,
  onOpen,
  onBack,
  onClose,
}: {
  node: FlowNode
  hasBack: boolean
  onOpen: (id: string) => void
  onBack: () => void
  onClose: () => void
}) {
  const text = useDesignerText()
  const root = useFocusOnOpen<HTMLFormElement>()
  const workspace = useWorkspace('model', 'types', 'problems')
  const { model, types } = workspace
  const [draft, setDraft] = useState<Record<string, unknown>>({})
  const type = types.get(node.type)
  const kind = kindOf(node)
  const values = useMemo(() => ({ ...node, ...draft }), [node, draft])
  const isDirty = Object.keys(draft).length > 0

  const current = useRef({ draft, isDropped: false })
  current.current.draft = draft
  const apply = useCallback(() => {
    const { draft: changes } = current.current
    if (Object.keys(changes).length === 0) return
    change(model, node.id, changes)
    setDraft({})
  }, [model, node.id])
  // leaving is done, not lost: undo takes it back
  useEffect(() => {
    const state = current.current
    return () => {
      if (!state.isDropped && Object.keys(state.draft).length > 0) change(model, node.id, state.draft)
    }
  }, [model, node.id])

  const set = (changes: Record<string, unknown>) => setDraft((before) => ({ ...before, ...changes }))
  const done = () => {
    apply()
    if (hasBack) onBack()
    else onClose()
  }
  const discard = () => {
    current.current.isDropped = true
    if (hasBack) onBack()
    else onClose()
  }

  const subflow = subflowOf(node)
  const label = kind === 'tab' ? textOf(node, 'label') : labelOf(values as FlowNode, type, subflow === undefined ? undefined : model.get(subflow))
  const nameProperty = kind === 'tab' ? 'label' : 'name'
  const isNode = kind === 'node'
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
      // going elsewhere counts as done: a deploy takes along what stands in the form
      onBlur={(event) => {
        if (event.relatedTarget instanceof Node && !event.currentTarget.contains(event.relatedTarget)) apply()
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault()
          event.stopPropagation()
          done()
        }
        if (event.key === 'Escape' && !event.defaultPrevented) {
          event.stopPropagation()
          discard()
        }
      }}
    >
      <header className="panel-head">
        {hasBack ? (
          <Button variant="subtle" color="gray" size="compact-sm" px={4} onClick={done} aria-label={text.config.done}>
            <ChevronLeft size={18} aria-hidden />
          </Button>
        ) : (
          <span className="panel-icon" data-family={type?.family}>
            <TypeIcon type={node.type} family={type?.family ?? 'other'} icon={type?.icon} size={18} />
          </span>
        )}
        <div className="panel-title">
          <h2>{label}</h2>
          <span>{typeWords(node, type, text)}</span>
        </div>
        <CloseButton aria-label={text.config.close} onClick={done} />
      </header>
      <div className="panel-body form">
        {kind !== 'junction' && (
          <TextInput
            label={text.config.name}
            description={isNode ? text.config.nameHint : undefined}
            value={String(values[nameProperty] ?? '')}
            onChange={(event) => set({ [nameProperty]: event.currentTarget.value })}
            autoComplete="off"
            data-autofocus
            data-testid="field-name"
          />
        )}
        {(kind === 'node' || kind === 'config') && <Settings node={node} type={type} values={values} set={set} onOpen={onOpen} apply={apply} />}
        {kind === 'config' && <p className="form-help">{text.config.users(model.usersOf(node.id).length)}</p>}
        {isNode && (
          <Switch
            label={text.config.enabled}
            description={text.config.enabledHint}
            checked={values.d !== true}
            onChange={(event) => set({ d: event.currentTarget.checked ? undefined : true })}
            data-testid="field-enabled"
          />
        )}
        {kind === 'tab' && (
          <Switch
            label={text.config.enabled}
            checked={values.disabled !== true}
            onChange={(event) => set({ disabled: !event.currentTarget.checked })}
            data-testid="field-enabled"
          />
        )}
        {kind !== 'junction' && (
          <Textarea
            label={text.config.info}
            description={text.config.infoHint}
            autosize
            minRows={2}
            maxRows={10}
            value={String(values.info ?? '')}
            onChange={(event) => set({ info: event.currentTarget.value })}
            data-testid="field-info"
          />
        )}
        {subflow !== undefined && model.get(subflow) && (
          <Button
            variant="default"
            onClick={() => {
              onClose()
              workspace.open(subflow)
            }}
          >
            {text.config.openSubflow}
          </Button>
        )}
        {type?.helpHtml && (
          <details className="panel-help">
            <summary>{text.config.help}</summary>
            <HelpText html={type.helpHtml} />
          </details>
        )}
      </div>
      <footer className="panel-foot">
        <Button variant="default" onClick={discard} disabled={!isDirty} data-testid="config-discard">
          {text.config.cancel}
        </Button>
        <Button type="submit" data-testid="config-done">
          {text.config.done}
        </Button>
      </footer>
    </form>
  )
}

function typeWords(node: FlowNode, type: NodeType | undefined, text: ReturnType<typeof useDesignerText>): string {
  switch (kindOf(node)) {
    case 'tab':
      return text.config.tabSettings
    case 'group':
      return text.config.group
    case 'subflow':
      return text.tabs.subflow
    default:
      return type && type.label !== node.type ? `${type.label} · ${node.type}` : node.type
  }
}

function Settings({
  node,
  type,
  values,
  set,
  onOpen,
  apply,
}: {
  node: FlowNode
  type: NodeType | undefined
  values: Record<string, unknown>
  set: (changes: Record<string, unknown>) => void
  onOpen: (id: string) => void
  apply: () => void
}) {
  const text = useDesignerText()
  const { model, types, problems } = useWorkspace('problems')
  const fields = useMemo(() => fieldsOf(type?.configSchema), [type])
  const wrong = useMemo(() => {
    const found = new Map(type?.configSchema ? checkConfig(type, values, text.wrong).map(({ path, message }) => [path, message]) : [])
    // what only the server or the whole of the flows can tell, as long as the field was not touched
    for (const problem of problems.get(node.id) ?? []) {
      if (problem.property && !found.has(problem.property) && values[problem.property] === node[problem.property]) found.set(problem.property, problem.message)
    }
    return found
  }, [type, values, text, problems, node])

  if (type?.configSchema) {
    return (
      <SchemaForm
        fields={fields}
        values={withDefaults(fields, values)}
        wrong={wrong}
        onChange={set}
        onNewConfig={(configType, use) => {
          const of = types.get(configType)
          if (!of) return
          const id = addConfigNode(model, of, {})
          use(id)
          // the new reference is kept before the form gives way to the config node's
          change(model, node.id, { [fields.find((field) => field.widget === 'config-node' && field.configType === configType)?.key ?? '']: id }, id)
          apply()
          onOpen(id)
        }}
        onEditConfig={(id) => {
          apply()
          onOpen(id)
        }}
      />
    )
  }
  return (
    <>
      {type ? <StockEditor node={node} /> : subflowOf(node) === undefined && <p className="form-note">{text.config.unknown}</p>}
      <PlainForm defaults={type?.defaults ?? {}} references={type?.references ?? {}} values={values} onChange={set} />
    </>
  )
}

/** An honest first cut: the stock editor's own dialog in its own page, which shows what is deployed. */
function StockEditor({ node }: { node: FlowNode }) {
  const text = useDesignerText()
  const { model } = useWorkspace('model')
  const { me } = useMe()
  if (!may(me, 'flows.code')) return <p className="form-help">{text.config.plainHint}</p>
  const isDeployed = model.deployed().has(node.id) && !model.isDirty
  return (
    <div className="form-note">
      <span>{isDeployed ? text.config.stockHint : text.config.stockDirty}</span>
      {isDeployed && (
        <Anchor href={`/red/#node/${node.id}/edit`} target="_blank" rel="noopener" data-testid="stock-editor">
          {text.config.stock} <ExternalLink size={14} aria-hidden />
        </Anchor>
      )}
    </div>
  )
}
