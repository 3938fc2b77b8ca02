/** A subflow's ports, its instances, and what a module made of it would say of itself. */
import './object.css'
import { ActionIcon, Button, Switch, TextInput } from '@mantine/core'
import { Minus, Plus } from 'lucide-react'
import type { FlowNode } from '../../model/raw.ts'
import { subflowOf, subflowPorts, textOf } from '../../model/raw.ts'
import { labelOf, partId } from '../../model/scene.ts'
import { addSubflowPort, instancesOf, removeSubflowPorts } from '../../model/subflows.ts'
import { useWorkspace } from '../../use-workspace.ts'
import { useConfigText } from '../text.ts'

const META = ['module', 'type', 'version', 'author', 'license', 'keywords', 'desc'] as const

export function SubflowForm({
  node,
  values,
  onChange,
  onShow,
}: {
  node: FlowNode
  values: Readonly<Record<string, unknown>>
  onChange: (changes: Record<string, unknown>) => void
  onShow: (id: string) => void
}) {
  const text = useConfigText().subflow
  const { model } = useWorkspace('model')
  const inputs = subflowPorts(node, 'in').length
  const outputs = subflowPorts(node, 'out').length
  const hasStatus = subflowPorts(node, 'status').length > 0
  const instances = instancesOf(model, node.id)
  const meta = (typeof values.meta === 'object' && values.meta !== null ? values.meta : {}) as Record<string, unknown>
  const toggle = (side: 'in' | 'status', isOn: boolean) => (isOn ? addSubflowPort(model, node.id, side) : removeSubflowPorts(model, [partId(node.id, side, 0)]))
  return (
    <>
      <Switch label={text.input} checked={inputs > 0} onChange={(event) => toggle('in', event.currentTarget.checked)} data-testid="field-subflow-input" />
      <div>
        <div className="form-line">
          <span className="form-label" id="subflow-outputs">
            {text.outputs}
          </span>
          <fieldset className="form-step" aria-labelledby="subflow-outputs">
            <ActionIcon
              variant="default"
              disabled={outputs === 0}
              onClick={() => removeSubflowPorts(model, [partId(node.id, 'out', outputs - 1)])}
              aria-label={`${text.outputs} −`}
              data-testid="field-outputs-less"
            >
              <Minus size={14} aria-hidden />
            </ActionIcon>
            <output className="cw-numbers" data-testid="field-outputs">
              {outputs}
            </output>
            <ActionIcon
              variant="default"
              onClick={() => addSubflowPort(model, node.id, 'out')}
              aria-label={`${text.outputs} +`}
              data-testid="field-outputs-more"
            >
              <Plus size={14} aria-hidden />
            </ActionIcon>
          </fieldset>
        </div>
        <p className="form-help">{text.outputsHint}</p>
      </div>
      <Switch
        label={text.status}
        description={text.statusHint}
        checked={hasStatus}
        onChange={(event) => toggle('status', event.currentTarget.checked)}
        data-testid="field-subflow-status"
      />
      <UserList title={text.instances(instances.length)} nodes={instances} onShow={onShow} />
      <details className="panel-help">
        <summary>{text.module}</summary>
        <div className="form form-inner">
          <p className="form-help">{text.moduleHint}</p>
          {META.map((key) => (
            <TextInput
              key={key}
              label={text.meta[key]}
              value={textOf(meta as FlowNode, key)}
              onChange={(event) => {
                const next = event.currentTarget.value
                const { [key]: _old, ...rest } = meta
                onChange({ meta: next === '' ? rest : { ...rest, [key]: next } })
              }}
            />
          ))}
        </div>
      </details>
    </>
  )
}

const MOST_SHOWN = 50

/** Nodes that can be gone to: the instances of a subflow, the users of shared settings. */
export function UserList({ title, nodes, onShow }: { title: string; nodes: readonly FlowNode[]; onShow: (id: string) => void }) {
  const { model, types } = useWorkspace('model', 'types')
  if (nodes.length === 0) return <p className="form-help">{title}</p>
  return (
    <details className="user-list" open={nodes.length <= 5}>
      <summary>{title}</summary>
      <ul>
        {nodes.slice(0, MOST_SHOWN).map((user) => {
          const place = typeof user.z === 'string' ? model.get(user.z) : undefined
          return (
            <li key={user.id}>
              <Button variant="subtle" color="gray" size="compact-sm" onClick={() => onShow(user.id)} data-testid={`user-${user.id}`}>
                {textOf(user, 'label') || labelOf(user, types.get(user.type), model.get(subflowOf(user) ?? ''))}
              </Button>
              {place && <span>{textOf(place, 'label') || textOf(place, 'name')}</span>}
            </li>
          )
        })}
      </ul>
    </details>
  )
}
